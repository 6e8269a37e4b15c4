"""The hash that names a build: equal inputs, equal hash."""

import hashlib
import platform
import sys
from pathlib import Path

from toolchain.layout import PACKAGE

SOURCES = ("engine", "provider", "ossgateway", "hosts")
SUFFIXES = ("", ".mod", ".sum", ".go", ".py")
BUILD_RECIPES = ("pins.py", "build.py", "compile.py")


def of_sources(package: Path = PACKAGE) -> str:
    """Hash everything that decides what a build contains, and the platform that it is for."""
    return _of(package, [*_files(package), *(package / name for name in BUILD_RECIPES)])


def of_module(module: Path) -> str:
    """Hash the pins of a program that is built from one published module, and the platform."""
    return _of(module, [module / "go.mod", module / "go.sum"])


def _of(package: Path, files: list[Path]) -> str:
    digest = hashlib.sha256(f"{sys.platform}-{platform.machine()}".encode())
    for file in files:
        content = file.read_bytes()
        digest.update(f"\0{file.relative_to(package).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _files(package: Path) -> list[Path]:
    return sorted(
        file
        for source in SOURCES
        for file in (package / source).rglob("*")
        if file.is_file() and file.suffix in SUFFIXES and not file.name.endswith("_test.go")
    )
