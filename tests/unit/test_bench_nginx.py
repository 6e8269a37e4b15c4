"""What the measurements of nginx read, and that the compared configurations are nginx's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bench import nginx
from bench.nginx_load import Load, parsed, serving
from bench.nginx_setups import SETUPS, Setup, origin_conf
from tests.support.nginx import free_port
from tests.unit.nginx_process import NGINXES

REPORT = """\
Running 2s test @ http://127.0.0.1:1/public/4KiB
  2 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.35ms    1.01ms  20.00ms   97.50%
    Req/Sec    12.20k     1.10k   14.00k    50.00%
  Latency Distribution
     50%    2.30ms
     75%    2.90ms
     90%    3.50ms
     99%  900.00us
  48468 requests in 2.00s, 200.00MB read
"""
ERRORS = """\
  Socket errors: connect 1, read 2, write 0, timeout 3
  Non-2xx or 3xx responses: 4
"""
END = "Requests/sec:  24234.10\nTransfer/sec:    100.00MB\n"


@pytest.mark.parametrize(("errors", "failed"), [("", 0), (ERRORS, 10)])
def test_wrks_report_is_read(errors: str, failed: int) -> None:
    assert parsed(REPORT + errors + END) == Load(48468, 24234.1, 0.0023, 0.0009, failed)


def test_a_row_is_as_wide_as_the_head() -> None:
    load = parsed(REPORT + END)
    row = nginx.Row("4 KiB, 64: ours", (load,), (0.6,), (31.0,), (9.0,)).row()
    assert len(row) == len(nginx.HEADER)


@pytest.mark.parametrize("binary", NGINXES[:1])
@pytest.mark.parametrize("setup", SETUPS, ids=lambda setup: setup.name)
def test_every_setup_serves_the_origins_objects(tmp_path: Path, binary: str, setup: Setup) -> None:
    origin, proxy = tmp_path / "origin", tmp_path / "proxy"
    (origin / "objects/public").mkdir(parents=True)
    proxy.mkdir()
    (origin / "objects/public/x").write_bytes(b"object")
    ports = free_port(), free_port()
    with (
        serving(binary, origin, ports[0], origin_conf(origin, ports[0])),
        serving(binary, proxy, ports[1], setup.conf(proxy, ports[1], ports[0])) as server,
    ):
        url = f"http://127.0.0.1:{server.port}/public/x"
        done = subprocess.run(["curl", "-sf", url], check=True, capture_output=True)
        assert done.stdout == b"object"
        assert server.memory_mb() > 0
        assert server.cpu_seconds() >= 0
        assert len(server.processes()) > 1
