"""Where files are: the project, its virtual environment and the cache."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from toolchain.errors import ToolchainError

PACKAGE = Path(__file__).resolve().parent
PROJECT = PACKAGE.parent
CACHE_NAME = "oss-proxy-toolchain"
UNFINISHED = ".unfinished-"
"""Prefix of the folders that installs work in."""


@dataclass(frozen=True)
class Cache:
    """The cache directory, shared by all checkouts of a user."""

    root: Path

    @property
    def releases(self) -> Path:
        """Unpacked official releases, one folder for each version."""
        return self.root / "releases"

    @property
    def builds(self) -> Path:
        """Finished builds, one folder for each hash of their inputs."""
        return self.root / "builds"

    @property
    def go(self) -> Path:
        """Go's module and compile caches, and its compiler where the machine has none."""
        return self.root / "go"

    def drop_unfinished(self) -> None:
        """Remove what killed installs have left. Only the holder of the install lock may do this."""
        for leftover in self.root.glob(f"*/{UNFINISHED}*"):
            shutil.rmtree(leftover)

    @property
    def logs(self) -> Path:
        """Compiler output of the last builds."""
        return self.root / "logs"


def cache() -> Cache:
    """Return the user's cache, as the XDG base directories say."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Cache(Path(base).expanduser() / CACHE_NAME)


def virtual_environment() -> Path:
    """Return the running virtual environment, or else the project's.

    Raises:
        ToolchainError: There is neither.
    """
    if sys.prefix != sys.base_prefix:
        return Path(sys.prefix)
    environment = PROJECT / ".venv"
    if not (environment / "bin" / "python").exists():
        raise ToolchainError(
            f"no virtual environment at {environment}, so `pulumi` has no place to go. Run `uv sync` first."
        )
    return environment
