"""A real nginx under load follows an address that moves, and one that dies, without a lost request."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.instance import follow
from infra.instance.follow import Follower, servers
from infra.instance.workers import taken_up, workers
from infra.render import nginx_conf
from tests.support.load import Load
from tests.support.nginx import free_port, relocated
from tests.unit.nginx_process import HOST, NGINXES, Proxy, context_for, run_nginx
from tests.unit.recording_origin import Origin

OLD, NEW = "127.0.0.1", "127.0.0.2"
BIG = 8 << 20


class Storage(ThreadingHTTPServer):
    """An address of OSS."""

    request_queue_size = 64

    def __init__(self, address: str, port: int) -> None:
        self.asked = 0
        self.open: set[socket.socket] = set()
        super().__init__((address, port), Handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, client = super().get_request()
        self.open.add(connection)
        return connection, client

    def die(self) -> None:
        """Listens no more and breaks off what is under way."""
        self.shutdown()
        self.server_close()
        for connection in self.open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """Any object: a small one, or a big one."""

    protocol_version = "HTTP/1.1"
    server: Storage

    def do_GET(self) -> None:
        self.server.asked += 1
        body = b"x" * (BIG if "big" in self.path else 5)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nx-oss-request-id: 5F00\r\n\r\n"
        # In one piece: an answer that is half sent cannot be asked for again.
        with suppress(ConnectionError):
            self.wfile.write(head.encode() + body)

    def log_message(self, *args: object) -> None:
        """Says nothing."""


class Instance:
    """nginx with the rendered configuration, and what follows OSS's addresses for it."""

    def __init__(self, root: Path, proxy: Proxy, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.proxy, self.port = root, proxy, port
        self.answer = {OLD}
        self.time = 0.0
        self.follower = Follower(root, lambda host: self.answer, lambda: self.time)
        tools = root / "bin"
        tools.mkdir()
        conf = root / "etc/nginx/nginx.conf"
        for name, text in {
            "nginx": f'exec {proxy.binary} "$@" -c {conf} -e stderr',
            "systemctl": f'[ "$*" = "reload nginx" ] && kill -HUP $(cat {root}/run/nginx.pid)',
        }.items():
            (tools / name).write_text(f"#!/bin/sh\n{text}\n")
            (tools / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")

    def look(self, answer: set[str]) -> None:
        self.answer = answer
        self.time += 40
        self.follower.look()


@pytest.fixture(params=NGINXES)
def instance(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Instance]:
    context, port, listen = context_for("public/"), free_port(), free_port()
    for name in ("etc/nginx", "run"):
        (tmp_path / name).mkdir(parents=True)
    place = tmp_path / f"{follow.FOLDER}{HOST}_{port}.conf"[1:]
    follow.write(place, servers([OLD], str(port)))
    text = relocated(
        nginx_conf(context), tmp_path, context, listen=f"127.0.0.1:{listen}", origin=f"{OLD}:{port}"
    )
    included = servers([OLD], str(port)).replace("\n", " ")
    assert included in text
    text = text.replace(included, f"include {place};").replace(
        f"{tmp_path}/nginx.pid", f"{tmp_path}/run/nginx.pid"
    )
    conf = tmp_path / "etc/nginx/nginx.conf"
    with run_nginx(conf, text, listen, binary=request.param):
        assert taken_up(tmp_path, set(), 10)
        yield Instance(tmp_path, Proxy(listen, tmp_path, Origin(port), request.param), port, monkeypatch)


@contextmanager
def load(instance: Instance) -> Iterator[Load]:
    """Asks again and again while a block runs."""
    made = Load(f"http://127.0.0.1:{instance.proxy.port}/public/a")
    threads = [threading.Thread(target=work) for work in (made.keep, made.keep, made.renew)]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        made.ended.set()
        for thread in threads:
            thread.join()


def await_asked(storage: Storage, more: int) -> None:
    goal, deadline = storage.asked + more, time.monotonic() + 20
    while storage.asked < goal:
        assert time.monotonic() < deadline, f"{storage.server_address} was not asked"
        time.sleep(0.01)


def test_an_address_that_moves_and_then_dies_costs_no_request(instance: Instance) -> None:
    old, new = Storage(OLD, instance.port), Storage(NEW, instance.port)
    try:
        with load(instance) as made:
            await_asked(old, 50)
            before = workers(instance.root)[0]
            instance.look({NEW})
            assert not workers(instance.root)[0] & before
            await_asked(new, 50)
            # DNS names it no more, but nginx still does when it dies.
            old.die()
            await_asked(new, 200)
            for _ in range(8):
                instance.look({NEW})
            await_asked(new, 50)
        assert made.failures == []
        assert made.counts["kept"] + made.counts["new"] > 300
        assert follow.used_in(next((instance.root / follow.FOLDER[1:]).glob("*.conf"))) == {NEW}
    finally:
        new.die()


def test_a_download_that_is_under_way_comes_to_its_end_in_an_old_worker(instance: Instance) -> None:
    old, new = Storage(OLD, instance.port), Storage(NEW, instance.port)
    try:
        with socket.create_connection(("127.0.0.1", instance.proxy.port)) as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            slow.sendall(b"GET /public/big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            received = len(slow.recv(1000))
            instance.look({NEW})
            assert len(workers(instance.root)[1]) == 1
            while part := slow.recv(1 << 20):
                received += len(part)
        assert received > BIG
    finally:
        old.die()
        new.die()


def test_with_every_address_dead_oss_is_asked_again_as_soon_as_it_is_back(instance: Instance) -> None:
    # A single address would never be left alone.
    instance.look({OLD, NEW})
    for _ in range(3):
        assert instance.proxy.get("/public/a").status == 502
    back = Storage(OLD, instance.port)
    try:
        assert instance.proxy.get("/public/a").status == 200
    finally:
        back.die()


def test_what_nginx_refuses_is_not_taken_up(instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    conf = instance.root / "etc/nginx/nginx.conf"
    conf.write_text(conf.read_text() + "no_such_directive on;")
    before = workers(instance.root)
    instance.look({NEW})
    assert 'unknown directive "no_such_directive"' in capsys.readouterr().out
    assert workers(instance.root) == before
    assert follow.used_in(next((instance.root / follow.FOLDER[1:]).glob("*.conf"))) == {OLD}
