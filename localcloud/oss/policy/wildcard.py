"""The wildcards of policies: ``*`` for any run of characters, ``?`` for exactly one.

``*`` is documented; ``?`` is RAM's and inferred for bucket policies (2026-11-23).
"""

from __future__ import annotations


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether the whole text fits the pattern; linear in memory, never exponential in time."""
    if ignore_case:
        pattern, text = pattern.lower(), text.lower()
    at = star = -1
    p = t = 0
    while t < len(text):
        if p < len(pattern) and pattern[p] == "*":
            star, at = p, t
            p += 1
        elif p < len(pattern) and pattern[p] in ("?", text[t]):
            p += 1
            t += 1
        elif star >= 0:
            # The last star takes one character more, and matching goes on behind it.
            at += 1
            p, t = star + 1, at
        else:
            return False
    return all(character == "*" for character in pattern[p:])
