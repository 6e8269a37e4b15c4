"""Makes `pulumi` ready, from the first source that can give it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toolchain import build, command, installed, release
from toolchain.errors import ToolchainError, UnavailableError
from toolchain.layout import Cache

SOURCE_VARIABLE = "TOOLCHAIN_SOURCE"
SOURCES = ("path", "download", "build")
HELP_PATH = "Install Pulumi, or unset the variable."
HELP_DOWNLOAD = "Check the network or the proxy, or unset the variable."


def install(cache: Cache, environment: Path) -> str:
    """Write the `pulumi` command of a virtual environment.

    Returns:
        A sentence that tells what the command starts.

    Raises:
        ToolchainError: No source can give it, or the one that was asked for cannot.
    """
    wanted = requested_source(os.environ.get(SOURCE_VARIABLE, ""))
    if wanted in ("", "path"):
        try:
            pulumi = installed.find(command.location(environment))
        except UnavailableError as reason:
            if wanted:
                raise ToolchainError(f"{SOURCE_VARIABLE}=path, but {reason}. {HELP_PATH}") from reason
        else:
            command.write_for_installed(environment, pulumi)
            return f"{pulumi} (found on PATH)"
    with lock(cache):
        return _from_cache(cache, environment, wanted) or _from_network(cache, environment, wanted)


def requested_source(value: str) -> str:
    """Check the value of the variable that forces a source.

    Raises:
        ToolchainError: It names none.
    """
    if value and value not in SOURCES:
        raise ToolchainError(
            f"{SOURCE_VARIABLE}={value!r} names no source. Set it to {' or '.join(SOURCES)}, or unset it."
        )
    return value


def _from_cache(cache: Cache, environment: Path, wanted: str) -> str:
    if wanted != "build" and (pulumi := release.find(cache)):
        command.write_for_installed(environment, pulumi)
        return f"{pulumi} (official release)"
    if wanted != "download" and (built := build.find(cache)):
        command.write_for_build(environment, built)
        return f"{built.command} (built from Go modules)"
    return ""


def _from_network(cache: Cache, environment: Path, wanted: str) -> str:
    cache.drop_unfinished()
    if wanted != "build":
        try:
            pulumi = release.download(cache)
        except UnavailableError as reason:
            if wanted:
                raise ToolchainError(f"{SOURCE_VARIABLE}=download, but {reason}. {HELP_DOWNLOAD}") from reason
            print(f"Not using the official release: {reason}", flush=True)
        else:
            command.write_for_installed(environment, pulumi)
            return f"{pulumi} (official release)"
    built = build.make(cache)
    command.write_for_build(environment, built)
    return f"{built.command} (built from Go modules)"


@contextmanager
def lock(cache: Cache) -> Iterator[None]:
    """Let one install at a time work in the cache, which is there afterwards.

    The kernel drops the lock when its process ends, however it ends.
    """
    cache.root.mkdir(parents=True, exist_ok=True)
    with (cache.root / "lock").open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Another install works in {cache.root}: waiting for it", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
