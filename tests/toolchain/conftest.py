from __future__ import annotations

import sys
from pathlib import Path

import pytest

from toolchain import build, layout
from toolchain.layout import Cache


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    folder = tmp_path / "venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    return folder


@pytest.fixture
def finished_build() -> build.Build:
    """The build of the present sources in the user's cache."""
    found = build.find(layout.cache())
    if found is None:
        pytest.skip(
            "nothing is built from these sources: run TOOLCHAIN_SOURCE=build python -m toolchain install"
        )
    return found
