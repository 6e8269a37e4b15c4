"""The `pulumi` command in the virtual environment."""

import shlex
import shutil
from pathlib import Path

from toolchain.build import Build
from toolchain.pins import PROVIDER_VERSION

HEADER = "#!/bin/sh\n# Written by `python -m toolchain install`, which also replaces it.\n"


def location(environment: Path) -> Path:
    """Return where the command is."""
    return environment / "bin" / "pulumi"


def target(environment: Path) -> Path | None:
    """Return the executable that the command starts, or None where there is no command of ours."""
    command = location(environment)
    if not command.exists() or not command.read_text(encoding="utf-8", errors="replace").startswith(HEADER):
        return None
    last_line = command.read_text(encoding="utf-8").splitlines()[-1]
    return Path(shlex.split(last_line)[1])


def write_for_installed(environment: Path, pulumi: Path) -> None:
    """Write a command that starts a complete Pulumi installation."""
    _write(environment, _exec_line(pulumi))


def write_for_build(environment: Path, build: Build) -> None:
    """Write a command that starts a build, and let it find the provider.

    A provider on PATH would do, but the engine warns of it on each run. So the environment has a plugin
    folder of its own, and what a user is logged in to stays where it was.
    """
    home = environment / "share" / "pulumi"
    plugin = home / "plugins" / f"resource-alicloud-v{PROVIDER_VERSION}"
    plugin.mkdir(parents=True, exist_ok=True)
    for file in build.provider.iterdir():
        _link(plugin / file.name, file)
    _write(
        environment,
        f"export TOOLCHAIN_PYTHON={shlex.quote(str(environment / 'bin' / 'python'))}\n"
        'export PULUMI_CREDENTIALS_PATH="${PULUMI_CREDENTIALS_PATH:-${PULUMI_HOME:-${HOME:-}/.pulumi}}"\n'
        f"export PULUMI_HOME={shlex.quote(str(home))}\n"
        "# Where Pulumi is built, its downloads cannot be reached: asking for them would only wait.\n"
        'export PULUMI_SKIP_UPDATE_CHECK="${PULUMI_SKIP_UPDATE_CHECK-true}"\n'
        "export PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION="
        '"${PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION-true}"\n' + _exec_line(build.command),
    )


def remove(environment: Path) -> None:
    """Remove the command and its plugin folder, if they are ours."""
    if target(environment) is not None:
        location(environment).unlink()
    shutil.rmtree(environment / "share" / "pulumi", ignore_errors=True)


def _exec_line(pulumi: Path) -> str:
    return f'exec {shlex.quote(str(pulumi))} "$@"\n'


def _write(environment: Path, body: str) -> None:
    command = location(environment)
    text = HEADER + body
    if command.exists() and command.read_text(encoding="utf-8", errors="replace") == text:
        return
    beside = command.with_name(".pulumi.unfinished")
    beside.write_text(text, encoding="utf-8")
    beside.chmod(0o755)
    beside.replace(command)


def _link(link: Path, file: Path) -> None:
    if link.is_symlink() and link.readlink() == file:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(file)
