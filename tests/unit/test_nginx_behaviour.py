"""What the rendered configuration does, in a real nginx: which requests OSS gets, and in which form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.nginx_process import NGINXES, Proxy, context_for, running, status


@pytest.fixture(scope="module", params=NGINXES)
def nginx(request: pytest.FixtureRequest) -> str:
    binary: str = request.param
    return binary


@pytest.fixture(scope="module")
def module_proxy(nginx: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    context = context_for("public/", "a/b/", "图片/", "v1.0+x/", "healthz/")
    with running(tmp_path_factory.mktemp("nginx"), context, binary=nginx) as proxy:
        yield proxy


@pytest.fixture
def proxy(module_proxy: Proxy) -> Proxy:
    module_proxy.origin.forget()
    return module_proxy


@pytest.fixture(scope="module")
def whole_bucket(nginx: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with running(tmp_path_factory.mktemp("nginx"), context_for("*"), binary=nginx) as proxy:
        yield proxy


def only_request(proxy: Proxy) -> tuple[bytes, set[bytes]]:
    """The request line and the headers of the one request that the origin got."""
    (request,) = proxy.origin.requests
    line, *headers = request.splitlines()
    return line, set(headers)


@pytest.mark.parametrize(
    "path",
    [
        "/public/hello.txt",
        "/public/",
        "/public/a%2Fb",
        "/public/a%20b+c%3Fd%23e%25",
        "/public//twice///over",
        "/public/%E4%B8%AD%E6%96%87",
        "/public/%0d%0aX-Injected:%20yes",
        "/public/a;b=c,d@e!f$g&h'(i)*j~k",
        "/public/...",
        "/public/.hidden/..visible",
        "/public/%252e%252e/secret",
        "/%70ublic/hello.txt",
        "/a/b/c",
        "/v1.0+x/y",
        "/healthz/x",
        "/%E5%9B%BE%E7%89%87/x.png",
    ],
)
def test_the_path_arrives_byte_for_byte(proxy: Proxy, path: str) -> None:
    assert status(proxy.ask(path)) == 200
    assert only_request(proxy)[0] == f"GET {path} HTTP/1.1".encode()


@pytest.mark.parametrize("query", ["?", "?acl", "?versionId=1&x-oss-process=image/resize", "?a=/../b", "??"])
def test_the_query_does_not_arrive(proxy: Proxy, query: str) -> None:
    assert status(proxy.ask(f"/public/x{query}")) == 200
    assert only_request(proxy)[0] == b"GET /public/x HTTP/1.1"


def test_an_absolute_target_is_its_path(proxy: Proxy) -> None:
    assert status(proxy.ask("http://169.254.169.254/public/x?y")) == 200
    line, headers = only_request(proxy)
    assert line == b"GET /public/x HTTP/1.1"
    assert b"Host: b.oss-test-internal.aliyuncs.com" in headers


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?prefix=public/",
        "/other/x",
        "/public",
        "/publicity/x",
        "/v1_0+x/y",
        "/other/public/x",
        "/PUBLIC/x",
        "//public/x",
        "/public/../other/x",
        "/public/%2e%2e/other/x",
        "/public/%2E./other/x",
        "/public/..%2fother/x",
        "/public%2f..%2Fother/x",
        "/public/./x",
        "/public/..",
        "/public/.?x",
        "/other/../public/x",
        "/other/%2e%2e/public/x",
        "/public/..#x",
        "/public/x#y",
        "http://host",
        "http://host?public/x",
    ],
)
def test_what_is_no_allowed_key_never_arrives(proxy: Proxy, path: str) -> None:
    assert status(proxy.ask(path)) in (400, 404)
    assert proxy.origin.requests == []


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get"])
@pytest.mark.parametrize("path", ["/public/x", "/other/x", "/healthz", "/"])
def test_other_methods_never_arrive(proxy: Proxy, method: str, path: str) -> None:
    answer = proxy.ask(path, "Content-Length: 5", method=method, body=b"hello")
    # nginx itself knows no lower-case method.
    assert status(answer) == (400 if method == "get" else 405)
    assert proxy.origin.requests == []


def test_a_refused_method_is_told_which_are_not(proxy: Proxy) -> None:
    assert b"\r\nAllow: GET, HEAD\r\n" in proxy.ask("/public/x", method="DELETE")


def test_head_arrives_as_head(proxy: Proxy) -> None:
    answer = proxy.ask("/public/x", method="HEAD")
    assert status(answer) == 200
    assert answer.endswith(b"\r\n\r\n")
    assert only_request(proxy)[0] == b"HEAD /public/x HTTP/1.1"


def test_nothing_of_the_client_arrives_but_ranges_and_conditions(proxy: Proxy) -> None:
    passed = ["Range: bytes=0-1", "If-Match: a", "If-None-Match: b"]
    dropped = ["Authorization: OSS a:b", "Cookie: c=d", "x-oss-process: image/info", "Accept-Encoding: gzip"]
    dropped += ["X-Forwarded-For: 172.16.0.1", "Referer: http://x", "Upgrade: h2c", "TE: gzip"]
    # Tags outweigh dates.
    dropped += ["If-Modified-Since: d", "If-Unmodified-Since: c"]
    assert status(proxy.ask("/public/x", *passed, *dropped)) == 200
    assert only_request(proxy)[1] == {
        b"Host: b.oss-test-internal.aliyuncs.com",
        b"x-oss-range-behavior: standard",
        *(header.encode() for header in passed),
    }


def test_the_clients_own_range_behaviour_does_not_count(proxy: Proxy) -> None:
    proxy.ask("/public/x", "x-oss-range-behavior: lax")
    assert b"x-oss-range-behavior: standard" in only_request(proxy)[1]


def test_a_body_is_thrown_away(proxy: Proxy) -> None:
    assert status(proxy.ask("/public/x", "Content-Length: 5", body=b"hello")) == 200
    _, headers = only_request(proxy)
    assert not any(header.lower().startswith((b"content-", b"transfer-")) for header in headers)
    assert status(proxy.ask("/public/x", "Content-Length: 2000", body=b"x" * 2000)) == 413
    assert len(proxy.origin.requests) == 1


def test_connections_to_the_origin_are_kept(proxy: Proxy) -> None:
    for _ in range(3):
        proxy.ask("/public/x")
    assert len(set(proxy.origin.connections)) == 1


def test_healthz_is_nginx_alone(proxy: Proxy) -> None:
    answer = proxy.ask("/healthz")
    assert status(answer) == 200
    assert answer.endswith(b"\r\n\r\nok\n")
    assert proxy.origin.requests == []


def test_no_version_is_told(proxy: Proxy) -> None:
    assert b"\r\nServer: nginx\r\n" in proxy.ask("/other/x")


def test_the_log_is_json_with_the_true_cause_and_without_the_query(proxy: Proxy) -> None:
    proxy.ask('/public/a"b%0a?Signature=tHiSiSaSiGnAtUrE', 'User-Agent: a\\x"y', "Range: bytes=0-1")
    entry = json.loads(proxy.log().splitlines()[-1])
    assert entry["method"] == "GET"
    assert entry["status"] == 200
    assert entry["upstream_status"] == "200"
    assert entry["oss_request_id"] == "5F00"
    assert entry["oss_error"] == "0000-1"
    assert entry["range"] == "bytes=0-1"
    assert entry["user_agent"] == 'a\\x"y'
    assert "tHiSiSaSiGnAtUrE" not in proxy.log()


def test_the_whole_bucket_is_every_key_but_not_the_bucket(whole_bucket: Proxy) -> None:
    assert status(whole_bucket.ask("/any/key")) == 200
    assert whole_bucket.origin.requests[-1].startswith(b"GET /any/key HTTP/1.1\r\n")
    seen = len(whole_bucket.origin.requests)
    for path in ("/", "/?acl", "/?list-type=2", "/a/../", "http://host?acl"):
        assert status(whole_bucket.ask(path)) in (400, 404)
    assert status(whole_bucket.ask("/any/key", method="PUT")) == 405
    assert len(whole_bucket.origin.requests) == seen


def test_nothing_is_written_to_disk_but_logs(proxy: Proxy) -> None:
    proxy.ask("/public/x")
    temp: list[Path] = [one for name in ("client_body", "proxy") for one in (proxy.folder / name).rglob("*")]
    assert [one for one in temp if one.is_file()] == []
