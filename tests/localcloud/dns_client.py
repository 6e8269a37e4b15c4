# mypy: allow-untyped-calls
"""Questions to a name server, without a network."""

from __future__ import annotations

import dnslib

from localcloud.dns import NameServer


def ask(server: NameServer, name: str, kind: str = "A") -> dnslib.DNSRecord:
    """Asks, and returns the whole answer."""
    answer = server.answer(dnslib.DNSRecord.question(name, kind).pack())
    assert answer is not None
    return dnslib.DNSRecord.parse(answer)


def answers(server: NameServer, name: str, kind: str = "A") -> list[str] | None:
    """Asks, and returns the records' data as text, or None when there is no such name."""
    reply = ask(server, name, kind)
    assert reply.rr or reply.auth[0].rtype == dnslib.QTYPE.SOA
    return None if reply.header.rcode == dnslib.RCODE.NXDOMAIN else [str(record.rdata) for record in reply.rr]
