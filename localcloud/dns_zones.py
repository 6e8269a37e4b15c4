# mypy: allow-untyped-calls
"""The answers to questions about the domains of accounts."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import dnslib

# Of every domain here: the free edition's.
NAME_SERVERS = ("ns1.alidns.com", "ns2.alidns.com")
_NAME_SERVERS_TTL_S = 86400
_LONGEST_CHAIN = 8
_TXT_PART = 255


@dataclass(frozen=True, kw_only=True)
class ZoneRecord:
    """One record of a name.

    Attributes:
        type: For example ``A``.
        value: As people write it.
        ttl_s: How long it may be remembered.
        priority: Of an MX record.
    """

    type: str
    value: str
    ttl_s: int
    priority: int | None = None


class Zones(Protocol):
    """Who knows the domains; names are in lower case, without the dot at the end."""

    def zone_of(self, name: str) -> str | None:
        """Returns the domain that a name is in, or None."""

    def records(self, name: str) -> Sequence[ZoneRecord] | None:
        """Returns the records of a name in a domain, or None when the name does not exist."""


class NoZones:
    """Nobody has a domain."""

    def zone_of(self, name: str) -> str | None:
        """Knows of none."""
        return None

    def records(self, name: str) -> Sequence[ZoneRecord] | None:
        """Knows of none."""
        return None


@dataclass(kw_only=True)
class ZoneAnswer:
    """What is told.

    Attributes:
        zone: The domain that was asked first.
        exists: Whether the name at the end of the chain of CNAMEs exists.
        records: The records for the answer, in the order of the chain.
    """

    zone: str
    exists: bool = True
    records: list[dnslib.RR] = field(default_factory=list)


def answer_from(
    zones: Zones, name: str, kind: str, own_addresses: Callable[[str], list[str] | None], own_ttl_s: int
) -> ZoneAnswer | None:
    """Answers a question about a name in a domain; follows CNAMEs, also to the cloud's own names.

    Args:
        zones: Who knows the domains.
        name: In lower case, without the dot at the end.
        kind: The type asked for, for example ``TXT``.
        own_addresses: Tells the addresses of the cloud's own names, or None.
        own_ttl_s: How long these may be remembered.

    Returns:
        The answer, or None when the name is in no domain.
    """
    zone = zones.zone_of(name)
    if zone is None:
        return None
    answer = ZoneAnswer(zone=zone)
    for _ in range(_LONGEST_CHAIN):
        if zones.zone_of(name) is None:
            addresses = own_addresses(name)
            answer.exists = addresses is not None
            if kind == "A":
                found = (ZoneRecord(type="A", value=text, ttl_s=own_ttl_s) for text in addresses or ())
                answer.records += [_rr(name, record) for record in found]
            return answer
        records = zones.records(name)
        if name == zones.zone_of(name):
            own = (ZoneRecord(type="NS", value=text, ttl_s=_NAME_SERVERS_TTL_S) for text in NAME_SERVERS)
            records = [*(records or ()), *own]
        answer.exists = records is not None
        answer.records += [_rr(name, record) for record in records or () if kind in (record.type, "ANY")]
        alias = next((record for record in records or () if record.type == "CNAME"), None)
        if alias is None or kind in ("CNAME", "ANY"):
            return answer
        answer.records.append(_rr(name, alias))
        name = alias.value.lower()
    return answer


def _rr(name: str, record: ZoneRecord) -> dnslib.RR:
    data: dnslib.RD
    if record.type == "TXT":
        parts = [record.value[at : at + _TXT_PART] for at in range(0, len(record.value), _TXT_PART)]
        data = dnslib.TXT([part.encode() for part in parts])
    elif record.type == "MX":
        data = dnslib.MX(record.value, record.priority)
    elif record.type == "CAA":
        flags, tag, value = shlex.split(record.value)
        data = dnslib.CAA(int(flags), tag, value)
    else:
        data = getattr(dnslib, record.type)(record.value)
    return dnslib.RR(name, getattr(dnslib.QTYPE, record.type), rdata=data, ttl=record.ttl_s)
