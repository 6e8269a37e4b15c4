"""What is there, how large it is, and how to be rid of it."""

import os
import shutil
from pathlib import Path

from toolchain import build, command, fingerprint, installed
from toolchain.errors import UnavailableError
from toolchain.layout import Cache
from toolchain.pins import PROVIDER_VERSION

BYTES_PER_MB = 1_000_000


def status(cache: Cache, environment: Path) -> list[str]:
    """Describe the command in use and the cache, one fact a line."""
    sizes = {"releases": cache.releases, "builds": cache.builds, "Go caches": cache.go}
    return [
        f"command   {command.location(environment)}",
        *_command_lines(cache, environment),
        f"cache     {cache.root}",
        *(f"  {title:<10} {size_of(folder) / BYTES_PER_MB:8.0f} MB" for title, folder in sizes.items()),
    ]


def _command_lines(cache: Cache, environment: Path) -> list[str]:
    pulumi = command.target(environment)
    if pulumi is None:
        return ["starts    nothing yet: run `python -m toolchain install`"]
    lines = [f"starts    {pulumi}"]
    try:
        lines.append(f"version   {installed.dotted(installed.version_of(pulumi))}")
    except UnavailableError as reason:
        return [*lines, f"broken    {reason}: run `python -m toolchain install`"]
    if pulumi.is_relative_to(cache.builds):
        lines.append(f"provider  alicloud {PROVIDER_VERSION}, with the resources of provider/resources.go")
        if build.Build(cache.builds / fingerprint.of_sources()).command != pulumi:
            lines.append("stale     the sources have changed since: run `python -m toolchain install`")
    return lines


def clean(cache: Cache, environment: Path, *, only_go_caches: bool) -> int:
    """Remove the Go caches, or all that this package has made.

    Returns:
        How many bytes were freed.
    """
    folder = cache.go if only_go_caches else cache.root
    freed = size_of(folder)
    if not only_go_caches:
        command.remove(environment)
    _remove(folder)
    return freed


def size_of(folder: Path) -> int:
    """Add up the sizes of the files below a folder."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir())


def _remove(folder: Path) -> None:
    if not folder.exists():
        return
    for parent, _, _ in os.walk(folder):
        # Go makes the folders of its module cache read-only.
        Path(parent).chmod(0o755)
    shutil.rmtree(folder)
