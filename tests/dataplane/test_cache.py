"""The cache before localcloud's OSS: what is kept, what is not, and that clients can hardly tell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.nginx.answers import Answers
from infra.nginx.cache import Cache
from tests.dataplane.conftest import Site
from tests.dataplane.test_signed import signed
from tests.localcloud.oss.conftest import INTERNET, PROXY
from tests.unit.nginx_process import Answer, Proxy

LARGE = os.urandom(3 * 1024 * 1024 + 7)
MIB = 1024 * 1024
CACHE = Cache(size_gib=1, minutes=10)


@pytest.fixture(scope="module")
def filled(site: Site) -> Site:
    site.put("public/large", LARGE, Content_Type="text/plain")
    site.put("public/none", b"")
    return site


@pytest.fixture
def proxy(filled: Site) -> Proxy:
    return filled.proxy(filled.context("public/", cache=CACHE))


@pytest.fixture
def plain(filled: Site) -> Proxy:
    return filled.proxy(filled.context("public/"))


@pytest.fixture
def cut_off(filled: Site) -> Iterator[None]:
    filled.store.server.origin = INTERNET
    yield
    filled.store.server.origin = PROXY


def cached(answer: Answer) -> str:
    return answer.headers["x-cache-status"]


OWN = {"date", "x-oss-request-id", "x-oss-server-time", "x-request-id", "x-cache-status"}


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ("Range: bytes=0-0",),
        ("Range: bytes=100-2000000",),
        (f"Range: bytes={MIB - 1}-{MIB}",),
        (f"Range: bytes={3 * MIB}-",),
        ("Range: bytes=-5",),
        ("Range: bytes=0-99999999999",),
        ("Range: bytes=0-1,5-6",),
        ("Range: bytes=99999999-",),
        ('If-None-Match: "other"',),
        ("If-None-Match: *",),
        ('If-Match: "other"',),
        ("If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT",),
        ("If-Unmodified-Since: Thu, 01 Jan 2015 00:00:00 GMT",),
        ("Range: bytes=4-5", 'If-Range: "other"'),
        ("Range: bytes=4-5", "If-Range: Thu, 01 Jan 2015 00:00:00 GMT"),
    ],
)
def test_a_client_cannot_tell(proxy: Proxy, plain: Proxy, headers: tuple[str, ...]) -> None:
    expected = plain.get("/public/large", *headers)
    for _ in range(2):
        answer = proxy.get("/public/large", *headers)
        assert answer.status == expected.status
        if expected.status < 400:
            assert answer.body == expected.body
            assert answer.headers.get("content-range") == expected.headers.get("content-range")
            for name in ("etag", "last-modified", "content-type", "content-length"):
                assert answer.headers.get(name) == expected.headers.get(name), name


def test_the_tag_of_a_cached_object_holds(proxy: Proxy) -> None:
    etag = proxy.get("/public/large").headers["etag"]
    assert proxy.get("/public/large", f"If-None-Match: {etag}").status == 304
    assert proxy.get("/public/large", f"If-Match: {etag}").status == 200
    assert proxy.get("/public/large", "Range: bytes=4-5", f"If-Range: {etag}").body == LARGE[4:6]


def test_hits(filled: Site, proxy: Proxy) -> None:
    filled.put("public/hit", b"first")
    assert cached(proxy.get("/public/hit?a")) == "MISS"
    assert cached(proxy.get("/public/hit?b", "Cache-Control: no-cache", "Pragma: no-cache")) == "HIT"
    assert cached(proxy.get("/public/hit", method="HEAD")) == "HIT"
    filled.put("public/hit", b"second")
    assert proxy.get("/public/hit").body == b"first"


def test_an_empty_object(proxy: Proxy) -> None:
    for method in ("GET", "HEAD"):
        answer = proxy.get("/public/none", method=method)
        assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")
    assert proxy.get("/public/none", "Range: bytes=0-0").status == 416


@pytest.mark.usefixtures("cut_off")
def test_a_refusal_is_not_kept(filled: Site, proxy: Proxy) -> None:
    filled.put("public/late", b"late")
    for _ in range(2):
        assert proxy.get("/public/late").status == 403
    filled.store.server.origin = PROXY
    assert proxy.get("/public/late").body == b"late"


def test_what_is_missing_is_not_kept(filled: Site, proxy: Proxy) -> None:
    assert proxy.get("/public/coming").status == 404
    filled.put("public/coming", b"here")
    assert proxy.get("/public/coming").body == b"here"


def test_what_the_owner_says_counts(filled: Site, proxy: Proxy) -> None:
    filled.put("public/fresh", b"1", Cache_Control="no-cache")
    assert proxy.get("/public/fresh").body == b"1"
    filled.put("public/fresh", b"2", Cache_Control="no-cache")
    assert proxy.get("/public/fresh").body == b"2"


def test_signed_requests_are_neither_kept_nor_answered_from_the_cache(filled: Site) -> None:
    proxy = filled.proxy(filled.context("public/", cache=CACHE, presigned="allowed"))
    filled.put("public/own", b"one")
    assert proxy.get(signed(filled, v4=True, key="public/own")).body == b"one"
    filled.put("public/own", b"two")
    answer = proxy.get("/public/own")
    assert (answer.body, cached(answer)) == (b"two", "MISS")
    filled.put("public/own", b"three")
    assert proxy.get("/public/own").body == b"two"
    answer = proxy.get(signed(filled, v4=False, key="public/own", response_content_type="text/x"))
    assert (answer.body, answer.headers["content-type"]) == (b"three", "text/x")
    assert "x-cache-status" not in answer.headers
    assert "text/x" not in proxy.get("/public/own").headers.get("content-type", "")
    assert proxy.get("/public/own?Signature=bad&OSSAccessKeyId=x&Expires=1").status == 403


def test_parameters_are_part_of_the_key(filled: Site) -> None:
    proxy = filled.proxy(filled.context("public/", cache=CACHE, allowed_query=("versionId",)))
    filled.put("public/keyed", b"now")
    assert proxy.get("/public/keyed").body == b"now"
    # No version of that name: the cached object is not the answer.
    assert proxy.get("/public/keyed?versionId=CAEQNRiBgMCr").status in (400, 403, 404)


def test_forced_downloads_and_compression_of_hits(filled: Site) -> None:
    answers = Answers(preview_in_browser=True, compression=True)
    proxy = filled.proxy(filled.context("public/", cache=CACHE, answers=answers))
    filled.put("public/text", b"text " * 1000, Content_Type="text/plain")
    for expected in ("MISS", "HIT"):
        answer = proxy.get("/public/text", "Accept-Encoding: gzip")
        assert cached(answer) == expected
        assert "content-disposition" not in answer.headers
        assert answer.headers["content-encoding"] == "gzip"
        assert proxy.get("/public/text").body == b"text " * 1000


def purge(folder: Path, fixed: str) -> None:
    """What the README says."""
    command = f"grep -rlaF -m1 'KEY: {fixed}' {folder} | xargs -r rm -f --"
    subprocess.run(["sh", "-c", command], check=True)


def test_one_key_or_a_prefix_can_be_purged(filled: Site, proxy: Proxy) -> None:
    for name in ("a", "ab", "dir/1", "dir/2"):
        filled.put(f"public/purge/{name}", b"old")
        assert proxy.get(f"/public/purge/{name}").body == b"old"
        filled.put(f"public/purge/{name}", b"new")
    purge(proxy.folder / "cache", "public/purge/a ")
    purge(proxy.folder / "cache", "public/purge/dir/")
    seen = {name: proxy.get(f"/public/purge/{name}").body for name in ("a", "ab", "dir/1", "dir/2")}
    assert seen == {"a": b"new", "ab": b"old", "dir/1": b"new", "dir/2": b"new"}


def test_the_log_says_what_the_cache_did(proxy: Proxy) -> None:
    proxy.get("/public/large")
    assert '"cache":"HIT"' in proxy.log().splitlines()[-1]
