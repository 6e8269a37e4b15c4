"""Texts that are compared byte by byte. ``UPDATE_GOLDEN=1 pytest tests/unit`` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

GOLDEN = Path(__file__).with_name("golden")


def expected(name: str, actual: str) -> str:
    """Returns the stored text, after storing `actual` when asked to by the environment."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(actual, encoding="utf-8")
    return path.read_text(encoding="utf-8")
