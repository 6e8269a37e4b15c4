"""The settings of HTTPS beside each other, and what becomes of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.data_plane import nginx_context, ports, tls
from infra.instance_files import CERTIFICATE, CERTIFICATE_KEY, HTTPS
from infra.rollout.secret_files import secret_files
from infra.setting_faults import SettingsError
from infra.settings import Settings, parse
from infra.stack_configuration import secrets_of
from infra.stack_runbook import url
from tests.support.certificates import Issued, authority, server

NOW = datetime.now(UTC)
ROOT = authority(now=NOW)


def given(values: dict[str, str], issued: Issued, **changes: Any) -> Settings:
    own = {"tls": "provided", "tlsCertificate": issued.pem, "tlsPrivateKey": issued.key_pem()}
    return parse(
        {**values, **own, **{key: str(value) for key, value in changes.items()}}, encrypted=["tlsPrivateKey"]
    )


def fault(values: dict[str, str], issued: Issued, **changes: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        given(values, issued, **changes)
    return str(caught.value)


def test_a_certificate_names_who_is_served_and_where(values: dict[str, str]) -> None:
    issued = server(ROOT, ("*.example.org", "files.example.com"), addresses=("203.0.113.7",), now=NOW)
    settings = given(values, issued)
    found = tls(settings)
    assert found
    assert (found.names, found.addresses) == (("*.example.org", "files.example.com"), ("203.0.113.7",))
    assert url(settings, "203.0.113.7") == "https://files.example.com/"
    assert url(given(values, issued, httpsPort=8443), "203.0.113.7") == "https://files.example.com:8443/"
    assert url(given(values, server(ROOT, (), addresses=("203.0.113.7",), now=NOW)), "203.0.113.7") == (
        "https://203.0.113.7/"
    )
    assert ports(settings) == {"": 80, "https-": 443}
    assert nginx_context(settings, "b.oss-test-internal.aliyuncs.com").tls == found


def test_without_it_nothing_of_it_is_there(values: dict[str, str]) -> None:
    settings = parse(values)
    assert tls(settings) is None
    assert ports(settings) == {"": 80}
    assert secrets_of(settings) == {}


def test_certificate_and_key_come_as_secrets_the_key_for_root_alone(values: dict[str, str]) -> None:
    issued = server(ROOT, now=NOW)
    files = {file["path"]: file for file in secret_files(secrets_of(given(values, issued)))}
    assert list(files) == [CERTIFICATE, CERTIFICATE_KEY, HTTPS]
    assert files[CERTIFICATE]["content"] == issued.pem
    assert (files[CERTIFICATE_KEY]["content"], files[CERTIFICATE_KEY]["mode"]) == (issued.key_pem(), 0o600)
    assert f"ssl_certificate_key {CERTIFICATE_KEY};" in files[HTTPS]["content"]


def test_what_does_not_belong_together_is_refused_without_showing_the_key(values: dict[str, str]) -> None:
    issued, other = server(ROOT, now=NOW), server(ROOT, now=NOW)
    texts = [
        (fault(values, issued, tlsPrivateKey=""), "is needed with `tls: provided`"),
        (fault(values, issued, tlsCertificate=""), "is needed with `tls: provided`"),
        (fault(values, issued, tlsPrivateKey=other.key_pem()), "is not the key of tlsCertificate's first"),
        (fault(values, issued, tls="off"), "means nothing with `tls: off`"),
        (fault(values, issued, httpsPort=80), "another port than listenPort"),
        (fault(values, issued, tlsCertificate=issued.pem[:-60]), "must hold certificates as PEM"),
    ]
    for text, rule in texts:
        assert rule in text
        for key in (issued.key_pem(), other.key_pem()):
            assert key.splitlines()[1] not in text
    assert "pulumi config set --secret oss-proxy:tlsPrivateKey" in texts[0][0]


def test_a_key_in_the_clear_is_refused(values: dict[str, str]) -> None:
    issued = server(ROOT, now=NOW)
    own = {"tls": "provided", "tlsCertificate": issued.pem, "tlsPrivateKey": issued.key_pem()}
    with pytest.raises(SettingsError, match="stands in the clear"):
        parse({**values, **own})


def test_the_same_certificate_is_the_same_configuration(values: dict[str, str]) -> None:
    issued = server(ROOT, now=NOW)
    first, second = tls(given(values, issued)), tls(given(values, issued))
    assert first
    assert second
    assert asdict(first) == asdict(second)
