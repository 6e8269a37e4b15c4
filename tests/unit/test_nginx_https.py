"""OSS over HTTPS: asked under its name, believed by its certificate alone, and over few handshakes."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from infra.nginx.cache import Cache
from infra.render import NginxContext
from tests.unit.nginx_process import HOST, NGINXES, Proxy, context_for, serving
from tests.unit.recording_origin import ANSWER, BODY
from tests.unit.tls_origin import TlsOrigin, tls_origin

SECURE = context_for("public/", oss_over_https=True)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(params=NGINXES)
def binary(request: pytest.FixtureRequest) -> str:
    path: str = request.param
    return path


@contextmanager
def proxy_before(
    origin: TlsOrigin, trusted: trustme.CA, folder: Path, binary: str, context: NginxContext = SECURE
) -> Iterator[Proxy]:
    (folder / "ca.pem").write_bytes(trusted.cert_pem.bytes())
    with serving(folder, context, origin, binary=binary) as proxy:
        yield proxy


def test_oss_is_asked_under_its_name_over_kept_connections(
    authority: trustme.CA, tmp_path: Path, binary: str
) -> None:
    with tls_origin(authority, HOST) as origin, proxy_before(origin, authority, tmp_path, binary) as proxy:
        for _ in range(3):
            assert (proxy.get("/public/x").status, proxy.get("/public/x").body) == (200, BODY)
        assert proxy.get("/readyz").status == 200
        assert set(origin.names) == {HOST}
        assert len(set(origin.connections)) == 1
        assert set(origin.versions) == {"TLSv1.3"}
        assert f"\r\nHost: {HOST}\r\n".encode() in origin.requests[0]


def test_a_new_connection_goes_on_with_the_session(
    authority: trustme.CA, tmp_path: Path, binary: str
) -> None:
    with tls_origin(authority, HOST) as origin, proxy_before(origin, authority, tmp_path, binary) as proxy:
        origin.answer = lambda _: ANSWER.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n") + BODY
        assert [proxy.get("/public/x").status for _ in range(2)] == [200, 200]
        assert len(set(origin.connections)) == 2
        assert origin.resumed == [False, True]


@pytest.mark.parametrize(
    "name", ["other.oss-test-internal.aliyuncs.com", "oss-test-internal.aliyuncs.com", f"{HOST}.example"]
)
def test_another_name_is_not_oss(authority: trustme.CA, tmp_path: Path, binary: str, name: str) -> None:
    with tls_origin(authority, name) as origin, proxy_before(origin, authority, tmp_path, binary) as proxy:
        assert proxy.get("/public/x").status == 502
        assert proxy.get("/readyz").body.startswith(b"not ready: network")
        assert origin.requests == []


def test_a_wildcard_as_the_cloud_uses_it_is(authority: trustme.CA, tmp_path: Path, binary: str) -> None:
    name = "*" + HOST[HOST.index(".") :]
    with tls_origin(authority, name) as origin, proxy_before(origin, authority, tmp_path, binary) as proxy:
        assert proxy.get("/public/x").status == 200


def test_nobody_elses_word_is_taken(authority: trustme.CA, tmp_path: Path, binary: str) -> None:
    with tls_origin(trustme.CA(), HOST) as origin, proxy_before(origin, authority, tmp_path, binary) as proxy:
        assert proxy.get("/public/x").status == 502
        assert origin.requests == []


def test_an_authority_may_stand_between(authority: trustme.CA, tmp_path: Path, binary: str) -> None:
    between = authority.create_child_ca().create_child_ca()
    with tls_origin(between, HOST) as origin, proxy_before(origin, authority, tmp_path, binary) as proxy:
        assert proxy.get("/public/x").status == 200


def test_tls_1_2_will_do(authority: trustme.CA, tmp_path: Path, binary: str) -> None:
    with (
        tls_origin(authority, HOST, newest=ssl.TLSVersion.TLSv1_2) as origin,
        proxy_before(origin, authority, tmp_path, binary) as proxy,
    ):
        assert proxy.get("/public/x").status == 200
        assert origin.versions == ["TLSv1.2"]


def test_the_cache_asks_over_https_too(authority: trustme.CA, tmp_path: Path, binary: str) -> None:
    context = context_for("public/", oss_over_https=True, cache=Cache(size_gib=1, minutes=1))
    with (
        tls_origin(authority, HOST) as origin,
        proxy_before(origin, authority, tmp_path, binary, context) as proxy,
    ):
        assert proxy.get("/public/x").status == 200
        assert origin.versions == ["TLSv1.3"]
