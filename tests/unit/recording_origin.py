"""Stands for OSS in tests of nginx: keeps every byte that it gets, and answers as it is told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-oss-request-id: 5F00\r\nx-oss-ec: 0000-1\r\n\r\n"
BODY = b"bytes"


def plain_answer(head: bytes) -> bytes:
    """The same small object for every request."""
    return ANSWER if head.startswith(b"HEAD ") else ANSWER + BODY


@dataclass
class Origin:
    """What came in, in order.

    Attributes:
        requests: The head of every request, with the line ends of each header and without the empty line.
        connections: The client's address of the connection that each request came over.
        unread: By connection, bytes that belong to no whole head: a body, or half a request.
        answer: Makes the answer to a head.
    """

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: list[tuple[str, int]] = field(default_factory=list)
    unread: dict[tuple[str, int], bytes] = field(default_factory=dict)
    answer: Callable[[bytes], bytes] = plain_answer

    def forget(self) -> None:
        self.requests.clear()
        self.connections.clear()
        self.unread.clear()
        self.answer = plain_answer


class Handler(socketserver.BaseRequestHandler):
    """Answers the requests of one connection."""

    origin: Origin

    def told(self) -> None:
        """Hears of each request."""

    def handle(self) -> None:
        buffer = b""
        while piece := self.request.recv(65536):
            buffer += piece
            while b"\r\n\r\n" in buffer:
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                self.told()
                self.origin.requests.append(head + b"\r\n")
                self.origin.connections.append(self.client_address)
                self.request.sendall(self.origin.answer(head))
            self.origin.unread[self.client_address] = buffer


@contextmanager
def recording_origin() -> Iterator[Origin]:
    origin = Origin()
    handler = type("Handler", (Handler,), {"origin": origin})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        origin.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield origin
        finally:
            server.shutdown()
