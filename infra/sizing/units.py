"""Sizes and numbers as people write them. Pure."""

from __future__ import annotations

import math
import re

from infra.sizing.errors import SizingError

MIB = 2**20
_UNITS = {"": 1, "B": 1, "KiB": 2**10, "MiB": MIB, "GiB": 2**30, "kB": 10**3, "KB": 10**3}
_UNITS |= {"MB": 10**6, "GB": 10**9}
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]*)")
# The largest object of OSS. Source: https://www.alibabacloud.com/help/en/oss/user-guide/limits (2025-12-31)
LARGEST_OBJECT = int(48.8 * 2**40)


def size(text: str) -> int:
    """Reads an object's size, such as ``4KiB``, ``1.5 MiB`` or ``200000``, in bytes.

    Raises:
        SizingError: It is none, or no object has it.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None or found[2] not in _UNITS:
        raise SizingError(
            f"{text!r} is no size", fix=f"write a number and one of {', '.join(filter(None, _UNITS))}: 64KiB."
        )
    value = round(float(found[1]) * _UNITS[found[2]])
    if not 1 <= value <= LARGEST_OBJECT:
        raise SizingError(
            f"no object of OSS has {text.strip()}",
            fix="give the mean size of an answer, from 1 B to 48.8 TiB.",
        )
    return value


def number(name: str, text: str, *, smallest: float = 0.0, largest: float = 1e9, zero: bool = False) -> float:
    """Reads a number of one option.

    Args:
        name: The option, for the message.
        text: What was given; commas between thousands are fine.
        smallest: It has to be above this.
        largest: It may be at most this.
        zero: Whether ``smallest`` itself is fine too.

    Raises:
        SizingError: It is no number, or out of range.
    """
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        value = math.nan
    if not (smallest < value <= largest or (zero and value == smallest)):
        bound = "at least" if zero else "above"
        raise SizingError(
            f"{name} is {text!r}", fix=f"give a number {bound} {smallest:g} and at most {largest:,.10g}."
        )
    return value
