"""Listening sockets and the way from each to its service.

A socket is opened inside the network namespace that it serves: it tells where a request comes from, and
the address that was asked tells which service is meant, as in the cloud. Headers decide neither.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from localcloud.dns import RunningNameServer, View
from localcloud.dns_zones import Zones
from localcloud.origin import Origin

Handler = Callable[[web.BaseRequest, Origin], Awaitable[web.StreamResponse]]

_BACKLOG = 512
# Presigned URLs and long policies travel in the request line and headers.
_MAX_LINE_BYTES = 65536
_SHUTDOWN_S = 2.0
_log = logging.getLogger("localcloud.access")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A network that is served.

    Attributes:
        name: For logs.
        services: Address or network, in CIDR form -> service at its ports 80 and 443.
        dns: Addresses of the name servers.
        view: What they tell.
        vpc_id: The VPC, or None for the Internet.
        region_id: The VPC's region, or None for the Internet.
        listen: Addresses to listen at with HTTP; every address of the place when empty.
    """

    name: str
    services: Mapping[str, str]
    dns: tuple[str, ...]
    view: View
    vpc_id: str | None = None
    region_id: str | None = None
    listen: tuple[str, ...] = field(default=("0.0.0.0",))  # noqa: S104 - inside a namespace of our own

    def service_at(self, address: str) -> str | None:
        """Returns the service that answers at an address of the place, or None."""
        asked = ipaddress.ip_address(address)
        for network, service in self.services.items():
            if asked in ipaddress.ip_network(network):
                return service
        return None


@dataclass
class Sockets:
    """The open sockets of a place."""

    http: list[socket.socket] = field(default_factory=list)
    https: list[socket.socket] = field(default_factory=list)
    dns_datagram: list[socket.socket] = field(default_factory=list)
    dns_stream: list[socket.socket] = field(default_factory=list)


def open_sockets(place: Place) -> Sockets:
    """Opens a place's sockets in the network namespace of the calling thread.

    Raises:
        OSError: An address is not there, or its port is in use.
    """
    opened = Sockets()
    for address in place.listen:
        opened.http.append(_listen(address, 80))
        opened.https.append(_listen(address, 443))
    for address in place.dns:
        datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagram.setblocking(False)
        datagram.bind((address, 53))
        opened.dns_datagram.append(datagram)
        opened.dns_stream.append(_listen(address, 53))
    return opened


def _listen(address: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setblocking(False)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(_BACKLOG)
    return listener


class Gateway:
    """Serves places.

    Args:
        services: Name of a service -> its handler.
        tls: TLS settings for the ports 443.
        zones: The domains that the name servers tell, beside the cloud's own names.
    """

    def __init__(
        self, services: Mapping[str, Handler], tls: ssl.SSLContext, zones: Zones | None = None
    ) -> None:
        self._zones = zones
        self._services = services
        self._tls = tls
        self._open: dict[str, list[Callable[[], Awaitable[None]]]] = {}

    async def open(self, place: Place, sockets: Sockets) -> None:
        """Begins to serve a place on its open sockets."""
        loop = asyncio.get_running_loop()
        closers = self._open.setdefault(place.name, [])
        for listeners, tls in ((sockets.http, None), (sockets.https, self._tls)):
            server = web.Server(
                self._handler(place, secure=tls is not None),
                access_log=None,
                # Bodies are stored and signed as they travel.
                auto_decompress=False,
                max_line_size=_MAX_LINE_BYTES,
                max_field_size=_MAX_LINE_BYTES,
            )
            for listener in listeners:
                closers.append(
                    _closer(
                        await loop.create_server(server, sock=listener, ssl=tls, backlog=_BACKLOG), server
                    )
                )
        names = RunningNameServer(place.view, sockets.dns_datagram, sockets.dns_stream, self._zones)
        await names.start()
        closers.append(names.close)

    async def close(self, name: str) -> None:
        """Ends serving a place; one that is not served is fine."""
        for closer in self._open.pop(name, []):
            await closer()

    async def close_all(self) -> None:
        """Ends serving every place."""
        for name in list(self._open):
            await self.close(name)

    def _handler(
        self, place: Place, *, secure: bool
    ) -> Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            started = time.monotonic()
            transport = request.transport
            if transport is None:
                raise ConnectionResetError("the client is gone")
            origin = Origin(
                source_ip=transport.get_extra_info("peername")[0],
                vpc_id=place.vpc_id,
                region_id=place.region_id,
                secure=secure,
            )
            name = place.service_at(transport.get_extra_info("sockname")[0])
            response: web.StreamResponse
            if name is None:
                response = web.Response(status=404)
            else:
                response = await self._services[name](request, origin)
            _log_access(request, origin, name, response, time.monotonic() - started)
            return response

        return handle


def _closer(listening: asyncio.Server, server: web.Server) -> Callable[[], Awaitable[None]]:
    async def close() -> None:
        listening.close()
        await server.shutdown(_SHUTDOWN_S)

    return close


def _log_access(
    request: web.BaseRequest,
    origin: Origin,
    service: str | None,
    response: web.StreamResponse,
    seconds: float,
) -> None:
    # Of the query, only what names the call: the rest may hold signatures.
    action = request.query.get("Action")
    _log.info(
        "%s %s from=%s%s host=%s %s%s status=%d%s %.0fms",
        service,
        request.method,
        origin.source_ip,
        f"@{origin.vpc_id}" if origin.vpc_id else "",
        request.headers.get("Host", "-"),
        request.raw_path.partition("?")[0],
        f" action={action}" if action else "",
        response.status,
        f" ec={response.headers['x-oss-ec']}" if "x-oss-ec" in response.headers else "",
        seconds * 1000,
    )
