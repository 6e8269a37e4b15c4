"""DNS records by the real engine and provider, on localcloud's alidns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.localcloud import LocalCloud
from tests.support.project import ROOT, Project

PROJECT = """
name: records
runtime: {name: python, options: {virtualenv: .venv}}
config:
  value: {type: string}
  ttl: {type: integer, default: 600}
"""
PROGRAM = """
import pulumi
import pulumi_alicloud as alicloud

config = pulumi.Config()
record = alicloud.dns.AlidnsRecord(
    "www",
    domain_name="example.test",
    rr="www",
    type="A",
    value=config.require("value"),
    ttl=config.require_int("ttl"),
    remark="made by a program",
)
pulumi.export("id", record.id)
"""
LOOK_UP = "import socket; print(*sorted({a[4][0] for a in socket.getaddrinfo('www.example.test', 80)}))"


@pytest.fixture
def records(cloud: LocalCloud, tmp_path: Path) -> Iterator[Project]:
    """An empty stack of a program of one record, in a domain of the account."""
    cloud.cli("dns", "domain", "add", "example.test")
    project = Project(tmp_path, cloud)
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {alicloud:region: cn-hangzhou}\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    project.must("stack", "init", "dev")
    project.must("config", "set", "value", "203.0.113.7")
    try:
        yield project
    finally:
        project.must("destroy", "--yes", "--skip-preview", "--remove")
        cloud.cli("dns", "domain", "rm", "example.test")


@pytest.fixture(autouse=True)
def _no_domains(cloud: LocalCloud) -> None:
    """Other tests of this worker may have left theirs."""
    for one in json.loads(cloud.cli("dns", "domain", "list", "--json").stdout):
        cloud.cli("dns", "domain", "rm", one["name"])


def told(cloud: LocalCloud) -> list[dict[str, Any]]:
    (domain,) = json.loads(cloud.cli("dns", "domain", "list", "--json").stdout)
    found: list[dict[str, Any]] = domain["records"]
    return found


def looked_up(cloud: LocalCloud) -> str:
    return cloud.run("operator", ["python", "-c", LOOK_UP]).stdout.decode().strip()


def test_a_record_comes_stays_changes_is_mended_and_goes(records: Project) -> None:
    cloud = records.cloud
    records.must("up", "--yes", "--skip-preview")
    (made,) = told(cloud)
    assert (made["rr"], made["type"], made["value"], made["ttl"], made["enabled"]) == (
        *("www", "A", "203.0.113.7"),
        *(600, True),
    )
    assert records.outputs()["id"] == made["id"]
    assert looked_up(cloud) == "203.0.113.7"
    records.must("preview", "--refresh", "--expect-no-changes")

    records.must("config", "set", "value", "203.0.113.8")
    records.must("config", "set", "ttl", "1200")
    records.must("up", "--yes", "--skip-preview")
    (changed,) = told(cloud)
    assert (changed["id"], changed["value"], changed["ttl"]) == (made["id"], "203.0.113.8", 1200)
    assert looked_up(cloud) == "203.0.113.8"

    # Somebody removes the domain and gets it back, without its records.
    cloud.cli("dns", "domain", "rm", "example.test")
    cloud.cli("dns", "domain", "add", "example.test")
    records.must("up", "--yes", "--skip-preview", "--refresh")
    assert [record["value"] for record in told(cloud)] == ["203.0.113.8"]

    records.must("destroy", "--yes", "--skip-preview")
    assert told(cloud) == []
    assert looked_up(cloud) == ""


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [("ttl", "60", "QuotaExceeded.TTL"), ("value", "no", "SubDomainInvalid.Value")],
)
def test_what_the_service_refuses_is_told(records: Project, setting: str, value: str, code: str) -> None:
    records.must("config", "set", setting, value)
    result = records.pulumi("up", "--yes", "--skip-preview")
    assert result.code != 0
    assert code in result.text
    assert told(records.cloud) == []


def test_a_domain_of_nobody_is_told(cloud: LocalCloud) -> None:
    refused = cloud.cli("dns", "domain", "rm", "nobody.test", check=False)
    assert (refused.returncode, "no domain nobody.test" in refused.stderr) == (1, True)
    assert cloud.cli("dns", "domain", "list").stdout == "none\n"
