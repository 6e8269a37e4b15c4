"""What clients and an ACME authority meet where the proxy gets its own certificate."""

from __future__ import annotations

import re
import ssl

import pytest

from infra.nginx.tls import Tls
from infra.render import NginxContext, nginx_conf
from infra.text import RenderError
from tests.unit.nginx_fixtures import oss_answer
from tests.unit.tls.conftest import ACME_ADDRESS, BUCKET_HOST, Proxy

CHALLENGE = "/.well-known/acme-challenge/"
OF_ADDRESS = Tls(names=(), acme=True)
OF_NAME = Tls(names=("files.example.com",), acme=True)
SERVED = Tls(names=(), acme=True, plain_http="serve")
OF_FEW = Tls(names=(), acme=True, clients=("198.51.100.0/24",))
OF_ALL = Tls(names=(), acme=True, clients=("127.0.0.0/8",))


@pytest.mark.parametrize("tls", [OF_ADDRESS, OF_NAME, SERVED, OF_FEW])
def test_a_challenge_is_answered_and_nothing_beside_it(proxy: Proxy) -> None:
    answer = proxy.plainly(f"{CHALLENGE}TOKEN-1_", ACME_ADDRESS)
    assert (answer.status, answer.body) == (200, b"TOKEN-1_.proof")
    assert answer.headers["content-type"] == "text/plain"
    for path in (
        "no",
        "leads-away",
        "",
        ".",
        "../secret",
        "%2e%2e/secret",
        "a/b",
        "TOKEN-1_/",
        "TOKEN-1_%00",
    ):
        answer = proxy.plainly(CHALLENGE + path, ACME_ADDRESS)
        assert answer.status in (301, 400, 403, 404, 421), path
        assert b"business" not in answer.body
    assert proxy.plainly(f"{CHALLENGE}TOKEN-1_", ACME_ADDRESS, method="POST").status == 405
    assert not any(b"acme" in request for request in proxy.origin.requests)


@pytest.mark.parametrize("tls", [OF_ADDRESS])
def test_clients_of_the_address_are_served_and_led_to_it(proxy: Proxy) -> None:
    assert proxy.get("/public/a", ACME_ADDRESS, name=None).status == 200
    answer = proxy.plainly("/public/a", ACME_ADDRESS)
    assert answer.status == 301
    assert answer.headers["location"] == f"https://{ACME_ADDRESS}:{proxy.https}/public/a"
    assert proxy.plainly("/public/a", "evil.example").status == 421
    assert proxy.plainly("/healthz", "evil.example").status == 200


@pytest.mark.parametrize("tls", [OF_NAME])
def test_clients_of_the_name_are_served_and_others_get_no_certificate(proxy: Proxy) -> None:
    assert proxy.get("/public/a").status == 200
    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        proxy.handshake(None, verify_mode=ssl.CERT_NONE)


@pytest.mark.parametrize("tls", [OF_ADDRESS])
def test_readiness_tells_the_days_that_are_left(proxy: Proxy) -> None:
    proxy.origin.answer = oss_answer(404, "x-oss-ec: 0026-00000001")
    answer = proxy.get("/readyz", ACME_ADDRESS, name=None)
    assert answer.body == b"ready\ncertificate: 17 days left\n"


@pytest.mark.parametrize("tls", [OF_FEW])
def test_who_is_not_in_the_networks_gets_nothing_without_https(proxy: Proxy) -> None:
    for path in ("/", "/healthz", "/readyz", "/public/a"):
        assert proxy.plainly(path, ACME_ADDRESS).status == 403, path


@pytest.mark.parametrize("tls", [OF_ALL])
def test_who_is_in_the_networks_is_led_to_https(proxy: Proxy) -> None:
    assert proxy.plainly("/healthz", ACME_ADDRESS).status == 200
    assert proxy.plainly("/public/a", ACME_ADDRESS).status == 301


@pytest.mark.parametrize("tls", [SERVED])
def test_objects_are_served_without_https_where_that_is_set(proxy: Proxy) -> None:
    assert proxy.plainly("/public/a", ACME_ADDRESS).status == 200


def test_no_configuration_knows_the_address() -> None:
    conf = nginx_conf(
        NginxContext(bucket_host=BUCKET_HOST, listen_port=80, prefixes=("public/",), tls=OF_ADDRESS)
    )
    assert re.findall(r" server_name (.*);", conf) == ["_", "_", "status"]
    assert "listen 443" not in conf


@pytest.mark.parametrize(
    "changes", [{"plain_http": "serve"}, {"acme": False, "names": ("a.example.com",)}, {"clients": ("all",)}]
)
def test_what_does_not_belong_together_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(RenderError):
        Tls(**{"names": (), "acme": True, "clients": ("198.51.100.0/24",), **changes})  # type: ignore[arg-type]
