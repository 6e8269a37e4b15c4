"""What clients meet where the proxy speaks HTTPS, with the nginx that instances run."""

from __future__ import annotations

import socket
import ssl

import pytest

from infra.nginx.tls import Tls
from tests.unit.tls.conftest import Proxy


def test_an_object_is_served_to_who_asks_by_a_name_of_the_certificate(proxy: Proxy) -> None:
    for host in ("files.example.com", "a.example.org"):
        answer = proxy.get("/public/a", host)
        assert answer.status == 200, host
    asked = [request.split(b"\r\n")[:2] for request in proxy.origin.requests]
    assert asked == 2 * [[b"GET /public/a HTTP/1.1", b"Host: b.oss-test-internal.aliyuncs.com"]]


def test_a_handshake_for_another_name_is_refused_and_so_is_one_without(proxy: Proxy) -> None:
    for name in ("other.example.com", "example.org", None):
        with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
            proxy.handshake(name, verify_mode=ssl.CERT_NONE) if name is None else proxy.handshake(name)


def test_another_host_inside_the_connection_is_misdirected(proxy: Proxy) -> None:
    answer = proxy.get("/public/a", "other.example.com", name="files.example.com")
    assert answer.status == 421
    assert proxy.origin.requests == []


def test_plain_http_leads_to_https_at_the_same_name_and_nowhere_else(proxy: Proxy) -> None:
    for host in ("files.example.com", "a.example.org", "FILES.example.com", "files.example.com:80"):
        answer = proxy.plainly("/public/%2F/a%20b?x=1", host)
        assert answer.status == 301
        place = answer.headers["location"]
        name = host.lower().removesuffix(":80")
        assert place == f"https://{name}:{proxy.https}/public/%2F/a%20b?x=1"
    assert proxy.plainly("http://evil.example/public/a").status == 421
    assert proxy.plainly("/public/a", "evil.example").status == 421
    assert proxy.plainly("/public/a", method="POST").status == 405
    assert proxy.plainly("/healthz", "203.0.113.7").status == 200
    assert proxy.origin.requests == []


def test_http_2_is_offered(proxy: Proxy) -> None:
    client = ssl.create_default_context(cafile=str(proxy.trust))
    client.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", proxy.https), timeout=5) as connection,
        client.wrap_socket(connection, server_hostname="files.example.com") as secured,
    ):
        assert secured.selected_alpn_protocol() == "h2"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_resumed(proxy: Proxy, version: ssl.TLSVersion) -> None:
    client = ssl.create_default_context(cafile=str(proxy.trust))
    client.minimum_version = client.maximum_version = version
    session, resumed = None, []
    for _ in range(2):
        with (
            socket.create_connection(("127.0.0.1", proxy.https), timeout=5) as connection,
            client.wrap_socket(connection, server_hostname="files.example.com", session=session) as secured,
        ):
            secured.sendall(b"GET /healthz HTTP/1.1\r\nHost: files.example.com\r\nConnection: close\r\n\r\n")
            while secured.recv(4096):
                pass
            session = secured.session
            resumed.append(secured.session_reused)
    assert resumed == [False, True]


class TestAddresses:
    @pytest.fixture
    def tls(self) -> Tls:
        return Tls(names=("files.example.com",), addresses=("127.0.0.1",))

    def test_who_comes_by_the_address_is_served(self, proxy: Proxy) -> None:
        assert proxy.get("/public/a", "127.0.0.1").status == 200
        assert proxy.plainly("/public/a", "127.0.0.1").headers["location"].startswith("https://127.0.0.1:")

    def test_another_name_in_the_handshake_is_misdirected(self, proxy: Proxy) -> None:
        with proxy.handshake("other.example.com", check_hostname=False) as connection:
            connection.sendall(
                b"GET /public/a HTTP/1.1\r\nHost: files.example.com\r\nConnection: close\r\n\r\n"
            )
            assert connection.recv(4096).startswith(b"HTTP/1.1 421 ")


class TestServed:
    @pytest.fixture
    def tls(self) -> Tls:
        return Tls(names=("files.example.com",), plain_http="serve", hsts_seconds=300)

    def test_plain_http_is_served_where_the_owner_says_so(self, proxy: Proxy) -> None:
        answer = proxy.plainly("/public/a", "203.0.113.7")
        assert answer.status == 200
        assert "strict-transport-security" not in answer.headers

    def test_browsers_are_told_to_stay_with_https_over_https_only(self, proxy: Proxy) -> None:
        for target, status in (("/public/a", 200), ("/other", 404)):
            answer = proxy.get(target)
            assert answer.status == status
            assert answer.headers["strict-transport-security"] == "max-age=300"
