"""Programs of Debian 13, the release that the proxy runs, unpacked beside whatever this machine has.

They and the libraries that they need come with the host's own apt, from the host's own Debian archive, into
the user's cache. Nothing is installed and no root is needed: a program is started with the unpacked loader
and libraries.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from localcloud.instances.archive import find_archive

SUITE = "trixie"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def cache_dir() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "oss-proxy"


def unpack(folder: Path, packages: Sequence[str], programs: Mapping[str, str]) -> None:
    """Fetches packages and puts a command for each program into the folder, which is replaced.

    Args:
        folder: Where it all goes.
        packages: With every library, for nothing is resolved.
        programs: Paths inside the packages by the name of the command.

    Raises:
        LocalcloudError: The host's apt names no Debian archive.
        subprocess.CalledProcessError: A package cannot be had.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        root = Path(scratch) / "root"
        root.mkdir()
        _fetch(Path(scratch) / "apt", root, packages)
        libraries = next(root.glob("usr/lib/*-linux-gnu*"))
        (loader,) = root.glob("usr/lib*/ld-linux-*")
        inside = [folder / path.relative_to(root) for path in (loader, libraries)]
        for name, program in programs.items():
            (root / name).write_text(
                f'#!/bin/sh\nexec "{inside[0]}" --library-path "{inside[1]}" "{folder}/{program}" "$@"\n'
            )
            (root / name).chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        root.rename(folder)


def _fetch(apt: Path, root: Path, packages: Sequence[str]) -> None:
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
        ["apt-get", "download", "-qq", *packages], check=True, env=environment, cwd=apt / "archives"
    )
    for package in (apt / "archives").glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, root], check=True)
