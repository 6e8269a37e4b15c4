"""Headers and encodings by setting: CORS, content security, compression."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from tests.unit.nginx_fixtures import Start, oss_answer, proxies, with_answers
from tests.unit.nginx_process import NGINXES, Proxy, context_for


@pytest.fixture(scope="module", params=NGINXES)
def start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with proxies(tmp_path_factory.mktemp("nginx"), request.param) as starter:
        yield starter


@pytest.fixture
def plain(start: Start) -> Proxy:
    return start(context_for("public/"))


class TestCors:
    PREFLIGHT = ("Access-Control-Request-Method: GET", "Access-Control-Request-Headers: range")

    def test_off_there_is_nothing_of_it(self, plain: Proxy) -> None:
        answer = plain.get("/public/x", "Origin: https://app.example.com")
        assert not [name for name in answer.headers if name.startswith("access-control") or name == "vary"]
        assert plain.get("/public/x", *self.PREFLIGHT, method="OPTIONS").status == 405

    def test_a_named_origin(self, start: Start) -> None:
        proxy = with_answers(start, cors_allowed_origins=("https://app.example.com", "http://localhost:3000"))
        for origin in ("https://app.example.com", "http://localhost:3000"):
            preflight = proxy.get("/public/x", f"Origin: {origin}", *self.PREFLIGHT, method="OPTIONS")
            assert (preflight.status, preflight.body) == (204, b"")
            assert preflight.headers["access-control-allow-origin"] == origin
            assert preflight.headers["access-control-allow-methods"] == "GET, HEAD"
            assert "Range" in preflight.headers["access-control-allow-headers"]
            assert preflight.headers["vary"] == "Origin"
            assert proxy.origin.requests == []
            answer = proxy.get("/public/x", f"Origin: {origin}")
            assert answer.headers["access-control-allow-origin"] == origin
            assert "Content-Range" in answer.headers["access-control-expose-headers"]
            assert "access-control-allow-methods" not in answer.headers
            proxy.origin.forget()
        # A page must be able to read what went wrong.
        proxy.origin.answer = oss_answer(403)
        error = proxy.get("/public/x", "Origin: https://app.example.com")
        assert (error.status, error.headers["access-control-allow-origin"]) == (
            403,
            "https://app.example.com",
        )

    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.example",
            "https://app.example.com.evil.example",
            "https://app.example.com:8443",
            "http://app.example.com",
            "null",
            "https://app.example.com/",
            "*",
            "",
        ],
    )
    def test_other_origins_get_no_leave(self, start: Start, origin: str) -> None:
        proxy = with_answers(start, cors_allowed_origins=("https://app.example.com",))
        for method in ("GET", "OPTIONS"):
            answer = proxy.get("/public/x", f"Origin: {origin}", *self.PREFLIGHT, method=method)
            assert not [name for name in answer.headers if name.startswith("access-control")]
            assert answer.headers["vary"] == "Origin"

    def test_all_origins(self, start: Start) -> None:
        proxy = with_answers(start, cors_allowed_origins=("*",))
        answer = proxy.get("/public/x", "Origin: https://any.example")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "vary" not in answer.headers
        assert "access-control-allow-origin" not in proxy.get("/public/x").headers

    def test_other_methods_stay_refused(self, start: Start) -> None:
        proxy = with_answers(start, cors_allowed_origins=("*",))
        answer = proxy.get("/public/x", "Origin: https://any.example", method="PUT")
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


class TestHeaders:
    @pytest.mark.parametrize("target", ["/public/x", "/other/x", "/healthz", "/readyz"])
    def test_no_sniffing_anywhere(self, plain: Proxy, target: str) -> None:
        answer = plain.get(target)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-request-id"]

    def test_a_content_security_policy(self, start: Start) -> None:
        policy = "default-src 'self'; img-src https://a.example data:; sandbox"
        proxy = with_answers(start, content_security_policy=policy)
        for target in ("/public/x", "/other/x"):
            assert proxy.get(target).headers["content-security-policy"] == policy


class TestCompression:
    TEXT = b"text " * 1000

    def test_text_is_compressed_by_setting(self, start: Start, plain: Proxy) -> None:
        proxy = with_answers(start, compression=True)
        for one, encoding in ((proxy, "gzip"), (plain, None)):
            one.origin.answer = oss_answer(
                200, "Content-Type: text/css", 'ETag: "abc"', "Content-MD5: x", body=self.TEXT
            )
            answer = one.get("/public/x", "Accept-Encoding: gzip")
            assert answer.headers.get("content-encoding") == encoding
            assert (gzip.decompress(answer.body) if encoding else answer.body) == self.TEXT
        answer = proxy.get("/public/x", "Accept-Encoding: gzip")
        assert answer.headers["etag"] == 'W/"abc"'
        assert answer.headers["vary"] == "Accept-Encoding"
        assert "content-md5" not in answer.headers
        assert proxy.get("/public/x").headers.get("content-encoding") is None

    @pytest.mark.parametrize(
        ("status", "kind", "size"),
        [(206, "text/css", 5000), (200, "image/png", 5000), (200, "text/css", 500)],
    )
    def test_what_is_not(self, start: Start, status: int, kind: str, size: int) -> None:
        proxy = with_answers(start, compression=True)
        ranged = ["Content-Range: bytes 0-4999/9999"] if status == 206 else []
        proxy.origin.answer = oss_answer(status, f"Content-Type: {kind}", *ranged, body=b"x" * size)
        answer = proxy.get("/public/x", "Accept-Encoding: gzip", "Range: bytes=0-4999")
        assert (answer.status, len(answer.body)) == (status, size)
        assert "content-encoding" not in answer.headers
