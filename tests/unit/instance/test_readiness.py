"""Each thing that can be wrong on the way to OSS is named, and a passing trouble is waited out."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from infra.instance import readiness
from infra.instance.outcomes import Failed, Outcome
from infra.instance.readiness import Probe, await_ready
from tests.unit.instance import host as hosts
from tests.unit.instance.storage import DENIED, NO_SUCH_KEY, Storage, failure, storage


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "PAUSE_S", 0.01)
    monkeypatch.setattr(readiness, "INTERNAL_NETWORK", readiness.IPv4Network("127.0.0.0/8"))


@pytest.fixture
def oss() -> Iterator[Storage]:
    with storage() as made:
        yield made


@pytest.fixture
def nginx() -> Iterator[Storage]:
    """What listens on the proxy's port."""
    with storage() as made:
        made.answers = [(404, "")]
        yield made


def ready(
    oss: Storage, nginx: Storage, resolve: Callable[[str], list[str]] | None = None, **more: Any
) -> str:
    probe = Probe(
        **{
            "bucket_host": "bucket.example",
            "key": "图片/x",
            "listen_port": nginx.port,
            "proxy_path": "/p",
            "proxy_statuses": (200, 404),
            "storage_port": oss.port,
            **more,
        }
    )
    return await_ready(probe, 0.1, resolve or (lambda host: ["127.0.0.1"]))


def outcome(*args: Any, **more: Any) -> tuple[Outcome, str]:
    with pytest.raises(Failed) as caught:
        ready(*args, **more)
    return caught.value.outcome, str(caught.value)


@pytest.mark.parametrize("status", [200, 206, 304, 416])
def test_an_object_proves_it(oss: Storage, nginx: Storage, status: int) -> None:
    oss.answers = [(status, "")]
    assert f"OSS answered HTTP {status}" in ready(oss, nginx)
    assert oss.asked == [("bucket.example", "/%E5%9B%BE%E7%89%87/x")]
    assert nginx.asked == [("127.0.0.1", "/p")]


def test_a_missing_key_proves_it_as_well(oss: Storage, nginx: Storage) -> None:
    assert "NoSuchKey" in ready(oss, nginx)


def test_every_address_is_asked(oss: Storage, nginx: Storage) -> None:
    ready(oss, nginx, lambda host: ["127.0.0.1", "127.0.0.1"])
    assert len(oss.asked) == 2


def test_a_policy_that_is_not_known_everywhere_yet_is_waited_for(oss: Storage, nginx: Storage) -> None:
    oss.answers = [DENIED, DENIED, NO_SUCH_KEY]
    ready(oss, nginx)
    assert len(oss.asked) == 3


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (DENIED, Outcome.ACCESS_DENIED, "EC 0003-00000905"),
        ((404, failure("NoSuchBucket", "0015-00000101")), Outcome.WRONG_HOST, "NoSuchBucket"),
        ((503, failure("ServiceUnavailable", "0001-1")), Outcome.STORAGE_FAILS, "HTTP 503"),
    ],
)
def test_what_storage_says_is_told(
    oss: Storage, nginx: Storage, answer: tuple[int, str], expected: Outcome, words: str
) -> None:
    oss.answers = [answer]
    found, text = outcome(oss, nginx)
    assert found == expected
    assert words in text
    assert "request 5F00" in text


def test_what_is_no_storage_is_told(oss: Storage, nginx: Storage) -> None:
    oss.marked = False
    oss.answers = [(500, "some web server")]
    assert outcome(oss, nginx)[0] == Outcome.WRONG_HOST


def test_no_name(oss: Storage, nginx: Storage) -> None:
    def nothing(host: str) -> list[str]:
        raise OSError("Name or service not known")

    assert outcome(oss, nginx, nothing)[0] == Outcome.NAME_NOT_RESOLVED
    assert outcome(oss, nginx, lambda host: [])[0] == Outcome.NAME_NOT_RESOLVED


def test_a_name_that_leads_outside(oss: Storage, nginx: Storage) -> None:
    found, text = outcome(oss, nginx, lambda host: ["203.0.113.9"])
    assert found == Outcome.NAME_NOT_INTERNAL
    assert "203.0.113.9" in text


def test_no_route(oss: Storage, nginx: Storage) -> None:
    assert outcome(oss, nginx, storage_port=hosts.free_port())[0] == Outcome.NO_ROUTE


def test_a_proxy_that_is_not_there(oss: Storage, nginx: Storage) -> None:
    assert outcome(oss, nginx, listen_port=hosts.free_port())[0] == Outcome.NGINX_NOT_RUNNING


def test_a_proxy_that_answers_otherwise(oss: Storage, nginx: Storage) -> None:
    nginx.answers = [(502, "")]
    found, text = outcome(oss, nginx)
    assert found == Outcome.PROXY_ANSWERS_OTHERWISE
    assert "502" in text


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """One that the instance trusts, and no other."""
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    return made


def over_https(authority: trustme.CA, name: str) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(tls)
    return tls


def test_storage_over_https_is_asked_under_its_name(nginx: Storage, authority: trustme.CA) -> None:
    with storage(over_https(authority, "bucket.example")) as oss:
        assert "NoSuchKey" in ready(oss, nginx, storage_tls=True)
        assert oss.asked == [("bucket.example", "/%E5%9B%BE%E7%89%87/x")]


@pytest.mark.parametrize("trusted", [True, False])
def test_storage_without_a_good_certificate_is_not_this_bucket(
    nginx: Storage, authority: trustme.CA, trusted: bool
) -> None:
    tls = over_https(authority, "other.example") if trusted else over_https(trustme.CA(), "bucket.example")
    with storage(tls) as oss:
        found, text = outcome(oss, nginx, storage_tls=True)
        assert found == Outcome.WRONG_HOST
        assert f"127.0.0.1 port {oss.port}" in text
        assert "certificate verify failed" in text
        assert oss.asked == []


def test_storage_that_speaks_no_https_has_no_way_to_it(oss: Storage, nginx: Storage) -> None:
    found, text = outcome(oss, nginx, storage_tls=True)
    assert found == Outcome.NO_ROUTE
    assert f"port {oss.port} does not answer" in text
