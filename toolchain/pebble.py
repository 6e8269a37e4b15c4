"""Pebble, the small ACME server of Let's Encrypt, built from its Go module when somebody first starts it.

Only tests of certificates need it, so `install` leaves it alone. The command `pebble` of the virtual
environment is `main`: it builds what is missing and becomes the server. Everything is pinned, with
checksums, by `acme/go.mod` and `acme/go.sum`.
"""

import contextlib
import os
import re
import sys
import tempfile
from pathlib import Path

from toolchain import compile as compiler
from toolchain import fingerprint, golang, layout
from toolchain.errors import ToolchainError
from toolchain.install import lock
from toolchain.layout import PACKAGE, UNFINISHED, Cache

SOURCE = PACKAGE / "acme"
MODULE = "github.com/letsencrypt/pebble/v2"
ESTIMATE = "a minute on 2 cores; later runs take none"


def main() -> int:
    """Becomes Pebble with the arguments of this process; returns only when it cannot be had."""
    try:
        # What it prints is the server's alone.
        with contextlib.redirect_stdout(sys.stderr):
            command = find_or_make(layout.cache())
    except ToolchainError as error:
        print(f"pebble: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    os.execv(command, ["pebble", *sys.argv[1:]])  # noqa: S606 - it takes this process's place


def version() -> str:
    """Returns the version that go.mod pins, for example ``2.10.1``.

    Raises:
        ToolchainError: It pins none.
    """
    found = re.search(rf"{re.escape(MODULE)} v(\S+)", (SOURCE / "go.mod").read_text(encoding="utf-8"))
    if found is None:
        raise ToolchainError(f"{SOURCE / 'go.mod'} does not name {MODULE}")
    return found[1]


def find_or_make(cache: Cache) -> Path:
    """Returns the finished executable of the present sources; builds it when there is none.

    Raises:
        ToolchainError: Go is missing and cannot be installed, or it does not compile.
    """
    final = cache.builds / f"pebble-{fingerprint.of_module(SOURCE)}"
    command = final / "pebble"
    if command.exists():
        return command
    with lock(cache):
        if command.exists():
            return command
        print(f"Building Pebble {version()}, the ACME server: {ESTIMATE}", flush=True)
        go = golang.find_or_install(cache)
        cache.builds.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=cache.builds) as temporary:
            folder = Path(temporary) / "build"
            folder.mkdir()
            program = compiler.Program(
                title=f"Pebble {version()}",
                module=SOURCE,
                package=f"{MODULE}/cmd/pebble",
                output=folder / "pebble",
                linker_flags=f"-X main.version={version()}",
                package_count=210,
            )
            compiler.build(program, go, golang.environment(cache), cache.logs / "pebble.log")
            folder.rename(final)
    return command
