"""What nginx takes on fits into every machine, and slow clients cost what it says and nothing on the disk."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.nginx.servers import Server
from infra.nginx.sizing import (
    CORES_MAX,
    LOCAL_PORTS,
    MEMORY_GIB_MAX,
    OPEN_FILES_MAX,
    USUAL,
    Machine,
    sizing,
)
from infra.text import RenderError
from tests.support.nginx import await_listening, free_port, nginx_binary
from tests.unit.nginx_process import NGINXES, Proxy, context_for, serving
from tests.unit.recording_origin import Origin

GIB = 1024**3
MIB = 1024**2
# Addresses that the zone of `limit_conn` can hold at a time, 10 MB of 64 bytes each. Beyond, requests fail.
# Source: https://nginx.org/en/docs/http/ngx_http_limit_conn_module.html#limit_conn_zone (2026-11-24)
ADDRESSES_OF_THE_ZONE = 160_000


@given(st.integers(1, CORES_MAX), st.floats(0.5, 4096))
def test_what_nginx_takes_on_fits_into_the_machine(cores: int, memory_gib: float) -> None:
    made = sizing(Machine(cores=cores, memory_gib=memory_gib))
    assert made.requests * made.request_bytes <= memory_gib * GIB / 4
    assert cores * made.worker_connections >= 2 * made.requests
    assert 2 * made.worker_connections <= made.open_files <= OPEN_FILES_MAX
    assert made.requests <= LOCAL_PORTS[1] - LOCAL_PORTS[0]
    assert cores * made.worker_connections / 2 <= ADDRESSES_OF_THE_ZONE
    assert made.zone_mb_max <= max(memory_gib * 1024 / 16, 8)


def test_a_larger_machine_takes_on_more() -> None:
    small, usual, large = (
        sizing(Machine(cores=cores, memory_gib=memory)) for cores, memory in ((1, 1), (2, 4), (8, 32))
    )
    assert small.requests < usual.requests < large.requests
    assert usual == sizing(USUAL)
    assert usual.requests >= 5000


@pytest.mark.parametrize(
    ("cores", "memory_gib"), [(0, 4), (2, 0), (CORES_MAX + 1, 4), (2, MEMORY_GIB_MAX + 1), (2, float("nan"))]
)
def test_what_is_no_machine_is_refused(cores: int, memory_gib: float) -> None:
    with pytest.raises(RenderError, match="instanceType"):
        Machine(cores=cores, memory_gib=memory_gib)


@contextmanager
def storage(folder: Path) -> Iterator[int]:
    """An origin that gives as fast as it is asked, with one object of 64 MiB."""
    (folder / "public").mkdir(parents=True)
    with (folder / "public/large").open("wb") as file:
        file.truncate(64 * MIB)
    # The folders of tests are their owner's alone.
    user = "user root;" if os.geteuid() == 0 else ""
    names = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temp = "".join(f"{name}_temp_path {folder}/{name};" for name in names)
    port = free_port()
    (folder / "nginx.conf").write_text(
        f"{user} pid {folder}/pid; worker_processes 1; events {{ worker_connections 1024; }}\n"
        f"http {{ {temp} access_log off; sendfile on; server {{ listen 127.0.0.1:{port}; root {folder}; }} }}"
    )
    binary = nginx_binary()
    if binary is None:
        pytest.skip("no nginx on this machine")
    process = subprocess.Popen(
        [binary, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error"), "-g", "daemon off;"],
        stderr=subprocess.PIPE,
    )
    try:
        await_listening(port, process)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=10)


READERS = 200
# What a worker needs itself once it has work.
OWN_BYTES = 8 * MIB


@contextmanager
def slow_readers(proxy: Proxy, count: int) -> Iterator[None]:
    """Clients that take a little of a large object, a hundredth of it, all at the same time."""
    with ExitStack() as stack:
        readers = []
        for _ in range(count):
            reader = stack.enter_context(socket.socket())
            # A small window, so that it is nginx that has to wait.
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
            reader.settimeout(20)
            reader.connect(("127.0.0.1", proxy.port))
            reader.sendall(b"GET /public/large HTTP/1.1\r\nHost: a\r\n\r\n")
            readers.append(reader)
        for _ in range(10):
            for reader in readers:
                left = 64 * 1024
                while left:
                    left -= len(reader.recv(left))
        yield


def master(proxy: Proxy) -> Server:
    file = proxy.folder / "nginx.pid"
    deadline = time.monotonic() + 20
    # It listens before it writes that.
    while not (file.exists() and file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return Server(proxy.port, int(file.read_text()), proxy.folder)


def temporary_files(proxy: Proxy) -> int:
    # nginx unlinks them as soon as they are open.
    opened = [link for one in master(proxy).processes() for link in Path(f"/proc/{one}/fd").iterdir()]
    return sum(str(link.readlink()).startswith(f"{proxy.folder}/proxy/") for link in opened)


@pytest.mark.parametrize("binary", NGINXES)
def test_slow_readers_cost_their_buffers_and_nothing_on_the_disk(tmp_path: Path, binary: str) -> None:
    context = context_for("public/")
    with (
        storage(tmp_path / "oss") as port,
        serving(tmp_path, context, Origin(port=port), binary=binary) as proxy,
    ):
        before = master(proxy).memory_mb()
        buffers = context.sizing.buffers * context.sizing.buffer_kib * 1024
        deadline = time.monotonic() + 20
        with slow_readers(proxy, READERS):
            grown = 0.0
            # nginx reads on while the clients wait.
            while grown <= READERS * buffers / 2 and time.monotonic() < deadline:
                grown = (master(proxy).memory_mb() - before) * MIB
            assert temporary_files(proxy) == 0
        # The buffers were in use, and little beside them grew.
        assert READERS * buffers / 2 < grown <= READERS * context.sizing.request_bytes + OWN_BYTES


@pytest.mark.parametrize("binary", NGINXES[:1])
def test_with_temporary_files_there_would_be_some(tmp_path: Path, binary: str) -> None:
    files = ("proxy_max_temp_file_size 0;", "")
    with (
        storage(tmp_path / "oss") as port,
        serving(tmp_path, context_for("public/"), Origin(port=port), binary=binary, change=files) as proxy,
        slow_readers(proxy, 4),
    ):
        # nginx reads on while the clients wait.
        deadline = time.monotonic() + 20
        while not temporary_files(proxy) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert temporary_files(proxy) > 0


@pytest.mark.parametrize("binary", NGINXES)
def test_a_busy_proxy_opens_as_many_files_as_it_says(tmp_path: Path, binary: str) -> None:
    context = context_for("public/", sizing=sizing(Machine(cores=2, memory_gib=1)))
    with serving(tmp_path, context, Origin(port=free_port()), binary=binary) as proxy:
        # A worker that answers is ready.
        assert proxy.get("/healthz").status == 200
        _, worker = master(proxy).processes()
        (allowed,) = re.findall(r"Max open files +(\d+) ", Path(f"/proc/{worker}/limits").read_text())
        assert int(allowed) == context.sizing.open_files
        assert "alert" not in (tmp_path / "error.log").read_text()
