"""The wildcards of bucket policies: ``*`` for any run of characters, ``?`` for exactly one. Pure.

Source: https://www.alibabacloud.com/help/en/oss/user-guide/authorization-syntax-and-elements
(``*``, 2026-11-23); ``?`` is taken over from RAM, so that a Deny is rather believed than missed.
"""

from __future__ import annotations


def matches(pattern: str, text: str) -> bool:
    """Tells whether the whole text fits the pattern."""
    literal = {"*": "\0*", "?": "\0?"}
    return _share(list(pattern), [literal.get(char, char) for char in text])


def overlap(one: str, other: str) -> bool:
    """Tells whether some text fits both patterns."""
    return _share(list(one), list(other))


def _share(one: list[str], other: list[str]) -> bool:
    # The places in `other` that can be reached with the part of `one` read so far.
    reached = _past_stars({0}, other)
    for sign in one:
        if sign == "*":
            reached = set(range(min(reached), len(other) + 1)) if reached else reached
        else:
            # A star of the other pattern takes the sign and stays where it is.
            stay = {at for at in reached if at < len(other) and other[at] == "*"}
            step = {at + 1 for at in reached if at < len(other) and _fit(sign, other[at])}
            reached = _past_stars(stay | step, other)
    return len(other) in reached


def _fit(sign: str, other: str) -> bool:
    return "*" not in (sign, other) and (sign == other or "?" in (sign, other))


def _past_stars(places: set[int], signs: list[str]) -> set[int]:
    found = set(places)
    for at in places:
        while at < len(signs) and signs[at] == "*":
            at += 1
            found.add(at)
    return found
