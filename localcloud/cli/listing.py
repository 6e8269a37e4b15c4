"""How a command shows a list."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any


def listing(rows: Sequence[dict[str, Any]], line: Callable[[dict[str, Any]], str], *, as_json: bool) -> str:
    """Returns rows as JSON for programs, or for people as their lines, ``none`` where there are none."""
    return json.dumps(rows, indent=2) if as_json else "\n".join(map(line, rows)) or "none"
