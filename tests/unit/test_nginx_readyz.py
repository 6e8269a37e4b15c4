"""/readyz: what is asked of OSS, and what is made of its answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.probe import PROBE_NAME
from tests.unit.nginx_fixtures import Start, oss_answer, proxies
from tests.unit.nginx_process import HOST, NGINXES, Proxy, context_for, free_port, serving
from tests.unit.recording_origin import Origin


@pytest.fixture(scope="module", params=NGINXES)
def start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with proxies(tmp_path_factory.mktemp("nginx"), request.param) as starter:
        yield starter


@pytest.fixture
def proxy(start: Start) -> Proxy:
    return start(context_for("图片/", "public/"))


@pytest.mark.parametrize(
    ("status", "ec"),
    [(404, "0026-00000001"), (404, ""), (412, "0018-00000001"), (200, ""), (206, "")],
)
def test_ready(proxy: Proxy, status: int, ec: str) -> None:
    proxy.origin.answer = oss_answer(status, *([f"x-oss-ec: {ec}"] if ec else []), 'ETag: "secret"')
    answer = proxy.get("/readyz")
    assert answer.status in (200, 206)
    if status >= 400:
        assert (answer.status, answer.body) == (200, b"ready\n")
        assert answer.headers["content-type"] == "text/plain"
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


@pytest.mark.parametrize(
    ("status", "ec", "reason"),
    [
        (403, "0003-00000001", "policy"),
        (403, "", "policy"),
        (404, "0015-00000101", "bucket"),
        (429, "", "overload"),
        (503, "", "overload"),
        (500, "", "oss"),
        (502, "", "oss"),
        (504, "", "oss"),
        (400, "", "oss"),
    ],
)
def test_not_ready(proxy: Proxy, status: int, ec: str, reason: str) -> None:
    proxy.origin.answer = oss_answer(status, *([f"x-oss-ec: {ec}"] if ec else []))
    answer = proxy.get("/readyz")
    assert answer.status == 503
    assert answer.body.startswith(f"not ready: {reason}: ".encode())
    assert f"\n{status} {ec}\n".encode() in answer.body
    assert b"aliyuncs" not in answer.body
    assert b"Bucket" not in answer.body


def test_what_is_no_oss_is_not_taken_for_it(proxy: Proxy) -> None:
    proxy.origin.answer = oss_answer(404, request_id=False)
    assert proxy.get("/readyz").body.startswith(b"not ready: oss")


@pytest.mark.parametrize("binary", NGINXES)
def test_where_nobody_listens_it_is_the_network(tmp_path: Path, binary: str) -> None:
    with serving(tmp_path, context_for("public/"), Origin(port=free_port()), binary=binary) as proxy:
        answer = proxy.get("/readyz")
        assert (answer.status, answer.body.partition(b":")[2][:9]) == (503, b" network:")
        assert proxy.get("/public/x").status == 502


def test_one_byte_of_nothing_is_asked_for_under_a_condition_that_fails(proxy: Proxy) -> None:
    proxy.get("/readyz?acl&versionId=1", "Range: bytes=0-", "If-Match: *", "Cookie: a=b")
    (request,) = proxy.origin.requests
    line, *headers = request.decode().splitlines()
    assert line == f"GET /%E5%9B%BE%E7%89%87/{PROBE_NAME} HTTP/1.1"
    assert sorted(headers) == sorted(
        [f"Host: {HOST}", 'If-Match: "none"', "Range: bytes=0-0", "x-oss-range-behavior: standard"]
    )


def test_the_whole_bucket_and_signed_urls_only(start: Start) -> None:
    for context in (context_for("*"), context_for("public/", presigned="required")):
        proxy = start(context)
        proxy.origin.answer = oss_answer(404, "x-oss-ec: 0026-00000001")
        assert proxy.get("/readyz").body == b"ready\n"
        assert proxy.get("/readyz", method="HEAD").status == 200
        assert proxy.get("/readyz", method="POST").status == 405


def test_it_is_not_in_the_log_and_healthz_is_not_asked_of_oss(proxy: Proxy) -> None:
    before = proxy.log()
    proxy.origin.answer = oss_answer(404)
    proxy.get("/readyz")
    assert len(proxy.origin.requests) == 1
    assert proxy.get("/healthz").body == b"ok\n"
    assert len(proxy.origin.requests) == 1
    proxy.get("/other/x")
    entries = [json.loads(line) for line in proxy.log()[len(before) :].splitlines()]
    assert [entry["path"] for entry in entries] == ["/other/x"]
