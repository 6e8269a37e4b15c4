"""With link keys an object opens to a good link alone, also out of the cache, and no link is written down.

Hostile links are in ``corpus/links.yaml``.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.instance_files import LINK_KEYS
from infra.nginx import links
from infra.nginx.answers import Answers
from infra.nginx.cache import Cache
from infra.nginx.limits import Limits
from infra.nginx.links import key_file
from infra.render import RenderError
from infra.rollout.secret_files import secret_files
from tests.unit.nginx_fixtures import Start, oss_answer, proxies
from tests.unit.nginx_process import NGINXES, context_for

KEYS = {"new": "0+/=_-6789abcdef0123456789ABCDEF", "old": "q" + "0123456789abcdef" * 7 + "0123456789abcde"}
SIGNED = context_for("public/", "图片/", links=True)
ORIGIN = "https://app.example.com"


@pytest.fixture(scope="module", params=NGINXES)
def start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    folder = tmp_path_factory.mktemp("nginx")
    with proxies(folder, request.param, {"link-keys": key_file(KEYS)}) as made:
        yield made


def link(key: str, *, name: str = "new", ends_in: int = 60, **query: str) -> str:
    return links.link(key, int(time.time()) + ends_in, name, KEYS[name], query)


@pytest.mark.parametrize("key", ["public/x", "public/a b+c&d?e#f%g~h", "图片/中 文.txt", "public/\n"])
@pytest.mark.parametrize("name", KEYS)
def test_either_key_opens_what_it_signed_and_oss_sees_no_link(start: Start, key: str, name: str) -> None:
    proxy = start(SIGNED)
    target = link(key, name=name)
    for method in ("GET", "HEAD"):
        assert proxy.get(target, method=method).status == 200
    assert [one.split(b" ")[1].decode() for one in proxy.origin.requests] == [target.partition("?")[0]] * 2


def test_a_link_ends(start: Start) -> None:
    proxy = start(SIGNED)
    answer = proxy.get(link("public/x", ends_in=-1))
    assert (answer.status, answer.body.split(b"\n")[0]) == (410, b"410 Gone")
    assert answer.headers["cache-control"] == "no-store"
    target = link("public/x", ends_in=2)
    assert proxy.get(target).status == 200
    while proxy.get(target).status == 200:
        time.sleep(0.1)
    assert proxy.get(target).status == 410


@pytest.mark.parametrize("status", [403, 410])
def test_a_refusal_stays_one_where_existence_is_hidden(start: Start, status: int) -> None:
    proxy = start(context_for("public/", links=True, answers=Answers(hide_existence=True)))
    assert proxy.get("/public/x" if status == 403 else link("public/x", ends_in=-1)).status == status
    proxy.origin.answer = oss_answer(403)
    assert proxy.get(link("public/x")).status == 404


def test_health_and_readiness_need_no_link(start: Start) -> None:
    proxy = start(SIGNED)
    assert proxy.get("/healthz").status == 200
    assert proxy.get("/readyz").status == 200


def test_without_the_file_nobody_gets_in_whatever_they_sign_with(start: Start) -> None:
    proxy = start(context_for("public/", "no-keys-yet/", links=True), without=("link-keys",))
    for key in ("", KEYS["new"]):
        target = links.link("public/x", int(time.time()) + 60, "new", key)
        assert proxy.get(target).status == 403
    assert proxy.get("/healthz").status == 200
    assert proxy.origin.requests == []


def test_a_preflight_needs_no_link_and_opens_nothing(start: Start) -> None:
    proxy = start(context_for("public/", links=True, answers=Answers(cors_allowed_origins=(ORIGIN,))))
    preflight = proxy.get("/public/x", f"Origin: {ORIGIN}", method="OPTIONS")
    assert (preflight.status, preflight.headers["access-control-allow-origin"]) == (204, ORIGIN)
    assert proxy.origin.requests == []
    refused = proxy.get("/public/x", f"Origin: {ORIGIN}")
    # A page is told the status, and not that the network failed.
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (403, ORIGIN)
    assert proxy.get(link("public/x"), f"Origin: {ORIGIN}").headers["access-control-allow-origin"] == ORIGIN


def test_what_is_cached_needs_a_link_too_and_is_kept_once_for_all_links(start: Start) -> None:
    context = context_for("public/", links=True, cache=Cache(size_gib=1, minutes=10))
    proxy = start(context)
    proxy.origin.answer = oss_answer(206, "Content-Range: bytes 0-3/4", 'ETag: "tag"', body=b"kept")
    assert proxy.get(link("public/c")).headers["x-cache-status"] == "MISS"
    for other in (link("public/c", name="old"), link("public/c", ends_in=90)):
        answer = proxy.get(other)
        assert (answer.body, answer.headers["x-cache-status"]) == (b"kept", "HIT")
    assert len(proxy.origin.requests) == 1
    assert proxy.get("/public/c").status == 403
    assert proxy.get(link("public/d").replace("/public/d", "/public/c")).status == 403
    assert proxy.get(link("public/c", ends_in=-1)).status == 410
    kept = b"".join(path.read_bytes() for path in (proxy.folder / "cache").rglob("*") if path.is_file())
    assert b"KEY: public/c " in kept
    assert b"md5=" not in kept


def test_index_fallback_and_text_of_404_come_with_a_good_link_alone(start: Start) -> None:
    names = {"spa_fallback": "public/s.html", "not_found_document": "public/n.html"}
    answers = Answers(index_document="i.html", **names)
    proxy = start(context_for("public/", links=True, answers=answers))
    for key in ("public/dir/", "public/page", "public/missing.png"):
        assert proxy.get(f"/{key}").status == 403
        assert proxy.origin.requests == []
    assert proxy.get(link("public/dir/")).status == 200
    assert proxy.origin.requests[-1].startswith(b"GET /public/dir/i.html HTTP")


def test_parameters_are_signed_with_it(start: Start) -> None:
    proxy = start(context_for("public/", links=True, allowed_query=("x-oss-process", "versionId")))
    query = {"versionId": "CAEQ1", "x-oss-process": "image/resize,w_100"}
    target = links.link("public/x", int(time.time()) + 60, "new", KEYS["new"], query)
    assert proxy.get(target).status == 200
    assert proxy.get(target.replace("CAEQ1", "CAEQ2")).status == 403
    assert proxy.get(target.replace("versionId=CAEQ1&", "")).status == 403


def test_no_log_holds_a_link(start: Start) -> None:
    proxy = start(context_for("public/", links=True, limits=Limits(requests_per_second=1)))
    target = link("public/x")
    proxy.origin.answer = oss_answer(500)
    assert proxy.get(target).status == 500
    assert proxy.get(target.replace("md5=", "md5=A")).status == 403
    # That there are too many is an error that nginx tells with the request's line.
    assert 429 in [proxy.get(target).status for _ in range(5)]
    logs = proxy.log() + (proxy.folder / "error.log").read_text()
    assert '"path":"/public/x"' in logs
    assert "md5" not in logs
    assert "expires" not in logs


@pytest.mark.parametrize("binary", NGINXES[:1])
def test_such_an_error_would_tell_it_otherwise(tmp_path: Path, binary: str) -> None:
    with proxies(tmp_path, binary) as start:
        proxy = start(context_for("public/", limits=Limits(requests_per_second=1)))
        assert 429 in [proxy.get(link("public/x")).status for _ in range(5)]
        assert "md5=" in (proxy.folder / "error.log").read_text()


def test_a_login_is_needed_beside_the_link(start: Start) -> None:
    proxy = start(context_for("public/", links=True, login=True))
    assert proxy.get("/public/x").status == 403
    # The file of the passwords is not there; with it nginx would ask for one of them.
    assert proxy.get(link("public/x")).status == 401
    assert proxy.origin.requests == []


def test_the_file_is_roots_alone() -> None:
    (file,) = secret_files({"link_keys": KEYS})
    assert (file["path"], file["mode"], file["group"]) == (LINK_KEYS, 0o600, "root")
    assert file["content"] == "".join(f'"~&key={name}&" "{key}";\n' for name, key in KEYS.items())
    both = secret_files({"client_passwords": {"alice": "0123456789abcdef"}, "link_keys": KEYS})
    assert [one["path"] for one in both][1:] == [LINK_KEYS]


@pytest.mark.parametrize("mode", ["allowed", "required"])
def test_signed_urls_are_refused_beside_it(mode: str) -> None:
    with pytest.raises(RenderError, match="linkKeys"):
        context_for("public/", links=True, presigned=mode)


def test_openssl_makes_the_same_link() -> None:
    """As docs/data-plane.md tells those who make links themselves."""
    key, expires = KEYS["new"], "4102444800"
    script = (
        f"printf '%s' '{key} {expires}  /public/a b.txt {key}' | openssl md5 -binary | "
        "openssl base64 | tr +/ -_ | tr -d ="
    )
    done = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True)
    assert links.link("public/a b.txt", int(expires), "new", key).endswith(f"md5={done.stdout.strip()}")
