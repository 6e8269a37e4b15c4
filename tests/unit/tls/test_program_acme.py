"""What the program registers for an authority's certificate, and what it says where there is none."""

from __future__ import annotations

import json
import re
from typing import Any

import pulumi
import pytest

from infra.naming import Naming
from infra.tls.dns_rights import name_of
from tests.unit.fakes import FakeCloud
from tests.unit.raw import raw
from tests.unit.recorder import UNKNOWN, Deployment, deploy

ANYBODY = {"public": "true", "allowedCidrs": raw(["0.0.0.0/0"])}
CLOSED = {"tls": "acme", "acmeOpenPort80": "true"}
ADDRESS = "203.0.113.9"


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    warnings: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", warnings.append)
    return warnings


def ingress(made: Deployment) -> dict[str, tuple[str, str]]:
    return {
        name: (made[name].inputs["portRange"], made[name].inputs["cidrIp"])
        for name, _ in made.resources
        if name.startswith("proxy-ingress-")
    }


def test_the_address_reaches_the_instance_by_the_configuration_alone(
    values: dict[str, str], cloud: FakeCloud, warnings: list[str]
) -> None:
    made = deploy({**values, **ANYBODY})
    configuration = made["proxy-configuration"]
    assert configuration.inputs["acme"]["address"] == ADDRESS
    # The authority can come only when the address leads here.
    assert "proxy-eip-association" in configuration.dependencies
    texts = [made["proxy-instance"].inputs["userData"], made.outputs["nginx_config"]]
    texts.append(json.dumps(configuration.inputs["files"]))
    assert not any(ADDRESS in text for text in texts)
    assert made.outputs["url"] == f"https://{ADDRESS}/"
    assert made.outputs["certificate"] == "not known: none has been seen yet"
    assert warnings == []
    assert ingress(made) == {
        "proxy-ingress-0.0.0.0-0": ("80/80", "0.0.0.0/0"),
        "proxy-ingress-https-0.0.0.0-0": ("443/443", "0.0.0.0/0"),
    }


def test_a_first_preview_knows_all_but_the_address(values: dict[str, str], cloud: FakeCloud) -> None:
    made = deploy({**values, **ANYBODY}, preview=True)
    assert made["proxy-configuration"].inputs["acme"] == UNKNOWN
    assert "acme-challenge" in made.outputs["nginx_config"]


def test_port_80_is_opened_beside_the_networks_where_that_is_set(
    values: dict[str, str], cloud: FakeCloud
) -> None:
    assert ingress(deploy({**values, **CLOSED})) == {
        "proxy-ingress-198.51.100.0-24": ("80/80", "198.51.100.0/24"),
        "proxy-ingress-https-198.51.100.0-24": ("443/443", "198.51.100.0/24"),
        "proxy-ingress-acme-0.0.0.0-0": ("80/80", "0.0.0.0/0"),
    }


BY_DNS = {
    "tls": "acme",
    "acmeChallenge": "dns-01",
    "domainNames": raw(["files.example.com", "*.files.example.com"]),
    "dnsZone": "example.com",
}


def test_by_dns_the_instance_gets_a_role_for_the_one_domain_before_its_configuration(
    values: dict[str, str], cloud: FakeCloud, warnings: list[str]
) -> None:
    made = deploy({**values, **BY_DNS})
    role, policy = made["proxy-acme-dns-role"], made["proxy-acme-dns-policy"]
    assert role.inputs["roleName"] == policy.inputs["policyName"] == "oss-proxy-dev-acme-dns"
    trusted = json.loads(role.inputs["assumeRolePolicyDocument"])["Statement"]
    assert [one["Principal"] for one in trusted] == [{"Service": ["ecs.aliyuncs.com"]}]
    assert json.loads(policy.inputs["policyDocument"])["Statement"] == [
        {
            "Action": [
                "alidns:AddDomainRecord",
                "alidns:DeleteDomainRecord",
                "alidns:DescribeSubDomainRecords",
            ],
            "Effect": "Allow",
            "Resource": "acs:alidns:*:1234567890123456:domain/example.com",
        }
    ]
    rights, attachment = made["proxy-acme-dns-rights"], made["proxy-acme-dns-attachment"]
    assert rights.inputs == {
        "roleName": "oss-proxy-dev-acme-dns",
        "policyName": "oss-proxy-dev-acme-dns",
        "policyType": "Custom",
    }
    assert attachment.inputs["instanceIds"] == ["proxy-instance-id"]
    assert "proxy-acme-dns-rights" in attachment.dependencies
    # The instance is none the wiser, so it stays when the role comes or goes.
    assert "roleName" not in made["proxy-instance"].inputs
    assert {"proxy-acme-dns-attachment", "proxy-dns-files.example.com"} <= made[
        "proxy-configuration"
    ].dependencies
    assert made["proxy-configuration"].inputs["acme"]["zone"] == "example.com"
    assert set(ingress(made).values()) == {("80/80", "198.51.100.0/24"), ("443/443", "198.51.100.0/24")}
    assert made["proxy-dns-_wildcard.files.example.com"].inputs["rr"] == "*.files"
    assert warnings == []


def test_over_http_it_gets_none(values: dict[str, str], cloud: FakeCloud) -> None:
    made = deploy({**values, **CLOSED})
    assert not [one.name for one in made.registrations if one.type.startswith("alicloud:ram/")]
    assert "zone" not in made["proxy-configuration"].inputs["acme"]


@pytest.mark.parametrize(
    ("stack", "name"),
    [
        ("dev", "oss-proxy-dev-acme-dns"),
        ("dev.eu_1", r"oss-proxy-dev-eu-1-acme-dns-[0-9a-f]{8}"),
        ("dev-eu.1", r"oss-proxy-dev-eu-1-acme-dns-[0-9a-f]{8}"),
        ("x" * 100, r"oss-proxy-x{45}-[0-9a-f]{8}"),
    ],
)
def test_the_role_is_called_what_the_cloud_takes(stack: str, name: str) -> None:
    assert re.fullmatch(name, name_of(Naming(project="oss-proxy", stack=stack)))


def test_no_two_stacks_share_a_role() -> None:
    stacks = ("dev.eu_1", "dev-eu-1", "dev_eu.1", "x" * 100, "x" * 101)
    assert len({name_of(Naming(project="oss-proxy", stack=stack)) for stack in stacks}) == len(stacks)


@pytest.mark.parametrize(
    ("changes", "count"), [({}, 1), ({"tls": "off"}, 0), (CLOSED, 0)], ids=["auto", "off", "acme"]
)
def test_without_https_it_is_said_how_to_have_it(
    values: dict[str, str], cloud: FakeCloud, warnings: list[str], changes: dict[str, Any], count: int
) -> None:
    deploy({**values, **changes})
    assert len(warnings) == count
    assert all("`acmeOpenPort80: true`" in one for one in warnings)
