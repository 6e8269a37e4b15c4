"""Debian 13's nginx, the release that the proxy runs, unpacked beside whatever this machine has.

``python -m tests.support.debian_nginx`` fetches it and the libraries that it needs with the host's own apt,
from the host's own Debian archive, into the user's cache. Nothing is installed and no root is needed: the
program is started with the unpacked loader and libraries.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from localcloud.errors import LocalcloudError
from localcloud.instances.archive import find_archive

SUITE = "trixie"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
PACKAGES = ("nginx", "libc6", "libssl3t64", "libpcre2-8-0", "zlib1g", "libcrypt1", "libzstd1")


def cache_dir() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "oss-proxy"


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
    if command.exists():
        return command
    command.parent.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=command.parent.parent) as scratch:
        root = Path(scratch) / "root"
        root.mkdir()
        _unpack(Path(scratch) / "apt", root)
        libraries = next(root.glob("usr/lib/*-linux-gnu*"))
        (loader,) = root.glob("usr/lib*/ld-linux-*")
        inside = [command.parent / path.relative_to(root) for path in (loader, libraries)]
        (root / "nginx").write_text(
            f'#!/bin/sh\nexec "{inside[0]}" --library-path "{inside[1]}" '
            f'"{command.parent}/usr/sbin/nginx" "$@"\n'
        )
        (root / "nginx").chmod(0o755)
        shutil.rmtree(command.parent, ignore_errors=True)
        root.rename(command.parent)
    return command


def _unpack(apt: Path, root: Path) -> None:
    for name in ("lists/partial", "archives/partial"):
        (apt / name).mkdir(parents=True)
    archive = find_archive()
    sources = [f"deb [signed-by={KEYRING}] {archive.main} {SUITE} main"]
    if archive.security:
        sources.append(f"deb [signed-by={KEYRING}] {archive.security} {SUITE}-security main")
    (apt / "sources.list").write_text("\n".join(sources) + "\n")
    (apt / "status").write_text("")
    (apt / "apt.conf").write_text(
        f'Dir::State "{apt}";\nDir::State::Lists "{apt}/lists";\nDir::State::status "{apt}/status";\n'
        f'Dir::Cache "{apt}";\nDir::Etc::sourcelist "{apt}/sources.list";\nDir::Etc::sourceparts "-";\n'
        'APT::Sandbox::User "root";\nAcquire::Languages "none";\n'
    )
    environment = {**os.environ, "APT_CONFIG": str(apt / "apt.conf")}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
    subprocess.run(
        ["apt-get", "download", "-qq", *PACKAGES], check=True, env=environment, cwd=apt / "archives"
    )
    for package in (apt / "archives").glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, root], check=True)


def main() -> int:
    """Says why it cannot be had, which is no failure: the tests skip what needs it."""
    try:
        print(f"Debian 13's nginx is at {ensure()}")
    except (LocalcloudError, OSError, StopIteration, subprocess.CalledProcessError) as error:
        print(f"Debian 13's nginx cannot be had, its tests will be skipped: {error}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
