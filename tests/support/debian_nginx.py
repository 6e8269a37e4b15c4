"""Debian 13's nginx, the one that the proxy runs, in the user's cache.

``python -m tests.support.debian_nginx`` fetches it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from localcloud.errors import LocalcloudError
from tests.support.debian_13 import cache_dir, unpack

PACKAGES = ("nginx", "libc6", "libssl3t64", "libpcre2-8-0", "zlib1g", "libcrypt1", "libzstd1")


def unpacked() -> Path:
    """The command that starts it, which need not be there."""
    return cache_dir() / "debian-13" / "nginx"


def ensure() -> Path:
    """Fetches and unpacks it unless that was done before.

    Raises:
        LocalcloudError: The host's apt names no Debian archive.
        subprocess.CalledProcessError: A package cannot be had.
    """
    command = unpacked()
    if not command.exists():
        unpack(command.parent, PACKAGES, {"nginx": "usr/sbin/nginx"})
    return command


def main() -> int:
    """Says why it cannot be had, which is no failure: the tests skip what needs it."""
    try:
        print(f"Debian 13's nginx is at {ensure()}")
    except (LocalcloudError, OSError, StopIteration, subprocess.CalledProcessError) as error:
        print(f"Debian 13's nginx cannot be had, its tests will be skipped: {error}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
