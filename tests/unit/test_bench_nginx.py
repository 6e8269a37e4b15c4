"""What the measurements of nginx read and write, and that the compared configurations serve."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench.nginx import report
from bench.nginx.cases import CASES, Case
from bench.nginx.goals import goals
from bench.nginx.load import Load, parsed, resumed
from bench.nginx.measure import Row, Turn
from bench.nginx.memory import Streaming
from bench.nginx.secure_setups import SECURE_SETUPS
from bench.nginx.setups import CACHED, DIRECT, OURS, SETUPS, VENDOR
from bench.nginx.stand import standing, standing_secure
from tests.support.debian_nginx import unpacked
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
FACTS = report.Facts("2 x CPU", "loopback", "1.26.3", "2026-11-24", 0.1, 3.5, 5, 5)
STREAMED = Streaming(1000, 30, 150.4, 0.0, 0, 5, 14.0, True)


def row(case: Case, setup: str, requests: int, of_vendor: tuple[float, ...], of_direct: float = 0.5) -> Row:
    load = Load(requests, 2.0, requests * 4096.0, 0.0023, 0.0009, 0)
    return Row(case, setup, (Turn(load, 1.5, 9.9, 40000),), (of_direct,), of_vendor)


ROWS = [
    row(CASES[0], OURS, 50000, (0.9, 1.1, 1.02)),
    row(CASES[0], CACHED, 60000, (1.3,), of_direct=0.896),
    row(CASES[0], VENDOR, 48000, (1.0,)),
    row(CASES[5], OURS, 50000, (0.97,)),
    row(CASES[5], CACHED, 60000, (1.3,), of_direct=0.7),
    row(CASES[5], VENDOR, 48000, (1.0,)),
]


@pytest.mark.parametrize(("errors", "failed"), [("", 0), (ERRORS, 10)])
def test_wrks_report_is_read(errors: str, failed: int) -> None:
    assert parsed(REPORT + errors + END) == Load(48468, 2.0, 200 * 2**20, 0.0023, 0.0009, failed)


def test_a_report_without_a_whole_answer_has_no_latencies() -> None:
    text = "  Latency Distribution\n  0 requests in 5.03s, 9.50GB read\n"
    assert parsed(text) == Load(0, 5.03, 9.5 * 2**30, 0.0, 0.0, 0)


def test_what_is_no_report_is_refused() -> None:
    with pytest.raises(ValueError, match="no requests"):
        parsed("unable to connect")
    with pytest.raises(ValueError, match="no connections"):
        resumed(["unable to get connection"], 1.0)


def test_sessions_that_were_not_resumed_count_as_failed() -> None:
    one = "with session id reuse.\nstarting\nrrtr\n\n4 connections in 0.50s; 8 connections/user sec\n"
    one += "4 connections in 3 real seconds, 100 bytes read per connection\n"
    assert resumed([one, one], 2.0) == Load(8, 2.0, 800, 0.0, 0.0, 2)


def test_goals_are_judged_by_the_median_of_the_rounds() -> None:
    assert [(goal.value, goal.answer) for goal in goals(ROWS, None)] == [
        ("1.02", "met"),
        ("0.97", "not met"),
        ("0.90", "met"),
        ("0.70", "not met"),
    ]
    assert all(goal.met for goal in goals([], STREAMED))
    worse = replace(STREAMED, memory_mb=201.0, temporary_mb=0.1, intact=False)
    assert not any(goal.met for goal in goals([], worse))


def test_the_page_has_every_row_and_goal_and_says_how_busy_the_machine_was() -> None:
    wanted = list(goals(ROWS, STREAMED))
    page = report.page(FACTS, ROWS, wanted, STREAMED.lines())
    assert "| ours | 25,000 | 0.50 | 1.02 | 2.30 | 0.90 | 30.0 | 10 | 1 | 0 |" in page
    assert "| ours | 98 MiB | 0.50 | 0.97 | - | - | 7,680.0 | 10 | 205 | 0 |" in page
    assert page.count("| not met |") == 2
    assert "other work" not in page
    assert "other work" in report.page(replace(FACTS, load_before=8.0), ROWS, wanted, [])


def test_the_readme_gets_the_ratios_and_keeps_the_rest() -> None:
    block = report.readme_block(FACTS, ROWS)
    assert "| 4 KiB, 64 connections | 1.02 | 1.30 |" in block
    readme = f"a\n{report.BEGIN}old\n{report.END}z\n"
    assert report.with_block(readme, block) == f"a\n{report.BEGIN}{block}{report.END}z\n"
    with pytest.raises(ValueError, match="README"):
        report.with_block("a\n", block)


def test_the_projects_readme_has_a_place_for_the_ratios() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert "new" in report.with_block(readme, "new\n")


def test_a_line_is_as_wide_as_its_head() -> None:
    assert len(report.line(ROWS[0])) == len(report.head("a load").splitlines()[-1])


def test_the_plot_is_the_same_for_the_same_numbers(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="only make bench-nginx installs it")
    code = "import sys; sys.path.insert(0, '.')\nfrom pathlib import Path\nfrom bench.nginx import plot\n"
    code += "from tests.unit.test_bench_nginx import ROWS\nplot.draw(ROWS, Path(sys.argv[1]))\n"
    for name in ("a", "b"):
        subprocess.run([sys.executable, "-c", code, tmp_path / name], check=True)
    assert (tmp_path / "a").read_text() == (tmp_path / "b").read_text()
    assert "vendor's form" in (tmp_path / "a").read_text()


@pytest.mark.skipif(not NGINXES, reason="there is no nginx")
def test_the_nginx_setups_serve_the_origins_objects(tmp_path: Path) -> None:
    setups = [setup for setup in SETUPS if setup.command.__name__ == "nginx_command"]
    with standing(setups, {"x": 3000}) as servers:
        assert list(servers) == [DIRECT, OURS, CACHED, VENDOR, "variable proxy_pass"]
        for server in servers.values():
            url = f"http://127.0.0.1:{server.port}/public/x"
            done = subprocess.run(["curl", "-sf", url], check=True, capture_output=True)
            assert done.stdout == bytes(3000)
            with server.watched() as peak:
                assert server.cpu_seconds() >= 0
                assert server.written_bytes() >= 0
            assert peak.memory_mb > 0
            assert len(server.processes()) > 1


@pytest.mark.skipif(not unpacked().exists(), reason="Debian 13's nginx is not here")
def test_the_nginx_setups_serve_them_over_https() -> None:
    setups = [setup for setup in SECURE_SETUPS if setup.command.__name__ == "nginx_command"]
    with standing_secure(setups, {"x": 3000}) as servers:
        assert list(servers) == [DIRECT, OURS, VENDOR]
        for server in servers.values():
            url = f"https://localhost:{server.port}/public/x"
            done = subprocess.run(["curl", "-skf", url], check=True, capture_output=True)
            assert done.stdout == bytes(3000)
