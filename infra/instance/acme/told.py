"""What a zone's own name servers tell, asked without anything that remembers. For proofs by DNS alone."""

from __future__ import annotations

import secrets
import socket
import struct
from pathlib import Path

# Source: RFC 1035, 3.2.2 and 4.1
NS, TXT = 2, 16
PORT = 53
ANSWER_S = 3.0
_HEADER = struct.Struct("!HHHHHH")
_RECURSE = 0x0100
_HOPS_MAX = 64


def servers(zone: str, root: Path) -> list[str]:
    """Returns the addresses of a zone's name servers; none where its registrar names none."""
    lines = (root / "etc/resolv.conf").read_text().splitlines()
    resolvers = [words[1] for line in lines if (words := line.split())[:1] == ["nameserver"]]
    for resolver in resolvers:
        if names := ask(resolver, zone, NS):
            return sorted({address for name in names for address in _addresses_of(name)})
    return []


def ask(server: str, name: str, kind: int) -> list[str] | None:
    """Returns what a server tells of a name; None where it does not answer."""
    number = secrets.randbelow(1 << 16)
    labels = b"".join(bytes([len(label)]) + label for label in name.encode().split(b"."))
    question = labels + b"\0" + struct.pack("!HH", kind, 1)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            asked.settimeout(ANSWER_S)
            asked.connect((server, PORT))
            asked.send(_HEADER.pack(number, _RECURSE, 1, 0, 0, 0) + question)
            return _records(asked.recv(4096), number, len(question), kind)
    except (OSError, struct.error, IndexError, UnicodeError):
        return None


def _records(answer: bytes, number: int, question: int, kind: int) -> list[str] | None:
    told, _, _, records, _, _ = _HEADER.unpack_from(answer)
    if told != number:
        return None
    found, at = [], _HEADER.size + question
    for _ in range(records):
        at = _name_at(answer, at)[1]
        of, _, _, length = struct.unpack_from("!HHIH", answer, at)
        at += 10
        if of == kind:
            found.append(_name_at(answer, at)[0] if kind == NS else _strings(answer[at : at + length]))
        at += length
    return found


def _name_at(answer: bytes, at: int) -> tuple[str, int]:
    """Reads a name; returns it, and where what follows begins."""
    labels: list[str] = []
    end = 0
    for _ in range(_HOPS_MAX):
        length = answer[at]
        if length >= 0xC0:
            end = end or at + 2
            at = (length & 0x3F) << 8 | answer[at + 1]
            continue
        if not length:
            break
        labels.append(answer[at + 1 : at + 1 + length].decode("ascii"))
        at += 1 + length
    return ".".join(labels), end or at + 1


def _strings(data: bytes) -> str:
    text, at = b"", 0
    while at < len(data):
        text += data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]
    return text.decode("ascii", "replace")


def _addresses_of(name: str) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(f"{name}.", None, socket.AF_INET)}
    except OSError:
        return set()
