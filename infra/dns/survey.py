"""What stands at the names of the stack before it makes its records there. Pure, but for the calls.

A record of the stack is one whose id its state has. One of its note that the state does not have, an update
that was interrupted has left. Every other one that would lead clients elsewhere is somebody else's, and is
never touched: it is named, with how it becomes the stack's or goes.

Sources: https://help.aliyun.com/document_detail/29778.html (DescribeSubDomainRecords: `DomainName` says where
a name is split, a page has 100 rows), https://help.aliyun.com/en/dns/pubz-dns-record-conflict-rules
(2026-11-24).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from infra.dns import names
from infra.errors import NOTHING_CHANGED, CloudError, ProgramError
from infra.naming import Naming
from infra.recovery.found import Found
from infra.recovery.state import State

PAGE_SIZE = 100
_AT_ONCE = 8
# How the codes begin of a zone that this account does not have.
# Source: the error tables of the API reference of 2016, as copied at
# https://help-w.com/microsoft/windows/1498112608.html (2026-11-24)
_NO_ZONE = ("InvalidDomainName", "IncorrectDomainUser")
# What can stand beside an address without leading anybody elsewhere.
_HARMLESS = frozenset({"MX", "TXT", "CAA", "SRV"})


class RecordError(ProgramError):
    """Somebody else's record stands at a name of the stack."""


class NoZoneError(CloudError):
    """The account has no such domain with Alibaba Cloud DNS."""


