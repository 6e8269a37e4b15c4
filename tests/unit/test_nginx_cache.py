"""The cache when OSS fails, refuses, or says that nothing has changed, and when many ask at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.nginx.cache import Cache
from tests.unit.nginx_fixtures import oss_answer, proxies
from tests.unit.nginx_process import HOST, NGINXES, Answer, Proxy, context_for

FRESH_S = 1


@pytest.fixture(scope="module", params=NGINXES)
def proxy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with proxies(tmp_path_factory.mktemp("nginx"), request.param) as start:
        yield start(context_for("public/", cache=Cache(size_gib=1, minutes=10)))


@pytest.fixture(autouse=True)
def _forget(proxy: Proxy) -> None:
    proxy.origin.forget()


def one_slice(body: bytes, *headers: str) -> Callable[[bytes], bytes]:
    size = len(body)
    return oss_answer(206, f"Content-Range: bytes 0-{size - 1}/{size}", 'ETag: "tag"', *headers, body=body)


def primed(proxy: Proxy, target: str, *headers: str) -> None:
    proxy.origin.answer = one_slice(b"kept", *headers)
    assert proxy.get(target).headers["x-cache-status"] == "MISS"
    proxy.origin.forget()


def after_expiry(proxy: Proxy, target: str) -> Answer:
    deadline = time.monotonic() + 30
    while (answer := proxy.get(target)).headers.get("x-cache-status") == "HIT":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answer


def test_oss_is_asked_for_plain_slices(proxy: Proxy) -> None:
    proxy.origin.answer = one_slice(b"kept")
    headers = ("Range: bytes=1-2", 'If-Match: "tag"', "If-None-Match: x", 'If-Range: "tag"', "Cookie: a=b")
    answer = proxy.get("/public/plain?a=b", *headers)
    assert (answer.status, answer.body) == (206, b"ep")
    (request,) = proxy.origin.requests
    line, *sent = request.decode().splitlines()
    assert line == "GET /public/plain HTTP/1.1"
    assert sorted(sent) == sorted(
        [f"Host: {HOST}", "Range: bytes=0-1048575", "x-oss-range-behavior: standard"]
    )


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_what_was_kept_outlives_an_outage(proxy: Proxy, status: int) -> None:
    target = f"/public/outage{status}"
    primed(proxy, target, f"Cache-Control: max-age={FRESH_S}")
    proxy.origin.answer = oss_answer(status)
    answer = after_expiry(proxy, target)
    assert (answer.status, answer.body, answer.headers["x-cache-status"]) == (200, b"kept", "STALE")
    # What was never kept is the outage that it is.
    assert proxy.get(f"{target}-other").status == status


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_counts_at_once_and_is_not_kept(proxy: Proxy, status: int) -> None:
    target = f"/public/refusal{status}"
    primed(proxy, target, f"Cache-Control: max-age={FRESH_S}")
    proxy.origin.answer = oss_answer(status)
    assert after_expiry(proxy, target).status == status
    assert proxy.get(target).status == status
    proxy.origin.answer = one_slice(b"back")
    assert proxy.get(target).body == b"back"


def test_what_has_not_changed_is_not_sent_again(proxy: Proxy) -> None:
    primed(proxy, "/public/same", f"Cache-Control: max-age={FRESH_S}")
    proxy.origin.answer = oss_answer(304, 'ETag: "tag"')
    answer = after_expiry(proxy, "/public/same")
    assert (answer.body, answer.headers["x-cache-status"]) == (b"kept", "REVALIDATED")
    assert b'If-None-Match: "tag"' in proxy.origin.requests[-1]


def test_many_who_ask_at_once_are_one_for_oss(proxy: Proxy) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def late(head: bytes) -> bytes:
        arrived.set()
        go_on.wait(10)
        return one_slice(b"once")(head)

    proxy.origin.answer = late
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(proxy.get, "/public/many") for _ in range(8)]
        assert arrived.wait(10)
        go_on.set()
        assert {one.result().body for one in asked} == {b"once"}
    assert len(proxy.origin.requests) == 1


def test_a_purged_file_is_asked_for_anew_within_a_moment(proxy: Proxy) -> None:
    primed(proxy, "/public/purged")
    proxy.origin.answer = one_slice(b"new one")
    assert proxy.get("/public/purged").headers["x-cache-status"] == "HIT"
    files = [file for file in (proxy.folder / "cache").rglob("*") if b"KEY: public/purged " in _content(file)]
    assert files
    for file in files:
        file.unlink()
    assert after_expiry(proxy, "/public/purged").body == b"new one"


def _content(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""


@pytest.mark.parametrize("binary", NGINXES)
def test_a_range_of_a_signed_url_goes_to_oss_beside_the_cache(tmp_path: Path, binary: str) -> None:
    context = context_for("public/", cache=Cache(size_gib=1, minutes=10), presigned="allowed")
    with proxies(tmp_path, binary) as start:
        proxy = start(context)
        proxy.origin.answer = oss_answer(206, "Content-Range: bytes 1-2/4", body=b"ep")
        answer = proxy.get("/public/a?x-oss-signature=s", "Range: bytes=1-2")
        assert (answer.status, answer.body) == (206, b"ep")
        (request,) = proxy.origin.requests
        assert request.decode().splitlines() == [
            "GET /public/a?x-oss-signature=s HTTP/1.1",
            f"Host: {HOST}",
            "Range: bytes=1-2",
        ]
