"""What clients get of localcloud's OSS, which answers like the cloud: errors, documents, readiness."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.nginx.answers import Answers
from tests.dataplane.conftest import Site
from tests.localcloud.oss.conftest import INTERNET, PROXY
from tests.unit.nginx_process import Proxy


@pytest.fixture(scope="module")
def filled(site: Site) -> Site:
    site.put("public/page.html", b"<p>page", Content_Type="text/html")
    site.put("public/a.pdf", b"pdf", Content_Disposition='attachment; filename="a.pdf"')
    site.put("public/404.html", b"<p>not here", Content_Type="text/html")
    site.put("public/index.html", b"<p>home", Content_Type="text/html")
    return site


@pytest.fixture
def plain(filled: Site) -> Proxy:
    return filled.proxy(filled.context("public/"))


@pytest.fixture
def shut_out(filled: Site) -> Iterator[None]:
    """Requests count as coming from the Internet, where the policy lets nobody in."""
    filled.store.server.origin = INTERNET
    yield
    filled.store.server.origin = PROXY


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/public/missing", (), 404),
        ("/public/page.html", ('If-Match: "x"',), 412),
        ("/public/page.html", ("Range: bytes=100-",), 416),
        ("/public/%FF", (), 400),
        ("/public/" + "a" * 1100, (), 400),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_errors_are_clean(
    filled: Site, plain: Proxy, target: str, headers: tuple[str, ...], status: int, method: str
) -> None:
    if method == "HEAD" and status == 416:
        status = 200  # HEAD has no range
    answer = plain.get(target, *headers, method=method)
    assert answer.status == status
    raw = plain.ask(target, *headers, method=method)
    assert not [word for word in (b"aliyuncs", filled.store.name.encode(), b"<Error>") if word in raw]


@pytest.mark.usefixtures("shut_out")
def test_a_refusal(filled: Site, plain: Proxy) -> None:
    hiding = filled.proxy(filled.context("public/", answers=Answers(hide_existence=True)))
    assert [one.get("/public/page.html").status for one in (plain, hiding)] == [403, 404]
    answer = plain.get("/readyz")
    assert (answer.status, answer.body.partition(b":")[2][:8]) == (503, b" policy:")


def test_ready(plain: Proxy) -> None:
    assert plain.get("/readyz").body == b"ready\n"


def test_ready_where_the_probe_exists(filled: Site, plain: Proxy) -> None:
    filled.put("public/.oss-proxy-probe", b"secret")
    try:
        answer = plain.get("/readyz")
        assert (answer.status, answer.body) == (200, b"ready\n")
    finally:
        filled.store.owner.delete_object("public/.oss-proxy-probe")


def test_a_bucket_that_is_not_there(site: Site) -> None:
    gone = site.context("public/", bucket="no-such-bucket-here")
    proxy = site.proxy(gone)
    assert proxy.get("/public/x").status == 502
    assert b"bucket: OSS knows no such bucket" in proxy.get("/readyz").body


def test_downloads(filled: Site, plain: Proxy) -> None:
    preview = filled.proxy(filled.context("public/", answers=Answers(preview_in_browser=True)))
    for method in ("GET", "HEAD"):
        assert plain.get("/public/page.html", method=method).headers["content-disposition"] == "attachment"
        shown = preview.get("/public/page.html", method=method)
        assert "content-disposition" not in shown.headers
        assert "x-oss-force-download" not in shown.headers
        kept = preview.get("/public/a.pdf", method=method)
        assert kept.headers["content-disposition"] == 'attachment; filename="a.pdf"'


def test_documents(filled: Site) -> None:
    answers = Answers(
        index_document="index.html", spa_fallback="public/index.html", not_found_document="public/404.html"
    )
    proxy = filled.proxy(filled.context("public/", answers=answers))
    assert proxy.get("/public/").body == b"<p>home"
    page = proxy.get("/public/settings")
    assert (page.status, page.body) == (200, b"<p>home")
    assert proxy.get("/public/settings", f"If-None-Match: {page.headers['etag']}").status == 304
    missing = proxy.get("/public/app.js", f"If-None-Match: {page.headers['etag']}")
    assert (missing.status, missing.body) == (404, b"<p>not here")


def test_a_compressed_text_is_revalidated_by_its_weak_tag(filled: Site) -> None:
    filled.put("public/long.css", b"a{}" * 1000, Content_Type="text/css")
    proxy = filled.proxy(filled.context("public/", answers=Answers(compression=True)))
    answer = proxy.get("/public/long.css", "Accept-Encoding: gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["etag"].startswith("W/")
    assert proxy.get("/public/long.css", f"If-None-Match: {answer.headers['etag']}").status == 304
