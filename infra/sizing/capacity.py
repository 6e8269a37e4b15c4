"""What a request costs nginx in processor time, as ``make bench-nginx`` measured it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from infra.sizing.errors import SizingError
from infra.sizing.units import MIB

_SMALL = ("4 KiB, 64 connections", "4 KiB, 1,000 connections", "4 KiB, 64 at a time, each its own connection")
_LARGE = ("1 MiB, 64 connections", "1 MiB, 1,000 connections")
_COLUMN = "CPU us per request"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Processor time of nginx, in microseconds of one core.

    Attributes:
        request: Of each request.
        mib: Of each MiB beside.
        origin: Where the numbers are from, as a sentence.
    """

    request: float
    mib: float
    origin: str

    def of(self, size: int) -> float:
        """The cost of a request of an object of so many bytes, in microseconds."""
        return self.request + self.mib * size / MIB


def measured(page: str) -> Cost:
    """Reads the costs in docs/performance.md, of the dearest loads: many clients, and a new connection each.

    Raises:
        SizingError: The page has them not.
    """
    request = max(_ours(page, case) for case in _SMALL)
    large = max(_ours(page, case) for case in _LARGE)
    machine = re.search(r"^(\d+ x [^;]+);", page, re.MULTILINE)
    return Cost(
        request=request,
        mib=max(large - request, 0.0),
        origin=f"measured on {machine[1] if machine else 'another machine'}, over HTTP; yours differs",
    )


def given(text: str) -> Cost:
    """Reads ``REQUEST,MIB``: somebody's own numbers, in microseconds.

    Raises:
        SizingError: It is no pair of numbers.
    """
    found = re.fullmatch(r"([0-9.]+),([0-9.]+)", text.strip())
    try:
        request, mib = (float(part) for part in found.groups()) if found else (0.0, 0.0)
    except ValueError:
        request = mib = 0.0
    if request <= 0:
        raise SizingError(
            f"--cpu-us is {text!r}",
            fix="give microseconds of a request and of each MiB, with a comma between them: 60,950.",
        )
    return Cost(request=request, mib=mib, origin="as given by --cpu-us")


def _ours(page: str, case: str) -> float:
    rows = re.search(rf"^### {re.escape(case)}\n\n((?:\|.*\n)+)", page, re.MULTILINE)
    lines = rows[1].splitlines() if rows else []
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    for row in cells:
        if row[0] == "ours" and _COLUMN in cells[0]:
            return float(row[cells[0].index(_COLUMN)].replace(",", ""))
    raise SizingError(
        f"docs/performance.md has no {_COLUMN!r} of ours for {case}",
        fix="measure it (make bench-nginx), or give your own numbers: --cpu-us 60,950.",
    )
