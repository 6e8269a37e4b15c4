"""The clients, built and unpacked into the user's cache: ``python -m tests.clients.tools`` does it all.

What a kit's build files name comes from the package registries by the languages' own tools, once for each
content of these files; after that the tests need no registry.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from infra.access.kit import kit
from tests.support.debian_13 import cache_dir, unpack
from tests.unit.access.kits import PLAIN
from toolchain import golang
from toolchain.layout import cache as toolchain_cache

# The newest that is to be had as a Go module; ossutil 2 is published as a program only.
OSSUTIL = "v1.7.19"
OSSUTIL_GO_MOD = f"module ossutil-build\n\ngo 1.24\n\nrequire github.com/aliyun/ossutil {OSSUTIL}\n"

# With every library that Debian 13's php needs, for nothing is resolved.
PHP_PACKAGES = (
    *("php8.4-cli", "libargon2-1", "libbsd0", "libc6", "libedit2", "libicu76", "liblzma5", "libmd0"),
    *("libpcre2-8-0", "libsodium23", "libssl3t64", "libstdc++6", "libgcc-s1", "libtinfo6", "libxml2"),
    *("libzstd1", "zlib1g"),
)
# What the C program's SDK stands on, as headers.
C_PACKAGES = ("libapr1-dev", "libaprutil1-dev", "libcurl4-openssl-dev", "libmxml-dev", "libc6")

_FOLDER = "clients"


def folder() -> Path:
    """Where they are."""
    return cache_dir() / _FOLDER


def ossutil() -> Path:
    """Returns ossutil, built from its Go module."""

    def make(target: Path) -> None:
        (target / "go.mod").write_text(OSSUTIL_GO_MOD)
        (target / "bin").mkdir()
        command = ["build", "-trimpath", "-o", "bin/ossutil", "github.com/aliyun/ossutil"]
        _go(command, target, GOFLAGS="-mod=mod -buildvcs=false")

    return _made(f"ossutil-{OSSUTIL}", "ossutil from its Go module (two minutes)", make) / "bin" / "ossutil"


def go_program(source: Path) -> Path:
    """Builds a rendered Go program; returns it."""

    def make(target: Path) -> None:
        shutil.copytree(source, target / "source")
        _go(["build", "-trimpath", "-o", "../read", "."], target / "source")

    return _made(f"go-{_digest(source)}", "the Go program", make) / "read"


def java_classes(source: Path) -> Path:
    """Builds a rendered Java program; returns the folder of ``classes`` and ``lib``."""

    def make(target: Path) -> None:
        shutil.copytree(source, target / "source")
        repository = f"-Dmaven.repo.local={folder() / 'maven'}"
        _run(["mvn", "-q", "-B", repository, "compile"], target / "source")

    return _made(f"java-{_digest(source)}", "the Java program and its libraries", make) / "source" / "target"


def node_modules(source: Path) -> Path:
    """Installs what a rendered Node.js program needs; returns the folder."""

    def make(target: Path) -> None:
        shutil.copy(source / "package.json", target)
        _run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"], target)

    name = hashlib.sha256((source / "package.json").read_bytes()).hexdigest()[:16]
    return _made(f"node-{name}", "the Node.js program's libraries", make) / "node_modules"


def php() -> Path:
    """Returns Debian 13's php, unpacked."""
    command = folder() / "php" / "php"
    if not command.exists():
        print("clients: unpacking Debian's php", flush=True)
        unpack(command.parent, PHP_PACKAGES, {"php": "usr/bin/php8.4"})
    return command


def c_headers() -> Path:
    """Returns the folder of the C libraries' headers, Debian's own, unpacked."""
    root = folder() / "c"
    if not (root / "usr" / "include" / "mxml.h").exists():
        print("clients: unpacking the headers of Debian's C libraries", flush=True)
        unpack(root, C_PACKAGES, {})
    return root / "usr" / "include"


def _made(name: str, told: str, make: Callable[[Path], None]) -> Path:
    """Returns a folder of the cache, which is made once and whole or not at all."""
    target = folder() / name
    if not target.exists():
        print(f"clients: making {told}", flush=True)
        folder().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder()) as scratch:
            unfinished = Path(scratch) / name
            unfinished.mkdir()
            make(unfinished)
            try:
                unfinished.rename(target)
            except OSError:
                # Another run of the tests was quicker.
                if not target.exists():
                    raise
    return target


def _digest(source: Path) -> str:
    sums = hashlib.sha256()
    for path in sorted(source.rglob("*")):
        if path.is_file():
            sums.update(f"{path.relative_to(source)}\0".encode() + path.read_bytes() + b"\0")
    return sums.hexdigest()[:16]


def _go(words: list[str], where: Path, **environment: str) -> None:
    cache = toolchain_cache()
    go = golang.find_or_install(cache)
    _run([str(go), *words], where, golang.environment(cache) | environment)


def _run(words: list[str], where: Path, environment: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(
        words,
        cwd=where,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")


def write_kit(target: Path, files: Mapping[str, str]) -> Path:
    """Writes a kit's files, as ``make access`` does; returns the folder."""
    for name, text in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if text.startswith("#!") else 0o644)
    return target


def main() -> int:
    """Fills the cache."""
    with tempfile.TemporaryDirectory() as scratch:
        source = write_kit(Path(scratch), kit(PLAIN))
        ossutil()
        java_classes(source / "java")
        go_program(source / "go")
        node_modules(source / "nodejs")
    php()
    c_headers()
    return 0


if __name__ == "__main__":
    sys.exit(main())
