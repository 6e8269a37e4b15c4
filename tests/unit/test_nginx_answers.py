"""What clients get: errors without OSS's internals, documents in their place, downloads."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from infra.nginx.answers import Answers
from tests.unit.nginx_fixtures import Start, oss_answer, proxies, with_answers
from tests.unit.nginx_process import NGINXES, Proxy, context_for

NO_SUCH_KEY = "x-oss-ec: 0026-00000001"
NO_SUCH_BUCKET = "x-oss-ec: 0015-00000101"


@pytest.fixture(scope="module", params=NGINXES)
def start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with proxies(tmp_path_factory.mktemp("nginx"), request.param) as starter:
        yield starter


@pytest.fixture
def plain(start: Start) -> Proxy:
    return start(context_for("public/"))


class TestErrors:
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 429, 500, 501, 502, 503, 504])
    def test_the_number_stays_and_the_internals_go(self, plain: Proxy, status: int, method: str) -> None:
        plain.origin.answer = oss_answer(status, "x-oss-ec: 0003-00000001", 'ETag: "x"')
        answer = plain.get("/public/x", method=method)
        assert answer.status == status
        assert answer.headers["content-type"] == "text/plain"
        assert answer.headers["cache-control"] == "no-store"
        assert not [name for name in answer.headers if name.startswith("x-oss") or name == "etag"]
        if method == "GET":
            assert answer.body.startswith(f"{status} ".encode())
            assert f"request {answer.headers['x-request-id']}\n".encode() in answer.body
        raw = plain.ask("/public/x", method=method)
        assert not [word for word in (b"aliyuncs", b"Bucket", b"127.0.0.1") if word in raw]

    def test_the_log_has_the_true_cause(self, start: Start) -> None:
        proxy = with_answers(start, hide_existence=True)
        proxy.origin.answer = oss_answer(403, "x-oss-ec: 0003-00000101")
        answer = proxy.get("/public/x?Signature=tHiSiSaSiGnAtUrE")
        entry = json.loads(proxy.log().splitlines()[-1])
        assert (entry["status"], entry["upstream_status"]) == (404, "403")
        assert entry["oss_error"] == "0003-00000101"
        assert entry["oss_request_id"] == "5F00"
        assert entry["request_id"] == answer.headers["x-request-id"]
        assert entry["upstream"] == f"127.0.0.1:{proxy.origin.port}"
        assert float(entry["upstream_header"]) >= 0
        assert "tHiSiSaSiGnAtUrE" not in proxy.log()

    def test_no_two_requests_of_a_client_have_one_id(self, start: Start) -> None:
        proxy = with_answers(start)
        proxy.origin.answer = oss_answer(200, body=b"x")
        request = b"GET /public/x HTTP/1.1\r\nHost: h\r\nX-Request-Id: chosen\r\n"
        proxy.send(3 * (request + b"\r\n") + request + b"Connection: close\r\n\r\n")
        proxy.get("/public/x")
        ids = {json.loads(line)["request_id"] for line in proxy.log().splitlines()[-5:]}
        assert len(ids) == 5
        assert "chosen" not in ids

    def test_403_and_404_can_look_the_same(self, start: Start) -> None:
        proxy = with_answers(start, hide_existence=True)
        seen = []
        for status in (403, 404):
            proxy.origin.answer = oss_answer(status, NO_SUCH_KEY)
            answer = proxy.get("/public/x")
            own = answer.headers["x-request-id"].encode()
            seen.append((answer.status, answer.body.replace(own, b""), sorted(answer.headers)))
        assert seen[0] == seen[1]
        assert seen[0][0] == 404
        proxy.origin.answer = oss_answer(503)
        assert proxy.get("/public/x").status == 503

    def test_a_bucket_that_is_gone_is_an_outage(self, plain: Proxy) -> None:
        plain.origin.answer = oss_answer(404, NO_SUCH_BUCKET)
        assert plain.get("/public/x").status == 502

    def test_416_tells_the_size(self, plain: Proxy) -> None:
        plain.origin.answer = oss_answer(416, "Content-Range: bytes */10")
        answer = plain.get("/public/x", "Range: bytes=20-")
        assert (answer.status, answer.headers["content-range"]) == (416, "bytes */10")

    @pytest.mark.parametrize(
        ("target", "method", "status"), [("/other", "GET", 404), ("/public/x", "PUT", 405), ("/", "GET", 404)]
    )
    def test_nginxs_own_errors_look_the_same(
        self, plain: Proxy, target: str, method: str, status: int
    ) -> None:
        answer = plain.get(target, method=method)
        assert answer.body.startswith(f"{status} ".encode())
        assert answer.headers["content-type"] == "text/plain"
        assert ("allow" in answer.headers) is (status == 405)

    def test_redirects_and_304_pass(self, plain: Proxy) -> None:
        plain.origin.answer = oss_answer(304, 'ETag: "x"')
        assert plain.get("/public/x").headers["etag"] == '"x"'
        plain.origin.answer = oss_answer(302, "Location: https://mirror.example/x")
        assert plain.get("/public/x").headers["location"] == "https://mirror.example/x"


class TestForcedDownload:
    @pytest.mark.parametrize("preview", [False, True])
    @pytest.mark.parametrize(
        ("forced", "disposition", "kept"),
        [
            (True, "attachment", None),
            (True, 'attachment; filename="a.pdf"', 'attachment; filename="a.pdf"'),
            (False, "attachment", "attachment"),
            (False, "inline", "inline"),
            (False, None, None),
        ],
    )
    def test_only_what_oss_forced_goes(
        self, start: Start, preview: bool, forced: bool, disposition: str | None, kept: str | None
    ) -> None:
        proxy = with_answers(start, preview_in_browser=preview)
        headers = ["x-oss-force-download: true"] if forced else []
        headers += [f"Content-Disposition: {disposition}"] if disposition else []
        proxy.origin.answer = oss_answer(200, *headers)
        answer = proxy.get("/public/x")
        assert answer.headers.get("content-disposition") == (kept if preview else disposition)
        assert ("x-oss-force-download" in answer.headers) is (forced and not preview)


class TestDocuments:
    def test_an_index_document(self, start: Start) -> None:
        proxy = with_answers(start, index_document="index.html")
        for target, key in [
            ("/public/", "/public/index.html"),
            ("/public/a%2Fb/?x", "/public/a%2Fb/index.html"),
            ("/public//", "/public//index.html"),
            ("/public/a", "/public/a"),
            ("/public/a%2F", "/public/a%2F"),
        ]:
            assert proxy.get(target).status == 200
            assert proxy.origin.requests[-1].startswith(f"GET {key} HTTP/1.1\r\n".encode())
        seen = len(proxy.origin.requests)
        for target in ("/", "/other/", "/public/../"):
            assert proxy.get(target).status == 404
        assert len(proxy.origin.requests) == seen

    def test_an_index_document_of_the_whole_bucket(self, start: Start) -> None:
        proxy = start(context_for("*", answers=Answers(index_document="index.html")))
        for target, key in [("/", "/index.html"), ("/?acl", "/index.html"), ("/a/", "/a/index.html")]:
            assert proxy.get(target).status == 200
            assert proxy.origin.requests[-1].startswith(f"GET {key} HTTP/1.1\r\n".encode())

    def fallback(self, proxy: Proxy, key: str, first: int, second: int = 200, *headers: str) -> None:
        page = oss_answer(second, 'ETag: "page"', body=b"<html>" * (second == 200))
        missing = oss_answer(first, *headers)
        wanted = f"GET {key} ".encode()
        proxy.origin.answer = lambda head: (page if head.startswith(wanted) else missing)(head)

    def test_a_page_that_is_not_there(self, start: Start) -> None:
        proxy = with_answers(start, spa_fallback="public/app/index.html")
        self.fallback(proxy, "/public/app/index.html", 404, 200, NO_SUCH_KEY)
        answer = proxy.get("/public/settings/me?tab=1", "Range: bytes=0-0", 'If-None-Match: "old"')
        assert (answer.status, answer.body) == (200, b"<html>")
        lines = proxy.origin.requests[-1].decode().splitlines()
        assert not [line for line in lines if line.startswith("Range")]
        assert 'If-None-Match: "old"' in lines

    @pytest.mark.parametrize(
        ("target", "first", "second", "ec", "status"),
        [
            ("/public/app.js", 404, 200, NO_SUCH_KEY, 404),
            ("/public/page", 403, 200, "", 403),
            ("/public/page", 503, 200, "", 503),
            ("/public/page", 404, 200, NO_SUCH_BUCKET, 502),
            ("/public/page", 404, 404, NO_SUCH_KEY, 404),
            ("/public/page", 404, 403, NO_SUCH_KEY, 403),
            ("/public/page", 404, 500, NO_SUCH_KEY, 500),
            ("/other/page", 404, 200, NO_SUCH_KEY, 404),
        ],
    )
    def test_a_fallback_hides_nothing(
        self, start: Start, target: str, first: int, second: int, ec: str, status: int
    ) -> None:
        proxy = with_answers(start, spa_fallback="public/index.html")
        self.fallback(proxy, "/public/index.html", first, second, *([ec] if ec else []))
        answer = proxy.get(target)
        assert answer.status == status
        assert answer.body.startswith(f"{status} ".encode())

    @pytest.mark.parametrize(
        ("first", "second", "ec", "status"),
        [
            (404, 200, NO_SUCH_KEY, 404),
            (404, 404, NO_SUCH_KEY, 404),
            (404, 503, NO_SUCH_KEY, 503),
            (403, 200, "", 403),
            (503, 200, "", 503),
            (404, 200, NO_SUCH_BUCKET, 502),
        ],
    )
    @pytest.mark.parametrize("spa", [False, True])
    def test_a_document_for_404(
        self, start: Start, first: int, second: int, ec: str, status: int, spa: bool
    ) -> None:
        proxy = with_answers(
            start,
            not_found_document="public/404 ü".replace(" ü", "~ü"),
            spa_fallback="public/index.html" if spa else "",
        )
        self.fallback(proxy, "/public/404~%C3%BC", first, second, *([ec] if ec else []))
        answer = proxy.get("/public/app.js", "Range: bytes=0-0")
        assert answer.status == status
        assert (answer.body == b"<html>") is (status == 404 and second == 200)

    def test_head_of_a_document_for_404(self, start: Start) -> None:
        proxy = with_answers(start, not_found_document="public/404.html")
        proxy.origin.answer = lambda head: (
            oss_answer(200, body=b"<html>") if b"404.html" in head else oss_answer(404, NO_SUCH_KEY)
        )(head)
        head = proxy.get("/public/x", method="HEAD")
        assert (head.status, head.headers["content-length"]) == (404, "6")
