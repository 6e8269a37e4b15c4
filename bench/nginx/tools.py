"""What is measured with and compared to: wrk, openssl, HAProxy and Caddy, as Debian 13 has them."""

from __future__ import annotations

from pathlib import Path

from tests.support.debian_13 import cache_dir, unpack

# With every library: nothing is resolved.
PACKAGES = (
    "wrk",
    "libluajit-5.1-2",
    "haproxy",
    "libjemalloc2",
    "liblua5.4-0",
    "libopentracing-c-wrapper0t64",
    "libopentracing1",
    "libpcre2-8-0",
    "libcrypt1",
    "caddy",
    "openssl",
    "libc6",
    "libgcc-s1",
    "libssl3t64",
    "libstdc++6",
    "libzstd1",
    "zlib1g",
)
PROGRAMS = {
    "wrk": "usr/bin/wrk",
    "openssl": "usr/bin/openssl",
    "haproxy": "usr/sbin/haproxy",
    "caddy": "usr/bin/caddy",
}


def tool(name: str) -> str:
    """Returns the command of one of them, and fetches all on the first call.

    Raises:
        LocalcloudError: The host's apt names no Debian archive.
        subprocess.CalledProcessError: A package cannot be had.
    """
    folder: Path = cache_dir() / "debian-13-bench"
    if not (folder / name).exists():
        unpack(folder, PACKAGES, PROGRAMS)
    return str(folder / name)
