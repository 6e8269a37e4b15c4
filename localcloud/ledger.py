"""The record of what a cloud has made on this machine, written before it is made.

It lets a later command find what a killed run left, and tells it from what others made: only what is
recorded is ever removed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

Kind = Literal["namespace", "cgroup", "mount"]


class Ledger:
    """A small file of things by kind, replaced as a whole with each change.

    Args:
        path: The file; missing means empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def entries(self, kind: Kind) -> list[str]:
        """Returns what is recorded of a kind, oldest first."""
        return self._read().get(kind, [])

    def add(self, kind: Kind, name: str) -> None:
        """Records a thing that is about to be made."""
        content = self._read()
        names = content.setdefault(kind, [])
        if name not in names:
            names.append(name)
            self._write(content)

    def remove(self, kind: Kind, name: str) -> None:
        """Forgets a thing that is gone."""
        content = self._read()
        if name in content.get(kind, []):
            content[kind].remove(name)
            self._write(content)

    def _read(self) -> dict[str, list[str]]:
        try:
            loaded: dict[str, list[str]] = json.loads(self._path.read_text())
        except FileNotFoundError:
            return {}
        return loaded

    def _write(self, content: dict[str, list[str]]) -> None:
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(content, indent=1))
        part.replace(self._path)
