"""The `pulumi` command for this project, also where Pulumi's downloads cannot be reached.

`python -m toolchain install` ends with a `pulumi` command in the project's virtual environment. It takes an
installed Pulumi, else the official release, else it builds the same programs from Go modules. Only the
standard library is used here: the package runs before anything is installed. `hosts/` alone is different, it
runs inside the environment.
"""
