# mypy: allow-untyped-calls
"""Name service: what each place is told about the cloud's names.

Internal OSS names resolve everywhere, as they do in the world; only in a VPC of their region does
anything answer at the addresses. Domains of accounts are answered from their records, everywhere alike. No
other name exists: nothing here leads to the real Internet.
"""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import logging
import re
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import dnslib

from localcloud.acme.naming import HOST as ACME_HOST
from localcloud.dns_zones import NAME_SERVERS, NoZones, Zones, answer_from
from localcloud.instances.recipe import MIRROR_HOST
from localcloud.regions import OSS_VIP_RANGES

# Short, as for the real OSS endpoints, whose addresses change.
TTL_S = 60
_MAX_ANSWERS = 4
_ZONE = "aliyuncs.com"
_OSS = re.compile(r"(?:.+\.)?oss-(?P<region>[a-z0-9-]+?)(?P<internal>-internal)?\.aliyuncs\.com")
_TCP_IDLE_S = 10.0
_log = logging.getLogger("localcloud.dns")


class NameServiceFails(Exception):
    """An existing name's addresses cannot be told."""


def internal_addresses(region_id: str) -> list[str]:
    """Returns addresses of a region's internal OSS endpoint: up to four, from all of its ranges."""
    networks = [ipaddress.ip_network(text) for text in OSS_VIP_RANGES[region_id]]
    offsets = itertools.chain.from_iterable((network[10 + turn] for network in networks) for turn in range(4))
    return [str(address) for address in itertools.islice(offsets, _MAX_ANSWERS)]


@dataclass(frozen=True, kw_only=True)
class View:
    """What one place is told.

    Attributes:
        api: Address of the API endpoints.
        public_oss: Address of the public OSS endpoints.
        mirror: Address of the package mirror, or None where its name does not exist.
        acme: Address of the certificate authority, or None where its name does not exist.
        name_servers: Address of the name servers of accounts' domains, or None where they have none.
        internal_oss: Tells the addresses of a region's internal OSS endpoint.
    """

    api: str
    public_oss: str
    mirror: str | None = None
    acme: str | None = None
    name_servers: str | None = None
    internal_oss: Callable[[str], list[str]] = internal_addresses


def resolve(name: str, view: View) -> list[str] | None:
    """Returns the IPv4 addresses of a name, or None when it does not exist.

    Args:
        name: In lower case, without the dot at the end.
        view: What the place that asks is told.

    Raises:
        NameServiceFails: It exists, but its addresses cannot be told.
    """
    if name == MIRROR_HOST:
        return None if view.mirror is None else [view.mirror]
    if name == ACME_HOST:
        return None if view.acme is None else [view.acme]
    if name in NAME_SERVERS:
        return None if view.name_servers is None else [view.name_servers]
    match = _OSS.fullmatch(name)
    if match:
        region = match["region"]
        if region not in OSS_VIP_RANGES:
            return None
        return view.internal_oss(region) if match["internal"] else [view.public_oss]
    if name.endswith("." + _ZONE):
        return [view.api]
    return [] if name == _ZONE else None


