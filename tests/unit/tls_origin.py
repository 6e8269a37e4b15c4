"""The recording origin behind TLS."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import trustme

from tests.unit.recording_origin import Handler, Origin


@dataclass
class TlsOrigin(Origin):
    """What came in, and how it was encrypted.

    Attributes:
        names: The name that each connection asked for.
        versions: The version of TLS of each request.
        resumed: Of each request, whether its connection went on with the session of another.
    """

    names: list[str | None] = field(default_factory=list)
    versions: list[str | None] = field(default_factory=list)
    resumed: list[bool | None] = field(default_factory=list)

    def forget(self) -> None:
        super().forget()
        for one in (self.names, self.versions, self.resumed):
            one.clear()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, tls: ssl.SSLContext, handler: type[Handler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._tls = tls

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        plain, address = super().get_request()
        # The thread of the connection shakes hands: a client that does not holds up nobody.
        return self._tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: a client that refuses the certificate is what is tested."""


@contextmanager
def tls_origin(
    authority: trustme.CA, name: str, *, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> Iterator[TlsOrigin]:
    """Starts an origin with a certificate of this authority for this name."""
    origin = TlsOrigin()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(tls)
    tls.maximum_version = newest
    tls.sni_callback = lambda _connection, asked, _context: origin.names.append(asked)

    class Recording(Handler):
        def told(self) -> None:
            origin.versions.append(self.request.version())
            origin.resumed.append(self.request.session_reused)

    Recording.origin = origin
    with _Server(tls, Recording) as server:
        origin.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield origin
        finally:
            server.shutdown()
