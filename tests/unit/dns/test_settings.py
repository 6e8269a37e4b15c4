"""The settings of names: what a name may be, beside which certificate, and where links lead."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from infra.setting_faults import Fault, SettingsError
from infra.settings import parse
from infra.stack_runbook import url
from tests.support.certificates import Issued, authority, server
from tests.unit.raw import raw

NOW = datetime.now(UTC)
ROOT = authority(now=NOW)


def https(issued: Issued) -> dict[str, str]:
    return {"tls": "provided", "tlsCertificate": issued.pem, "tlsPrivateKey": issued.key_pem()}


def fault(values: dict[str, str]) -> Fault:
    with pytest.raises(SettingsError) as caught:
        parse(values, encrypted=["tlsPrivateKey"])
    (one,) = caught.value.faults
    return one


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("*.example.com", "a wildcard is none"),
        ("Files.example.com", "must be in lower case: files.example.com"),
        ("203.0.113.9", "no address"),
        ("2001:db8::1", "no address"),
        ("files.example.1", "must be a host name"),
        ("files", "at least one dot"),
        ("files.example.com.", "must be a host name"),
        ("files.example.com:8080", "no port"),
        ("http://files.example.com", "no scheme"),
        ("-a.example.com", "must be a host name"),
        ("dateien.beispiel.ä", "xn--"),
        ("a;b.example.com", "must be a host name"),
        ("", "must be a host name"),
        (f"{'a' * 64}.example.com", "must be a host name"),
        (".".join(["a" * 60] * 5), "must be a host name"),
    ],
)
def test_an_unusable_name_is_told_at_its_place(values: dict[str, str], name: str, rule: str) -> None:
    found = fault({**values, "domainNames": raw(["files.example.com", name])})
    assert found.key == "oss-proxy:domainNames[1]"
    assert rule in found.rule
    assert found.fix == "pulumi config set --path 'oss-proxy:domainNames[1]' files.example.com"


def test_the_first_name_is_the_one_of_links(values: dict[str, str]) -> None:
    names = ["files.example.com", "xn--r8jz45g.example", "4.example.org"]
    settings = parse({**values, "domainNames": raw(names)})
    assert settings.domain_names == tuple(names)
    assert url(settings, "203.0.113.9") == "http://files.example.com/"
    other = parse({**values, "domainNames": raw(names[1:]), "listenPort": "8080"})
    assert url(other, "203.0.113.9") == "http://xn--r8jz45g.example:8080/"
    assert url(parse(values), "203.0.113.9") == "http://203.0.113.9/"


def test_a_name_is_one_of_the_certificates(values: dict[str, str]) -> None:
    given = https(server(ROOT, ("one.example.com", "*.files.example.com"), now=NOW))
    wanted = {**values, **given, "domainNames": raw(["eu.files.example.com", "one.example.com"])}
    settings = parse(wanted, encrypted=["tlsPrivateKey"])
    # What the certificate names first is another one.
    assert url(settings, "203.0.113.9") == "https://eu.files.example.com/"


@pytest.mark.parametrize("name", ["files.example.com", "a.b.files.example.com", "two.example.com"])
def test_a_name_that_the_certificate_is_not_for_is_refused(values: dict[str, str], name: str) -> None:
    given = https(server(ROOT, ("one.example.com", "*.files.example.com"), now=NOW))
    found = fault({**values, **given, "domainNames": raw(["one.example.com", name])})
    assert found.key == "oss-proxy:domainNames"
    assert found.rule == (
        f"holds {name}, which tlsCertificate is not for: it is for one.example.com, *.files.example.com"
    )


def test_a_certificate_with_a_fault_is_told_of_once(values: dict[str, str]) -> None:
    given = {**https(server(ROOT, now=NOW)), "tlsCertificate": "nothing"}
    assert fault({**values, **given, "domainNames": raw(["a.example.com"])}).key == "oss-proxy:tlsCertificate"


def test_a_zone_holds_every_name(values: dict[str, str]) -> None:
    names = ["example.com", "files.example.com", "a.b.example.com"]
    settings = parse({**values, "domainNames": raw(names), "dnsZone": "example.com"})
    assert settings.dns_zone == "example.com"
    assert parse(values).dns_zone == ""


@pytest.mark.parametrize(
    ("names", "zone", "rule"),
    [
        ([], "example.com", "means nothing without domainNames"),
        (["a.example.com"], "*.example.com", "a wildcard is none"),
        (["a.example.com"], "Example.com", "must be in lower case: example.com"),
        (["a.example.com"], "com", "at least one dot"),
        (
            ["a.example.com", "myexample.com", "b.example.org"],
            "example.com",
            "does not hold myexample.com, b.example.org: each of domainNames must be example.com or end with "
            ".example.com",
        ),
    ],
)
def test_an_unusable_zone_is_told(values: dict[str, str], names: list[str], zone: str, rule: str) -> None:
    found = fault({**values, "domainNames": raw(names), "dnsZone": zone})
    assert found.key == "oss-proxy:dnsZone"
    assert rule in found.rule
    assert found.fix == "pulumi config set oss-proxy:dnsZone example.com"


def test_a_fault_of_the_names_is_told_once(values: dict[str, str]) -> None:
    found = fault({**values, "domainNames": raw(["*.example.com"]), "dnsZone": "example.com"})
    assert found.key == "oss-proxy:domainNames[0]"
