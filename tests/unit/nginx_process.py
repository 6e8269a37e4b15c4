"""A real nginx on the loopback, with the rendered configuration, before an origin that keeps every byte."""

from __future__ import annotations

import shutil
import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from infra.render import NginxContext, nginx_conf

START_TIMEOUT_S = 10
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-oss-request-id: 5F00\r\nx-oss-ec: 0000-1\r\n\r\n"

# Debian's compiled-in paths belong to the packaged service.
_TEMP_PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def nginx_binary() -> str | None:
    """The nginx to test with: on PATH, or where Debian puts it."""
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


def relocated(conf: str, folder: Path, context: NginxContext, *, listen: str, origin: str) -> str:
    """The rendered configuration with other paths and addresses, and nothing else changed."""
    temp_paths = "".join(f"    {name}_temp_path {folder}/{name};\n" for name in _TEMP_PATHS)
    changes = {
        "user www-data;\n": "",
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "/var/log/nginx/": f"{folder}/",
        "worker_processes auto;": "worker_processes 1;",
        f"server {context.bucket_host}:80 ": f"server {origin} ",
        f"listen {context.listen_port} ": f"listen {listen} ",
        "\nhttp {\n": f"\nhttp {{\n{temp_paths}",
    }
    for old, new in changes.items():
        if conf.count(old) == 0:
            raise AssertionError(f"the configuration has no {old!r}")
        conf = conf.replace(old, new)
    return conf


@dataclass
class Origin:
    """Stands for OSS: keeps the head of every request and the connection that it came over."""

    requests: list[bytes] = field(default_factory=list)
    connections: list[tuple[str, int]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


class _Handler(socketserver.StreamRequestHandler):
    origin: Origin

    def handle(self) -> None:
        while head := self._head():
            self.origin.requests.append(head)
            self.origin.connections.append(self.client_address)
            self.wfile.write(ANSWER if head.startswith(b"HEAD ") else ANSWER + b"bytes")

    def _head(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b"", b"\r\n"):
            lines.append(line)
        return b"".join(lines)


@dataclass(frozen=True)
class Proxy:
    """The running nginx and its origin."""

    port: int
    folder: Path
    origin: Origin

    def send(self, request: bytes) -> bytes:
        """Sends bytes as they are and returns all that came back until nginx closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(request)
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
        return b"".join(parts)

    def ask(self, target: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
        """Sends one request with this raw target and closes."""
        lines = [f"{method} {target} HTTP/1.1", "Host: client.example", "Connection: close", *headers]
        return self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def log(self) -> str:
        return (self.folder / "access.log").read_text()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@contextmanager
def running(folder: Path, prefixes: tuple[str, ...]) -> Iterator[Proxy]:
    """Starts nginx and its origin, and ends both."""
    binary = nginx_binary()
    if binary is None:
        raise AssertionError("there is no nginx")
    context = NginxContext(bucket_host="b.oss-test-internal.aliyuncs.com", listen_port=80, prefixes=prefixes)
    origin = Origin()
    handler = type("Handler", (_Handler,), {"origin": origin})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        port = _free_port()
        conf = relocated(
            nginx_conf(context),
            folder,
            context,
            listen=f"127.0.0.1:{port}",
            origin=f"127.0.0.1:{server.server_address[1]}",
        )
        (folder / "nginx.conf").write_text(conf)
        process = subprocess.Popen(
            [binary, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"), "-g", "daemon off;"],
            stderr=subprocess.PIPE,
        )
        try:
            _await_listening(port, process)
            yield Proxy(port, folder, origin)
        finally:
            process.terminate()
            process.communicate(timeout=10)
            server.shutdown()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    process.kill()
    raise AssertionError(f"nginx does not listen: {process.communicate()[1].decode()}")