class NameServer(asyncio.DatagramProtocol):
    """Answers queries that come as datagrams or over TCP, for one view."""

    def __init__(self, view: View, zones: Zones | None = None) -> None:
        self._view = view
        self._zones = zones or NoZones()
        self._turn: Iterator[int] = itertools.count()
        self._transport: asyncio.DatagramTransport | None = None

    def answer(self, query: bytes) -> bytes | None:
        """Returns the answer to a query, or None for what is no query at all."""
        try:
            request = dnslib.DNSRecord.parse(query)
        except (dnslib.DNSError, struct.error, IndexError, ValueError):
            return None
        if request.header.qr or not request.questions:
            return None
        reply = request.reply(ra=1, aa=0)
        name = str(request.q.qname).rstrip(".").lower()
        try:
            addresses = resolve(name, self._view)
        except NameServiceFails:
            reply.header.rcode = dnslib.RCODE.SERVFAIL
            return bytes(reply.pack())
        if request.header.opcode != dnslib.OPCODE.QUERY:
            reply.header.rcode = dnslib.RCODE.NOTIMP
        elif addresses is None:
            return self._answer_from_zones(reply, name)
        elif request.q.qtype in (dnslib.QTYPE.A, dnslib.QTYPE.ANY) and addresses:
            first = next(self._turn) % len(addresses)
            for address in addresses[first:] + addresses[:first]:
                reply.add_answer(
                    dnslib.RR(request.q.qname, dnslib.QTYPE.A, rdata=dnslib.A(address), ttl=TTL_S)
                )
        return _finish(reply, _ZONE)

    def _answer_from_zones(self, reply: dnslib.DNSRecord, name: str) -> bytes:
        kind = str(dnslib.QTYPE.get(reply.q.qtype))
        found = answer_from(self._zones, name, kind, lambda own: resolve(own, self._view), TTL_S)
        if found is None or not found.exists:
            reply.header.rcode = dnslib.RCODE.NXDOMAIN
        for record in () if found is None else found.records:
            reply.add_answer(record)
        return _finish(reply, _ZONE if found is None else found.zone)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport to answer by."""
        # Not every Python's datagram transports say by their class what they are.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answers one datagram."""
        reply = self.answer(data)
        if reply is not None and self._transport is not None:
            self._transport.sendto(reply, addr)

    def error_received(self, exc: Exception) -> None:
        """Notes that an answer could not be delivered: the asker is gone."""
        _log.debug("answer not delivered: %s", exc)

    async def serve_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers the queries of one TCP connection, each with its length before it."""
        try:
            while True:
                async with asyncio.timeout(_TCP_IDLE_S):
                    (length,) = struct.unpack("!H", await reader.readexactly(2))
                    reply = self.answer(await reader.readexactly(length))
                if reply is None:
                    return
                writer.write(struct.pack("!H", len(reply)) + reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, TimeoutError, ConnectionError):
            return
        finally:
            writer.close()


def _finish(reply: dnslib.DNSRecord, zone: str) -> bytes:
    """Packs an answer; one without records says how long that may be remembered."""
    if not reply.rr:
        soa = dnslib.SOA(f"ns.{_ZONE}", f"hostmaster.{_ZONE}", (1, 3600, 600, 86400, TTL_S))
        reply.add_auth(dnslib.RR(zone, dnslib.QTYPE.SOA, rdata=soa, ttl=TTL_S))
    return bytes(reply.pack())


class RunningNameServer:
    """A name server on open sockets.

    Args:
        view: What it tells.
        datagram: Bound UDP sockets.
        stream: Listening TCP sockets.
        zones: The domains of accounts.
    """

    def __init__(
        self,
        view: View,
        datagram: list[socket.socket],
        stream: list[socket.socket],
        zones: Zones | None = None,
    ) -> None:
        self._view = view
        self._zones = zones
        self._datagram = datagram
        self._stream = stream
        self._transports: list[asyncio.BaseTransport] = []
        self._servers: list[asyncio.Server] = []

    async def start(self) -> None:
        """Begins to answer."""
        loop = asyncio.get_running_loop()
        server = NameServer(self._view, self._zones)
        for sock in self._datagram:
            # One protocol object for each socket: it answers by the socket that was asked.
            transport, _ = await loop.create_datagram_endpoint(self._make_server, sock=sock)
            self._transports.append(transport)
        for sock in self._stream:
            self._servers.append(await asyncio.start_server(server.serve_stream, sock=sock))

    def _make_server(self) -> NameServer:
        return NameServer(self._view, self._zones)

    async def close(self) -> None:
        """Ends answering and closes the sockets."""
        for transport in self._transports:
            transport.close()
        for server in self._servers:
            server.close()