class Rpc(Protocol):
    """Calls actions of Alibaba Cloud DNS."""

    def call(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Calls an action; returns the answer's body."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record as the cloud lists it.

    Attributes:
        id: Its id.
        host: The full name.
        type: For example ``A``.
        value: What it holds.
        line: For whose questions it is; ``default`` for all.
        ttl_s: How long others remember it.
        enabled: Whether it is told.
        remark: Its note.
    """

    id: str
    host: str
    type: str
    value: str
    line: str = "default"
    ttl_s: int = names.TTL_S
    enabled: bool = True
    remark: str = ""

    def __str__(self) -> str:
        more = [f"id {self.id}"]
        more += [] if self.line == "default" else [f"line {self.line}"]
        more += [] if self.ttl_s == names.TTL_S else [f"remembered for {self.ttl_s} s"]
        more += [] if self.enabled else ["switched off"]
        more += [f"note {self.remark!r}"] if self.remark else []
        return f"{self.host} {self.type} {self.value} ({', '.join(more)})"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the program has to know of its records.

    Attributes:
        leftovers: Records that an interrupted update left.
        remade: How often each host's record was made anew, this update included.
        astray: The records that are not as the last update left them, and are made anew; by host, what is
            there now.
    """

    leftovers: Sequence[Found] = ()
    remade: Mapping[str, int] = field(default_factory=dict)
    astray: Mapping[str, str] = field(default_factory=dict)


def list_records(rpc: Rpc, zone: str, hosts: Sequence[str]) -> list[Record]:
    """Returns all records of some hosts of a zone.

    Raises:
        NoZoneError: When the account has no such zone.
        CloudError: When the list is refused, or not answered.
    """

    def ask(host: str) -> list[Record]:
        asked = {"DomainName": zone, "SubDomain": host, "PageSize": PAGE_SIZE}
        rows = rpc.call("DescribeSubDomainRecords", asked)["DomainRecords"]["Record"]
        return [_read(host, row) for row in rows]

    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [record for found in pool.map(ask, hosts) for record in found]
    except CloudError as error:
        if not str(getattr(error, "code", "")).startswith(_NO_ZONE):
            raise
        raise NoZoneError(
            f"Alibaba Cloud DNS has no domain {zone} in this account",
            consequence=f"no record can be made in it; {NOTHING_CHANGED}",
            fix="add it at https://dns.console.aliyun.com, and have its registrar name the name servers that "
            "are shown there; or set oss-proxy:dnsZone to a domain that is there; or pulumi config rm "
            "oss-proxy:dnsZone, and set the records of the output dns_records yourself.",
        ) from None


def judge(
    records: Sequence[Record], zone: str, hosts: Sequence[str], state: State, naming: Naming
) -> Standing:
    """Compares what stands at the stack's names with what its state knows.

    Args:
        records: All records of the hosts.
        zone: The zone.
        hosts: The hosts.
        state: The stack's state.
        naming: Tells the stack from every other one.

    Raises:
        RecordError: When somebody else's record is in the way.
    """
    left = leftovers(records, state, naming)
    known = _known(state, hosts)
    others = [
        one
        for one in records
        if one.id not in state.ids and one.id not in {found.id for found in left} and _leads(one, zone)
    ]
    if others:
        raise _in_the_way(others, known)
    remade, astray = {}, {}
    by_id = {one.id: one for one in records}
    for host, resource in known.items():
        remade[host] = int(resource.get("replacementTrigger") or 0)
        # In another zone nobody has looked.
        if resource["outputs"].get("domainName") != zone:
            continue
        seen = by_id.get(resource["id"])
        if seen is None or _differs(seen, zone, resource["outputs"]):
            remade[host] += 1
            astray[host] = str(seen or "none")
    return Standing(leftovers=tuple(left), remade=remade, astray=astray)


def leftovers(records: Sequence[Record], state: State, naming: Naming) -> list[Found]:
    """Returns the records that an interrupted update left, which the state does not know.

    A record gets its note after it is made. One without it is taken for a leftover where its very making was
    interrupted and it leads to the stack's address.
    """
    found = []
    for one in records:
        half_made = (
            not one.remark
            and one.value in state.addresses
            and f"creating {names.logical_name(one.host)}" in state.interrupted
        )
        if one.type == "A" and one.id not in state.ids and (one.remark == names.remark(naming) or half_made):
            found.append(Found(role="record", id=one.id, name=one.host, tags=naming.tags()))
    return found


def _read(host: str, row: Mapping[str, Any]) -> Record:
    return Record(
        id=str(row["RecordId"]),
        host=host,
        type=str(row["Type"]).upper(),
        value=str(row["Value"]),
        line=str(row.get("Line", "default")),
        ttl_s=int(row["TTL"]),
        enabled=str(row.get("Status", "ENABLE")).upper() == "ENABLE",
        remark=str(row.get("Remark") or ""),
    )


def _leads(record: Record, zone: str) -> bool:
    # The zone's own name servers stand at the zone; further down such a record gives a name away.
    return record.type not in _HARMLESS and not (record.type == "NS" and record.host == zone)


def _known(state: State, hosts: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Returns the records in the state, by the hosts that still are the stack's."""
    by_name = {one["urn"].rpartition("::")[2]: one for one in state.resources_of(names.RECORD_TYPE)}
    named = {host: by_name.get(names.logical_name(host)) for host in hosts}
    return {host: resource for host, resource in named.items() if resource}


def _differs(seen: Record, zone: str, recorded: Mapping[str, Any]) -> bool:
    return (
        names.host_record(seen.host, zone),
        *(seen.type, seen.value, seen.line, seen.ttl_s, seen.enabled),
    ) != (
        *(recorded.get(key) for key in ("rr", "type", "value", "line")),
        int(recorded.get("ttl") or 0),
        recorded.get("status") == "ENABLE",
    )


def _in_the_way(others: Sequence[Record], known: Mapping[str, object]) -> RecordError:
    taken = set(known)
    adoptions = []
    for one in others:
        if one.type == "A" and one.line == "default" and one.host not in taken:
            taken.add(one.host)
            name = names.logical_name(one.host)
            options = "--protect=false --generate-code=false --yes"
            adoptions.append(f"pulumi import {names.RECORD_TYPE} {name} {one.id} {options}")
    remove = "remove at https://dns.console.aliyun.com what is not needed"
    adopt = f"; or make it the stack's, which then changes it in place: {'; '.join(adoptions)}"
    return RecordError(
        f"other records stand at names of domainNames: {', '.join(map(str, others))}",
        consequence=f"clients would be led there, or there and here by turns; {NOTHING_CHANGED}",
        fix=f"{remove}{adopt if adoptions else ''}. See docs/dns.md.",
    )
