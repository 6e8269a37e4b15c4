"""An instance's RAM role by the real engine and provider, on localcloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.localcloud import LocalCloud
from tests.support.project import ROOT, Project

PROJECT = """
name: roles
runtime: {name: python, options: {virtualenv: .venv}}
config:
  action: {type: string}
"""
PROGRAM = """
import json

import pulumi
import pulumi_alicloud as alicloud

config = pulumi.Config()


def document(**statement):
    return json.dumps({"Version": "1", "Statement": [{"Effect": "Allow", **statement}]})


role = alicloud.ram.Role(
    "reader",
    role_name="reader",
    assume_role_policy_document=document(
        Action="sts:AssumeRole", Principal={"Service": ["ecs.aliyuncs.com"]}
    ),
    description=config.require("action"),
    tags={"project": "roles"},
)
policy = alicloud.ram.Policy(
    "rights",
    policy_name="rights",
    policy_document=document(Action=[config.require("action")], Resource="*"),
    tags={"project": "roles"},
)
alicloud.ram.RolePolicyAttachment(
    "reader-rights", role_name=role.role_name, policy_name=policy.policy_name, policy_type="Custom"
)
vpc = alicloud.vpc.Network("net", cidr_block="172.16.0.0/12")
switch = alicloud.vpc.Switch("net", vpc_id=vpc.id, cidr_block="172.16.0.0/24", zone_id="cn-hangzhou-k")
group = alicloud.ecs.SecurityGroup("group", vpc_id=vpc.id, security_group_name="group")
instance = alicloud.ecs.Instance(
    "host",
    image_id="debian_13_2_x64_20G_alibase_20260910.vhd",
    instance_type="ecs.u1-c1m2.large",
    vswitch_id=switch.id,
    security_groups=[group.id],
)
alicloud.ram.RoleAttachment("host", role_name=role.role_name, instance_ids=[instance.id])
pulumi.export("arn", role.arn)
pulumi.export("version", policy.version_id)
pulumi.export("instance", instance.id)
"""


@pytest.fixture
def roles(cloud: LocalCloud, tmp_path: Path) -> Iterator[Project]:
    """An empty stack of a program with a role, a policy and an instance that has the role."""
    project = Project(tmp_path, cloud)
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {alicloud:region: cn-hangzhou}\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    project.must("stack", "init", "dev")
    project.must("config", "set", "action", "oss:GetObject")
    yield project
    project.must("destroy", "--yes", "--skip-preview", "--remove")


def told(cloud: LocalCloud, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(cloud.cli("status", "--json").stdout)[kind]
    return found


def test_a_role_comes_stays_changes_and_goes_with_its_policy(roles: Project) -> None:
    roles.must("up", "--yes", "--skip-preview")
    first = roles.outputs()
    assert first["arn"].startswith("acs:ram::9")
    assert first["arn"].endswith(":role/reader")
    (role,) = told(roles.cloud, "roles")
    assert (role["name"], role["policies"], role["instances"]) == ("reader", ["rights"], [first["instance"]])
    assert role["tags"] == {"project": "roles"}
    (policy,) = told(roles.cloud, "policies")
    assert "oss:GetObject" in policy["document"]
    assert policy["tags"] == {"project": "roles"}
    roles.must("preview", "--refresh", "--expect-no-changes")

    roles.must("config", "set", "action", "oss:ListObjects")
    roles.must("up", "--yes", "--skip-preview")
    second = roles.outputs()
    assert (first["version"], second["version"]) == ("v1", "v2")
    assert second["instance"] == first["instance"]
    (policy,) = told(roles.cloud, "policies")
    assert "oss:ListObjects" in policy["document"]
    roles.must("preview", "--refresh", "--expect-no-changes")

    roles.must("destroy", "--yes", "--skip-preview")
    assert told(roles.cloud, "roles") == told(roles.cloud, "policies") == []
