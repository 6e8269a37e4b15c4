"""The hostile requests of ``corpus/*.yaml`` and what must become of each.

A file is a list of entries. An entry describes one or several requests, which share what is expected:

    about       one clause; with the request it names the test
    profile     the settings of the proxy that it goes to, see test_nginx_corpus.py (default: plain)
    targets     raw request targets; or
    raws        whole requests, byte for byte, line ends included
    methods     default: [GET]
    headers     header lines beside Host and Connection
    header_sets several such lists, in turn
    version     default: HTTP/1.1
    host        default: client.example; null for no Host line
    body        default: none
    status      what the client gets; a list for several answers on the connection, or [] for none;
                ``any of`` for what nginx releases decide differently
    origin      ``none``, ``same`` (method, and target without its query, as they were sent), ``whole`` (with
                its query), or the request lines that arrive
    signed      whether the requests count as signed, so that nothing is added to them
    passes      header lines that arrive beside Host and x-oss-range-behavior, byte for byte
    hangs up    whether the client is through with sending when the first answer comes
    answer      header lines that the client gets; ``!Name`` for a header that it does not get

``${x*1023}`` stands for a repeated text, ``${FF}`` for a byte, ``${link PATH}`` for the parameters of a link
to that path, signed with a key of the proxies with links; ``LINKS`` has more such words, and
``${link &versionId=1 PATH}`` signs parameters too. Everything else is UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.nginx import links

# The keys of the proxies with links, and by a macro's word what it signs with: the name of the key, the key
# itself, when the link ends, and when it says that it does.
LINK_KEYS = {"a": "3x9gQzJ0bYwTn5KfLrVdSe7uHc1oMpA8", "b": "Zk4RtWq8vXyBnEs2JmGdUfCh6aLoPi0N"}
_PAST, _FAR = 1_000_000_000, 4_102_444_800
LINKS = {
    "link": ("a", LINK_KEYS["a"], _FAR, _FAR),
    "second": ("b", LINK_KEYS["b"], _FAR, _FAR),
    "stale": ("a", LINK_KEYS["a"], _PAST, _PAST),
    "later": ("a", LINK_KEYS["a"], _PAST, _FAR),
    "swapped": ("a", LINK_KEYS["b"], _FAR, _FAR),
    "forged": ("a", "", _FAR, _FAR),
    "unknown": ("c", LINK_KEYS["a"], _FAR, _FAR),
    "nobody": ("c", "", _FAR, _FAR),
}

FOLDER = Path(__file__).with_name("corpus")
DEFAULTS: dict[str, Any] = {
    "profile": "plain",
    "methods": ["GET"],
    "headers": [],
    "header_sets": None,
    "version": "HTTP/1.1",
    "host": "client.example",
    "body": "",
    "passes": [],
    "answer": [],
    "any of": None,
    "hangs up": False,
    "signed": False,
}
_REQUIRED = {"about", "origin"}
_KNOWN = {*DEFAULTS, *_REQUIRED, "status", "targets", "raws"}
_MACRO = re.compile(
    r"\$\{(?:([^}]+?)\*(\d+)|([0-9A-F]{2})|(" + "|".join(LINKS) + r") (?:(&[^ }]*) )?(/[^}]*))\}", re.DOTALL
)


@dataclass(frozen=True)
class Case:
    """One request.

    Attributes:
        name: What the test is called.
        profile: The settings of the proxy that it goes to.
        request: The bytes to send.
        statuses: The acceptable lists of statuses.
        arrives: The request lines that the origin gets.
        signed: Whether it gets the request without what is added to those without a signature.
        passes: The header lines that it gets beside those that it always gets.
        hangs_up: Whether the client is through with sending when the first answer comes.
        answer: Header lines of the first answer, or ``!Name``.
    """

    name: str
    profile: str
    request: bytes
    statuses: list[list[int]]
    arrives: list[bytes]
    signed: bool
    passes: list[bytes]
    hangs_up: bool
    answer: list[str]


def cases() -> list[Case]:
    return [case for path in sorted(FOLDER.glob("*.yaml")) for case in _of_file(path)]


def _of_file(path: Path) -> Iterator[Case]:
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        unknown = set(entry) - _KNOWN
        missing = _REQUIRED - set(entry)
        if unknown or missing:
            raise AssertionError(f"{path.name}: {entry.get('about')}: unknown {unknown}, missing {missing}")
        yield from _of_entry(path.stem, {**DEFAULTS, **entry})


def _of_entry(stem: str, entry: dict[str, Any]) -> Iterator[Case]:
    status = entry.get("status")
    accepted = entry["any of"] if entry["any of"] is not None else [status]
    statuses = [one if isinstance(one, list) else [one] for one in accepted]
    for label, request, method, target in _requests(entry):
        yield Case(
            name=f"{stem}: {entry['about']}: {label}",
            profile=entry["profile"],
            request=request,
            statuses=statuses,
            arrives=_arrives(entry["origin"], method, target),
            signed=entry["signed"],
            passes=[expand(one) for one in entry["passes"]],
            hangs_up=entry["hangs up"],
            answer=entry["answer"],
        )


def _arrives(origin: str | list[str], method: str, target: str) -> list[bytes]:
    if isinstance(origin, list):
        return [expand(one) for one in origin]
    sent = {"none": [], "same": [target.partition("?")[0]], "whole": [target]}[origin]
    return [expand(f"{method} {one} HTTP/1.1") for one in sent]


def _requests(entry: dict[str, Any]) -> Iterator[tuple[str, bytes, str, str]]:
    """The label, the bytes, the method and the target; a raw request has no name for the latter two."""
    for number, raw in enumerate(entry.get("raws", ()), start=1):
        yield f"{number}. {_label(raw)}", expand(raw), "", ""
    for target in entry.get("targets", ()):
        for method in entry["methods"]:
            for headers in entry["header_sets"] or [entry["headers"]]:
                host = [] if entry["host"] is None else [f"Host: {entry['host']}"]
                lines = [f"{method} {target} {entry['version']}", *host, "Connection: close", *headers]
                label = f"{method} {target}" + (f" {headers}" if entry["header_sets"] else "")
                request = b"\r\n".join(map(expand, lines)) + b"\r\n\r\n" + expand(entry["body"])
                yield _label(label), request, method, target


def _label(text: str) -> str:
    return text.encode("unicode_escape").decode()[:90]


def expand(text: str) -> bytes:
    """The bytes that a text of a file stands for."""
    parts: list[bytes] = []
    end = 0
    for match in _MACRO.finditer(text):
        parts.append(text[end : match.start()].encode())
        if match[4]:
            parts.append(_link(match[4], match[5] or "", match[6]))
        else:
            parts.append(bytes.fromhex(match[3]) if match[3] else match[1].encode() * int(match[2]))
        end = match.end()
    return b"".join([*parts, text[end:].encode()])


def _link(word: str, query: str, path: str) -> bytes:
    name, key, expires, said = LINKS[word]
    text = links.signed_text(key, str(expires), query, path)
    return f"expires={said}&key={name}&md5={links.signature(text.encode())}".encode()
