"""What one client may take."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.nginx.answers import Answers
from infra.nginx.limits import Limits
from infra.render import nginx_conf
from tests.unit.nginx_fixtures import Start, oss_answer, proxies
from tests.unit.nginx_process import NGINXES, context_for, statuses
from tests.unit.recording_origin import plain_answer


@pytest.fixture(scope="module", params=NGINXES)
def start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with proxies(tmp_path_factory.mktemp("nginx"), request.param) as starter:
        yield starter


def pipelined(target: str, count: int) -> bytes:
    one = f"GET {target} HTTP/1.1\r\nHost: a\r\n"
    return (f"{one}\r\n" * (count - 1) + f"{one}Connection: close\r\n\r\n").encode()


def test_requests_beyond_the_rate_are_told_to_wait(start: Start) -> None:
    proxy = start(context_for("public/", limits=Limits(requests_per_second=1)))
    # However slow the machine, 20 requests on one connection take less than 18 seconds.
    seen = statuses(proxy.send(pipelined("/public/x", 20)))
    assert seen[:2] == [200, 200]
    assert seen.count(429) >= 1
    assert len(proxy.origin.requests) == seen.count(200)
    answer = proxy.get("/public/x")
    if answer.status == 429:
        assert answer.headers["retry-after"] == "1"
        assert answer.body.startswith(b"429 Too Many Requests")
    # What costs OSS nothing is not limited.
    assert set(statuses(proxy.send(pipelined("/healthz", 20)))) == {200}


def test_readiness_checks_cost_requests_too(start: Start) -> None:
    proxy = start(context_for("public/"))
    proxy.origin.answer = oss_answer(404)
    seen = statuses(proxy.send(pipelined("/readyz", 200)))
    assert seen[:51] == [200] * 51
    assert 429 in seen
    assert len(proxy.origin.requests) == seen.count(200)


def test_answers_at_the_same_time(start: Start) -> None:
    proxy = start(context_for("public/", limits=Limits(connections=2), answers=Answers()))
    arrived = threading.Semaphore(0)
    go_on = threading.Event()

    def late(head: bytes) -> bytes:
        arrived.release()
        go_on.wait(10)
        return plain_answer(head)

    proxy.origin.answer = late
    with ThreadPoolExecutor() as pool:
        held = [pool.submit(proxy.get, "/public/x") for _ in range(2)]
        for _ in held:
            assert arrived.acquire(timeout=10)
        assert proxy.get("/public/x").status == 429
        go_on.set()
        assert [one.result().status for one in held] == [200, 200]
    assert proxy.get("/public/x").status == 200


def test_bandwidth_is_in_bytes() -> None:
    text = nginx_conf(context_for("public/", limits=Limits(connection_mbps=8)))
    assert "limit_rate 1000000;" in text
    assert "limit_rate" not in nginx_conf(context_for("public/"))
