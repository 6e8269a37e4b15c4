"""Reading objects: ranges, conditions, and HEAD, with the answers that HTTP wants (RFC 9110)."""

from __future__ import annotations

import pytest

from tests.dataplane.conftest import Site
from tests.unit.nginx_process import Proxy

BODY = b"0123456789"
LONG_AGO = "Thu, 01 Jan 2015 00:00:00 GMT"
LATER = "Fri, 01 Jan 2100 00:00:00 GMT"


@pytest.fixture(scope="module")
def proxy(site: Site) -> Proxy:
    site.put("public/ten", BODY, Content_Type="text/plain", x_oss_meta_owner="me")
    site.put("public/none", b"")
    site.put("public/a+b c%2F中?#", b"odd")
    site.put("secret/ten", BODY)
    return site.proxy(site.context("public/"))


@pytest.fixture(scope="module")
def etag(proxy: Proxy) -> str:
    return proxy.get("/public/ten").headers["etag"]


def test_the_object_comes_as_it_is(proxy: Proxy) -> None:
    answer = proxy.get("/public/ten")
    assert (answer.status, answer.body) == (200, BODY)
    assert answer.headers["content-type"] == "text/plain"
    assert answer.headers["content-length"] == "10"
    assert answer.headers["x-oss-meta-owner"] == "me"


def test_an_odd_key(proxy: Proxy) -> None:
    assert proxy.get("/public/a+b%20c%252F%E4%B8%AD%3F%23").body == b"odd"


def test_what_the_policy_does_not_allow_is_not_asked_for(proxy: Proxy) -> None:
    assert proxy.get("/secret/ten").status == 404


@pytest.mark.parametrize(
    ("range_", "expected", "content_range"),
    [
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=3-", b"3456789", "bytes 3-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=-200", BODY, "bytes 0-9/10"),
        ("bytes=8-100", b"89", "bytes 8-9/10"),
        ("bytes=0-99999999999", BODY, "bytes 0-9/10"),
    ],
)
def test_one_range(proxy: Proxy, range_: str, expected: bytes, content_range: str) -> None:
    answer = proxy.get("/public/ten", f"Range: {range_}")
    assert (answer.status, answer.body) == (206, expected)
    assert answer.headers["content-range"] == content_range
    assert answer.headers["content-length"] == str(len(expected))


@pytest.mark.parametrize(
    "range_", ["bytes=0-1,3-4", "bytes=0-0,-1", "bytes=a-b", "bytes=5-3", "items=0-1", "bytes=-"]
)
def test_several_ranges_and_none_are_the_whole_object(proxy: Proxy, range_: str) -> None:
    answer = proxy.get("/public/ten", f"Range: {range_}")
    assert (answer.status, answer.body) == (200, BODY)
    assert "content-range" not in answer.headers


@pytest.mark.parametrize("range_", ["bytes=10-", "bytes=100-200", "bytes=-0"])
def test_a_range_beyond_the_object(proxy: Proxy, range_: str) -> None:
    answer = proxy.get("/public/ten", f"Range: {range_}")
    assert answer.status == 416
    assert answer.headers["content-range"] == "bytes */10"


def test_if_none_match(proxy: Proxy, etag: str) -> None:
    for condition in (etag, f'"other", {etag}', "*", f"W/{etag}"):
        answer = proxy.get("/public/ten", f"If-None-Match: {condition}")
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["etag"] == etag
    assert proxy.get("/public/ten", 'If-None-Match: "other"').status == 200


def test_a_tag_outweighs_a_date(proxy: Proxy, etag: str) -> None:
    assert proxy.get("/public/ten", f"If-None-Match: {etag}", f"If-Modified-Since: {LONG_AGO}").status == 304
    assert proxy.get("/public/ten", 'If-None-Match: "other"', f"If-Modified-Since: {LATER}").status == 200
    assert proxy.get("/public/ten", f"If-Match: {etag}", f"If-Unmodified-Since: {LONG_AGO}").status == 200


def test_dates(proxy: Proxy) -> None:
    assert proxy.get("/public/ten", f"If-Modified-Since: {LATER}").status == 304
    assert proxy.get("/public/ten", f"If-Modified-Since: {LONG_AGO}").status == 200
    assert proxy.get("/public/ten", f"If-Unmodified-Since: {LATER}").status == 200
    assert proxy.get("/public/ten", f"If-Unmodified-Since: {LONG_AGO}").status == 412


def test_if_match(proxy: Proxy, etag: str) -> None:
    assert proxy.get("/public/ten", f"If-Match: {etag}").status == 200
    assert proxy.get("/public/ten", 'If-Match: "other"').status == 412
    assert proxy.get("/public/ten", "Range: bytes=0-0", 'If-Match: "other"').status == 412


def test_a_condition_comes_before_a_range(proxy: Proxy, etag: str) -> None:
    assert proxy.get("/public/ten", "Range: bytes=100-", f"If-None-Match: {etag}").status == 304


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_if_range(proxy: Proxy, etag: str, method: str) -> None:
    partial, whole = ((206, 1), (200, 10)) if method == "GET" else ((200, 10), (200, 10))
    modified = proxy.get("/public/ten").headers["last-modified"]
    for condition, expected in [
        (etag, partial),
        (modified, partial),
        (LATER, partial),
        ('"other"', whole),
        (f"W/{etag}", whole),
        (LONG_AGO, whole),
        ("nonsense", whole),
    ]:
        answer = proxy.get("/public/ten", "Range: bytes=4-4", f"If-Range: {condition}", method=method)
        assert (answer.status, int(answer.headers["content-length"])) == expected, condition
    assert proxy.get("/public/ten", 'If-Range: "other"', method=method).status == 200


def test_a_changed_object_that_is_gone_too(proxy: Proxy) -> None:
    assert proxy.get("/public/missing", "Range: bytes=4-4", 'If-Range: "other"').status == 404


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/public/ten", []),
        ("/public/none", []),
        ("/public/ten", ["If-None-Match: *"]),
        ("/public/ten", ['If-Match: "other"']),
        ("/public/missing", []),
        ("/secret/ten", []),
        ("/healthz", []),
    ],
)
def test_head_has_the_headers_of_get(proxy: Proxy, target: str, headers: list[str]) -> None:
    answers = [proxy.get(target, *headers, method=method) for method in ("GET", "HEAD")]
    own = {"date", "x-oss-request-id", "x-oss-server-time", "x-request-id"}
    get, head = ({k: v for k, v in answer.headers.items() if k not in own} for answer in answers)
    assert answers[0].status == answers[1].status
    assert get == head
    assert answers[1].body == b""


def test_an_empty_object(proxy: Proxy) -> None:
    answer = proxy.get("/public/none")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")
