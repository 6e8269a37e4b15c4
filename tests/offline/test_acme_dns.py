"""The role by which an instance proves its names: it comes, changes and goes beside the running instance."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.offline.ram_user import as_user, refused
from tests.support.project import Project

pytestmark = pytest.mark.timeout(900)

FEATURES = ("dns", "acme-dns")
ZONES = ("first.example", "second.example")
NOW = ("--yes", "--skip-preview")


def by_dns(zone: str) -> dict[str, Any]:
    names = [f"files.{zone}", f"*.files.{zone}"]
    return {"tls": "acme", "acmeChallenge": "dns-01", "domainNames": names, "dnsZone": zone}


def domains(stack: Project) -> dict[str, list[str]]:
    """The records of each zone."""
    return {
        one["name"]: sorted(row["rr"] for row in one["records"]) for one in stack.cloud.status()["domains"]
    }


def test_the_role_follows_the_domain_and_the_instance_stays(stack: Project) -> None:
    for zone in ZONES:
        stack.cloud.cli("dns", "domain", "add", zone)
    stack.must("up", *NOW)
    instance = stack.outputs()["instance_id"]
    for zone in ZONES:
        stack.change(by_dns(zone))
        # The rights are those of one domain; the one of before is left by who may do everything.
        if zone == ZONES[0]:
            deployer = as_user(stack, "proofs", "deployer", FEATURES)
            deployer.must("up", *NOW)
            assert refused(deployer) == set()
        stack.must("up", *NOW)
        status = stack.cloud.status()
        (role,), (policy,) = status["roles"], status["policies"]
        assert (role["instances"], role["policies"]) == ([instance], ["oss-proxy-dev-acme-dns"])
        (statement,) = json.loads(policy["document"])["Statement"]
        assert statement["Resource"] == f"acs:alidns:*:{stack.outputs()['account_uid']}:domain/{zone}"
        others = {other: [] for other in ZONES if other != zone}
        assert domains(stack) == {zone: ["*.files", "files"], **others}
        stack.must("preview", "--refresh", "--expect-no-changes")
    stack.change(dict.fromkeys(by_dns("")) | {"tls": "off"})
    stack.must("up", *NOW)
    status = stack.cloud.status()
    assert (status["roles"], status["policies"]) == ([], [])
    assert stack.outputs()["instance_id"] == instance
    assert domains(stack) == {zone: [] for zone in ZONES}
