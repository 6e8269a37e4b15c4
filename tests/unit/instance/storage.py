"""Stands for OSS and answers as a test wants it to."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def failure(code: str, ec: str) -> str:
    return f"<Error><Code>{code}</Code><Message>no.</Message><EC>{ec}</EC></Error>"


NO_SUCH_KEY = (404, failure("NoSuchKey", "0026-00000001"))
DENIED = (403, failure("AccessDenied", "0003-00000905"))


@dataclass
class Storage:
    """A storage on the loopback; answers in turn, the last answer for ever."""

    port: int = 0
    answers: list[tuple[int, str]] = field(default_factory=lambda: [NO_SUCH_KEY])
    marked: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def storage(tls: ssl.SSLContext | None = None) -> Iterator[Storage]:
    """Starts one, over HTTPS where there is a context for it, and ends it."""
    made = Storage()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append((self.headers["Host"], self.path))
            status, text = made.answers.pop(0) if len(made.answers) > 1 else made.answers[0]
            self.send_response(status)
            if made.marked:
                self.send_header("x-oss-request-id", "5F00")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_address[1]
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield made
        finally:
            server.shutdown()
