"""What the program registers for an authority's certificate, and what it says where there is none."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

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


@pytest.mark.parametrize(
    ("changes", "count"), [({}, 1), ({"tls": "off"}, 0), (CLOSED, 0)], ids=["auto", "off", "acme"]
)
def test_without_https_it_is_said_how_to_have_it(
    values: dict[str, str], cloud: FakeCloud, warnings: list[str], changes: dict[str, Any], count: int
) -> None:
    deploy({**values, **changes})
    assert len(warnings) == count
    assert all("`acmeOpenPort80: true`" in one for one in warnings)
