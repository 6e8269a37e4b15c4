"""Puts this stack's statements into a policy document that holds others', and takes them out again. Pure.

OSS's statements have no Sid. This stack's own are known by their meaning, from the text that the state
keeps; all others are foreign: they keep their order, their elements and their values. So two stacks that
grant exactly the same to the same hosts share a statement: who lets go takes it out, which opens nothing,
and the other's next update puts it back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from infra.errors import ProgramError
from infra.policy import POLICY_MAX_BYTES, POLICY_VERSION, fingerprint

Statement = Mapping[str, Any]


class UnreadablePolicyError(ProgramError):
    """The bucket's policy is not what this program knows as a policy."""


class PolicyTooLargeError(ProgramError):
    """The bucket's statements and this stack's together are more than OSS accepts."""


@dataclass(frozen=True)
class _Document:
    """A policy: its statements in order, and what else it holds (its version)."""

    rest: Mapping[str, Any]
    statements: Sequence[Statement]

    def text(self) -> str:
        """Returns text that OSS accepts: for readers while it fits, else without white space."""
        readable_text = self.readable()
        return readable_text if _size(readable_text) <= POLICY_MAX_BYTES else self.compact()

    def readable(self) -> str:
        """Returns text for readers."""
        return json.dumps(self._content(), indent=2, ensure_ascii=False)

    def compact(self) -> str:
        """Returns the shortest text."""
        return json.dumps(self._content(), separators=(",", ":"), ensure_ascii=False)

    def says_in_order(self) -> object:
        """Returns a value that is equal for documents with the same statements in the same order."""
        return self.rest, [fingerprint(statement) for statement in self.statements]

    def _content(self) -> dict[str, Any]:
        return {**self.rest, "Statement": list(self.statements)}


def statements_of(text: str | None) -> Sequence[Statement]:
    """Returns a document's statements; none where there is no document.

    Raises:
        UnreadablePolicyError: When the text cannot be read.
    """
    return _read(text).statements


def contains(text: str | None, own: str) -> bool:
    """Tells whether a document holds all of this stack's statements.

    Raises:
        UnreadablePolicyError: When either text cannot be read.
    """
    return _fingerprints(own) <= _fingerprints(text)


def held(text: str | None, own: str) -> str | None:
    """Returns the document of those of this stack's statements that a document holds; None for none of them.

    Raises:
        UnreadablePolicyError: When either text cannot be read.
    """
    found = _fingerprints(text)
    document = _read(own)
    kept = [statement for statement in document.statements if fingerprint(statement) in found]
    return _Document(document.rest, kept).readable() if kept else None


def without(own: str, other: str | None) -> str | None:
    """Returns the document of the grants of one document of this stack's that another one does not hold.

    Args:
        own: The document that holds this stack's statements alone, the proxy's first.
        other: Another such document, or None.

    Returns:
        Such a document without the proxy's statement; None where nothing is left.

    Raises:
        UnreadablePolicyError: When either text cannot be read.
    """
    document = _read(own)
    stays = _fingerprints(other)
    kept = [statement for statement in document.statements[1:] if fingerprint(statement) not in stays]
    return _Document(document.rest, kept).readable() if kept else None


def readable(text: str) -> str:
    """Returns a document as text for readers.

    Raises:
        UnreadablePolicyError: When the text cannot be read.
    """
    return _read(text).readable()


def merge(found: str | None, own: str, former: Sequence[str] = ()) -> str:
    """Returns the bucket's document with this stack's statements in it, once.

    Args:
        found: The bucket's document, or None where it has none.
        own: The document that holds this stack's statements alone.
        former: Such documents of before; their statements go, and the new ones take the first's place.

    Raises:
        UnreadablePolicyError: When a text cannot be read.
        PolicyTooLargeError: When the result is larger than OSS accepts.
    """
    document = _read(found)
    leaving = _fingerprints(own, *former)
    stays = [fingerprint(statement) not in leaving for statement in document.statements]
    at = stays.index(False) if False in stays else len(stays)
    kept = [statement for statement, stay in zip(document.statements, stays, strict=True) if stay]
    merged = _Document(document.rest, [*kept[:at], *statements_of(own), *kept[at:]])
    text = merged.text()
    if _size(text) > POLICY_MAX_BYTES:
        foreign = _size(_Document(document.rest, kept).compact())
        raise PolicyTooLargeError(
            f"the bucket policy would have {_size(text)} bytes with this stack's statements, "
            f"OSS accepts {POLICY_MAX_BYTES}; the statements of others take {foreign}",
            consequence="the bucket's policy was not changed.",
            fix="use fewer or shorter oss-proxy:objectPrefixes or oss-proxy:accessGrants, or make room in "
            "the bucket's policy.",
        )
    return text


def remove(found: str, own: str, original: str | None) -> str | None:
    """Returns the bucket's document without this stack's statements.

    Args:
        found: The bucket's document.
        own: The document that holds this stack's statements alone.
        original: The bucket's document before this stack's statements came, or None where it is not known
            or there was none.

    Returns:
        The original, byte for byte, while the foreign statements are those that it holds; else what is
        left in meaning and order, or None when nothing is.

    Raises:
        UnreadablePolicyError: When a text cannot be read.
    """
    document = _read(found)
    leaving = _fingerprints(own)
    kept = [statement for statement in document.statements if fingerprint(statement) not in leaving]
    left = _Document(document.rest, kept)
    if original is not None and left.says_in_order() == _read(original).says_in_order():
        return original
    return left.text() if kept else None


def _fingerprints(*texts: str | None) -> set[str]:
    return {fingerprint(statement) for text in texts for statement in statements_of(text)}


def _size(text: str) -> int:
    return len(text.encode())


def _read(text: str | None) -> _Document:
    if text is None:
        return _Document({"Version": POLICY_VERSION}, [])
    try:
        document = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
        # A lone surrogate has an escape in JSON and no bytes in UTF-8.
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        _refuse(text, str(error))
    if not isinstance(document, dict):
        _refuse(text, "it is no JSON object")
    statements = document.pop("Statement", None)
    if not isinstance(statements, list) or not all(isinstance(one, dict) for one in statements):
        _refuse(text, "Statement is no list of objects")
    return _Document(document, statements)


def _refuse(text: str, reason: str) -> NoReturn:
    raise UnreadablePolicyError(
        f"the bucket's policy cannot be read ({reason}):\n{text}",
        consequence="writing it could lose statements, so it was not touched.",
        fix="put the bucket's policy right (ossutil api get-bucket-policy, put-bucket-policy), "
        "then run the command again.",
    ) from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return read


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
