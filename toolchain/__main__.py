"""Command line: `python -m toolchain install|status|clean`."""

import argparse
import signal
import sys

from toolchain import housekeeping, layout
from toolchain.errors import ToolchainError
from toolchain.install import SOURCE_VARIABLE, SOURCES, install


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return the exit code of the process."""
    parsed = _parser().parse_args(arguments)
    # A stopped job ends like an interrupted one: the compiler too, and nothing is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        cache = layout.cache()
        environment = layout.virtual_environment()
        if parsed.command == "install":
            print(f"pulumi is {install(cache, environment)}")
        elif parsed.command == "status":
            print("\n".join(housekeeping.status(cache, environment)))
        else:
            freed = housekeeping.clean(cache, environment, only_go_caches=parsed.go_caches)
            print(f"Removed {freed / housekeeping.BYTES_PER_MB:.0f} MB")
    except ToolchainError as error:
        print(f"toolchain: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ntoolchain: interrupted; nothing is half-installed, a next install goes on", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m toolchain", description="This project's pulumi command.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "install",
        help="make pulumi ready in the virtual environment",
        description=f"Takes pulumi from PATH, else the official release, else builds it. {SOURCE_VARIABLE} "
        f"({', '.join(SOURCES)}) forces one of the three.",
    )
    commands.add_parser("status", help="tell what is in use, and the size of the cache")
    clean = commands.add_parser("clean", help="remove the command and the cache")
    clean.add_argument("--go-caches", action="store_true", help="remove only what speeds up a next build")
    return parser


if __name__ == "__main__":
    sys.exit(main())
