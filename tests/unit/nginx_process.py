"""A real nginx on the loopback, with the rendered configuration, before an origin."""

from __future__ import annotations

import http.client
import io
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.render import NginxContext, nginx_conf
from tests.support.debian_nginx import unpacked
from tests.support.nginx import await_listening, free_port, nginx_binary, relocated
from tests.unit.recording_origin import Origin, recording_origin

HOST = "b.oss-test-internal.aliyuncs.com"

# Debian 13's is the one that instances run; an older one keeps the configuration from leaning on news.
NGINXES = [
    pytest.param(
        binary,
        id=name,
        marks=[] if binary else [pytest.mark.skip(reason=f"{name}: no nginx here, run `make setup`")],
    )
    for name, binary in {
        "debian-13": str(unpacked()) if unpacked().exists() else None,
        "host": nginx_binary(),
    }.items()
]


def context_for(*prefixes: str, **more: object) -> NginxContext:
    return NginxContext(bucket_host=HOST, listen_port=80, prefixes=prefixes, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Proxy:
    """The running nginx and its origin."""

    port: int
    folder: Path
    origin: Origin
    binary: str = ""

    def send(self, request: bytes, *, hangs_up: bool = False) -> bytes:
        """Sends bytes as they are and returns all that came back until nginx closed.

        Hanging up once an answer begins spares the wait for a body that was announced and never comes.
        """
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(request)
            parts = []
            try:
                while part := connection.recv(65536):
                    parts.append(part)
                    if hangs_up:
                        connection.shutdown(socket.SHUT_WR)
            except ConnectionResetError:
                # It closed with bytes of the request unread; what it had to say came before.
                pass
        return b"".join(parts)

    def ask(self, target: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
        """Sends one request with this raw target and closes."""
        lines = [f"{method} {target} HTTP/1.1", "Host: client.example", "Connection: close", *headers]
        return self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def get(self, target: str, *headers: str, method: str = "GET") -> Answer:
        """Sends one request and reads its answer as a client does."""
        return parsed(self.ask(target, *headers, method=method), method=method)

    def log(self) -> str:
        return (self.folder / "access.log").read_text()


@dataclass(frozen=True)
class Answer:
    """One answer, read as a client does.

    Attributes:
        status: The status.
        headers: Values by name in lower case; several of one name are joined with a comma.
        body: The body without its framing.
    """

    status: int
    headers: dict[str, str]
    body: bytes


def parsed(answer: bytes, *, method: str = "GET") -> Answer:
    """Reads the first answer of a connection."""
    response = http.client.HTTPResponse(_Received(answer), method=method)  # type: ignore[arg-type]
    response.begin()
    headers: dict[str, str] = {}
    for name, value in response.getheaders():
        headers[name.lower()] = f"{headers[name.lower()]}, {value}" if name.lower() in headers else value
    return Answer(response.status, headers, response.read())


class _Received:
    """What the standard library wants in place of a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def statuses(answers: bytes) -> list[int]:
    """The statuses of all answers on a connection."""
    return [int(found) for found in re.findall(rb"HTTP/1\.[01] (\d{3})(?: [^\r\n]*)?\r\n", answers)]


@contextmanager
def running(folder: Path, context: NginxContext, *, binary: str) -> Iterator[Proxy]:
    """Starts nginx and a recording origin, and ends both."""
    with recording_origin() as origin, serving(folder, context, origin, binary=binary) as proxy:
        yield proxy


@contextmanager
def serving(
    folder: Path,
    context: NginxContext,
    origin: Origin,
    *,
    binary: str,
    change: tuple[str, str] = ("", ""),
) -> Iterator[Proxy]:
    """Starts nginx before an origin that listens already, with one text of its configuration changed."""
    port = free_port()
    text = nginx_conf(context)
    if change[0] not in text:
        raise AssertionError(f"the configuration has no {change[0]!r}")
    text = text.replace(*change) if change[0] else text
    conf = relocated(text, folder, context, listen=f"127.0.0.1:{port}", origin=f"127.0.0.1:{origin.port}")
    with run_nginx(folder / "nginx.conf", conf, port, binary=binary):
        yield Proxy(port, folder, origin, binary)


@contextmanager
def run_nginx(place: Path, conf: str, port: int, *, binary: str) -> Iterator[None]:
    """Runs nginx with a configuration of a place, until a block ends."""
    place.write_text(conf)
    process = subprocess.Popen(
        [binary, "-c", str(place), "-e", str(place.parent / "error.log"), "-g", "daemon off;"],
        stderr=subprocess.PIPE,
    )
    try:
        await_listening(port, process)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=10)
