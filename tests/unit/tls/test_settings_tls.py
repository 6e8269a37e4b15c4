"""The settings of HTTPS beside each other, and what becomes of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.data_plane import nginx_context, open_ports, ports, system_context, tls
from infra.instance_files import CERTIFICATE, CERTIFICATE_KEY, HTTPS
from infra.nginx.tls import Tls
from infra.rollout.secret_files import secret_files
from infra.setting_faults import SettingsError
from infra.settings import Settings, parse
from infra.stack_configuration import acme_of, secrets_of
from infra.stack_runbook import url
from tests.support.certificates import Issued, authority, server
from tests.unit.raw import raw

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


def acme(values: dict[str, str], **changes: object) -> Settings:
    return parse({**values, **{key: raw(value) for key, value in changes.items()}})


def acme_fault(values: dict[str, str], **changes: object) -> str:
    with pytest.raises(SettingsError) as caught:
        acme(values, **changes)
    return str(caught.value)


ANYBODY: dict[str, object] = {"public": True, "allowedCidrs": ["0.0.0.0/0"]}


def test_by_itself_it_is_on_where_the_authority_can_ask_without_more_being_opened(
    values: dict[str, str],
) -> None:
    assert acme(values).https == "off"
    assert acme(values, **ANYBODY).https == "acme"
    assert acme(values, **ANYBODY, listenPort=8080).https == "off"
    assert acme(values, **ANYBODY, tls="off").https == "off"


def test_a_certificate_of_its_own_is_for_the_address_or_the_names(values: dict[str, str]) -> None:
    settings = acme(values, **ANYBODY)
    found = acme_of(settings, "203.0.113.7")
    assert (found["names"], found["address"], found["profile"]) == ([], "203.0.113.7", "shortlived")
    assert found["directory"] == "https://acme-v02.api.letsencrypt.org/directory"
    assert url(settings, "203.0.113.7") == "https://203.0.113.7/"
    named = acme(values, **ANYBODY, domainNames=["a.example.com", "b.example.com"])
    assert acme_of(named, "203.0.113.7")["names"] == ["a.example.com", "b.example.com"]
    assert acme_of(named, "203.0.113.7")["profile"] == ""
    assert acme_of(acme(values, **ANYBODY, domainNames=["a.example.com"], acmeProfile="tlsserver"), "x")[
        "profile"
    ] == ("tlsserver")
    assert acme_of(acme(values), "203.0.113.7") == {}
    assert secrets_of(settings) == {}
    # The user data is the same whatever the address; it stands in none of the texts.
    assert tls(settings) == Tls(names=(), acme=True)
    assert system_context(settings, "b.example.com").acme


def test_port_80_is_opened_to_all_by_setting_only(values: dict[str, str]) -> None:
    assert open_ports(acme(values, **ANYBODY)) == {}
    settings = acme(values, tls="acme", acmeOpenPort80=True)
    assert open_ports(settings) == {"acme-": 80}
    found = tls(settings)
    assert found
    assert found.clients == ("198.51.100.0/24",)


def test_what_an_authority_could_not_do_is_refused(values: dict[str, str]) -> None:
    texts = [
        (acme_fault(values, tls="acme"), "is needed with `tls: acme` and closed allowedCidrs"),
        (acme_fault(values, **ANYBODY, tls="acme", listenPort=8080), "needs `listenPort: 80`"),
        (acme_fault(values, **ANYBODY, acmeOpenPort80=True), "means nothing beside 0.0.0.0/0"),
        (acme_fault(values, tls="off", acmeOpenPort80=True), "means nothing with `tls: off`"),
        (acme_fault(values, tls="off", acmeEmail="a@b.example"), "means nothing with `tls: off`"),
        (
            acme_fault(values, tls="acme", acmeOpenPort80=True, plainHttp="serve"),
            "must be redirect with acmeOpenPort80",
        ),
        (acme_fault(values, **ANYBODY, acmeProfile="classic"), "must be shortlived or empty without"),
        (acme_fault(values, **ANYBODY, acmeCaCertificate=ROOT.pem), "set acmeDirectory"),
        (acme_fault(values, **ANYBODY, domainNames=["*.example.com"]), "a wildcard is none"),
        (acme_fault(values, **ANYBODY, tls="acme", tlsCertificate=ROOT.pem), "set `tls: provided`"),
    ]
    for text, rule in texts:
        assert rule in text


BY_DNS: dict[str, object] = {
    "tls": "acme",
    "acmeChallenge": "dns-01",
    "domainNames": ["files.example.com", "*.files.example.com"],
    "dnsZone": "example.com",
}


def test_a_record_proves_names_with_no_port_open_and_wildcards_too(values: dict[str, str]) -> None:
    settings = acme(values, **BY_DNS)
    assert (settings.https, open_ports(settings)) == ("acme", {})
    found = acme_of(settings, "203.0.113.7")
    assert (found["names"], found["zone"]) == (BY_DNS["domainNames"], "example.com")
    assert url(settings, "203.0.113.7") == "https://files.example.com/"
    assert system_context(settings, "b.example.com").acme_dns
    shown = tls(settings)
    assert shown
    assert (shown.clients, shown.by_address) == ((), False)
    # No port is asked at: another one may be the proxy's, and a proxy that is open to all is none the worse.
    assert ports(acme(values, **BY_DNS, listenPort=8080)) == {"": 8080, "https-": 443}
    assert acme(values, **{**BY_DNS, **ANYBODY}).https == "acme"
    # What older releases ordered is ordered as it was.
    assert "zone" not in acme_of(acme(values, **ANYBODY), "203.0.113.7")
    assert not system_context(acme(values, **ANYBODY), "b.example.com").acme_dns


@pytest.mark.parametrize(
    ("changes", "key", "rule"),
    [
        ({"acmeOpenPort80": True}, "acmeOpenPort80", "means nothing with `acmeChallenge: dns-01`"),
        ({"tls": "auto"}, "acmeChallenge", "means nothing with `tls: auto`; set `tls: acme`"),
        ({"tls": "off"}, "acmeChallenge", "means nothing with `tls: off`; set `tls: acme`"),
        ({"domainNames": [], "dnsZone": ""}, "domainNames", "is needed with `acmeChallenge: dns-01`"),
        ({"dnsZone": ""}, "dnsZone", "is needed with `acmeChallenge: dns-01`"),
        ({"dnsZone": "example.org"}, "dnsZone", "does not hold files.example.com"),
        ({"dnsZone": "*.example.com"}, "dnsZone", "must be a domain; a wildcard is none"),
        ({"domainNames": ["*.example.com"]}, "domainNames", "must hold a name beside the wildcards"),
        (
            {"domainNames": ["files.example.com", "*.example.com"]},
            "domainNames",
            "holds files.example.com beside a wildcard that covers it",
        ),
        ({"domainNames": ["example.com", "*.*.example.com"]}, "domainNames[1]", "must be a host name"),
        ({"acmeChallenge": "http-01", **ANYBODY}, "domainNames[1]", "a wildcard is none, and stands beside"),
    ],
)
def test_what_a_record_could_not_prove_is_refused(
    values: dict[str, str], changes: dict[str, object], key: str, rule: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        acme(values, **{**BY_DNS, **changes})
    found = {one.key.removeprefix("oss-proxy:"): one.rule for one in caught.value.faults}
    assert rule in found[key]


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
