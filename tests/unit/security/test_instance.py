"""The instance: nobody logs in, nothing is readable beside it, nothing of it is old."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from infra.images import IMAGE_NAME_REGEX, Image, newest
from tests.unit.recorder import Deployment
from tests.unit.security.catalogue import enforces
from tests.unit.security.conftest import Run

LOGINS = {"password", "kmsEncryptedPassword", "passwordInherit", "keyName"}


@enforces(
    "InfraGuard ecs-instances-in-vpc",
    "InfraGuard ecs-running-instances-in-vpc",
    "InfraGuard ecs-instance-attached-security-group",
    "InfraGuard ecs-instance-multiple-eni-check",
    "InfraGuard security-ecs-instance-vpc-required",
    "CIS 3.1",
    "Prowler ecs_instance_no_legacy_network",
)
def test_the_instance_is_in_its_own_VPC_with_its_own_group_and_one_interface(made: Deployment) -> None:
    inputs = made["proxy-instance"].inputs
    assert inputs["vswitchId"] == "proxy-vswitch-id"
    assert inputs["securityGroups"] == ["proxy-security-group-id"]
    assert "networkInterfaces" not in inputs
    assert made["proxy-vswitch"].inputs["vpcId"] == "proxy-vpc-id"


@enforces("InfraGuard ecs-instance-login-use-keypair", "InfraGuard ecs-instance-not-bind-key-pair")
def test_nobody_can_log_in(forms: list[Deployment]) -> None:
    for made in forms:
        assert not LOGINS & made["proxy-instance"].inputs.keys()
        first_boot = yaml.safe_load(made["proxy-instance"].inputs["userData"])
        assert first_boot["ssh_pwauth"] is False
        assert not {"users", "user", "chpasswd", "password", "ssh_authorized_keys"} & first_boot.keys()


@enforces("InfraGuard ecs-instance-meta-data-mode-check", "cnspec ecs-imds-v2-required")
def test_metadata_is_read_with_a_token_only(made: Deployment) -> None:
    inputs = made["proxy-instance"].inputs
    assert (inputs["httpEndpoint"], inputs["httpTokens"]) == ("enabled", "required")


@enforces(
    "checkov CKV_ALI_7",
    "CIS 4.1",
    "KICS disk_encryption_disabled",
    "InfraGuard ecs-disk-encrypted",
    "InfraGuard ecs-in-use-disk-encrypted",
    "InfraGuard security-ecs-disk-encrypted",
    "cnspec ecs-disk-encryption-enabled",
    "Prowler ecs_attached_disk_encrypted",
    "CloudSploit systemDisksEncrypted",
)
@pytest.mark.parametrize("category", ["cloud_essd", "cloud_auto", "cloud_essd_entry"])
def test_the_one_disk_is_encrypted(run: Run, category: str) -> None:
    inputs = run({"systemDiskCategory": category})["proxy-instance"].inputs
    assert inputs["systemDiskEncrypted"] is True
    assert "dataDisks" not in inputs


@enforces()
def test_the_instance_has_no_rights_of_its_own(made: Deployment) -> None:
    assert "roleName" not in made["proxy-instance"].inputs
    assert not [one.name for one in made.registrations if one.type.startswith("alicloud:ram/")]


@enforces()
def test_proofs_by_DNS_give_the_instance_three_actions_in_one_domain(
    forms: list[Deployment],
) -> None:
    for made in forms:
        policies = [one for one in made.registrations if one.type == "alicloud:ram/policy:Policy"]
        units = json.dumps(made["proxy-configuration"].inputs["files"])
        assert ("IPAddressDeny=100.100.100.200" in units) is bool(policies)
        for policy in policies:
            (statement,) = json.loads(policy.inputs["policyDocument"])["Statement"]
            assert len(statement["Action"]) == 3
            assert all(action.startswith("alidns:") for action in statement["Action"])
            assert "*" not in "".join(statement["Action"])
            assert re.fullmatch(r"acs:alidns:\*:\d{16}:domain/[a-z.]+", statement["Resource"])


@enforces(
    "InfraGuard ecs-instance-image-type-check",
    "InfraGuard ecs-instance-image-expired-check",
)
def test_the_image_is_the_clouds_own_newest_Debian_13(made: Deployment) -> None:
    (asked,) = [args for token, args in made.calls if token == "alicloud:ecs/getImages:getImages"]
    assert (asked["owners"], asked["mostRecent"], asked["nameRegex"]) == ("system", True, IMAGE_NAME_REGEX)
    old = Image(id="m-12", name="debian_12_12_x64_20G_alibase_20260912.vhd", created="2026-09-12T00:00:00Z")
    assert newest([old]) is None


@enforces(
    "InfraGuard ecs-instance-enabled-security-protection",
    "CIS 4.6",
    "Prowler ecs_instance_endpoint_protection_installed",
)
def test_the_clouds_agent_watches_an_instance_of_the_clouds_image(run: Run) -> None:
    assert run({})["proxy-instance"].inputs["securityEnhancementStrategy"] == "Active"
    # The cloud refuses the agent for other images.
    assert "securityEnhancementStrategy" not in run({"imageId": "m-mine"})["proxy-instance"].inputs


@enforces(
    "InfraGuard ecs-instance-deletion-protection-enabled",
    "InfraGuard ecs-instance-operational-deletion-protection",
)
def test_the_instance_is_protected_from_deletion_where_the_owner_wants_it(run: Run) -> None:
    for wanted in (True, False):
        instance = run({"deletionProtection": str(wanted).lower()})["proxy-instance"]
        assert instance.inputs["deletionProtection"] is wanted
        assert instance.request.protect is wanted


@enforces(
    "InfraGuard ecs-instance-chargetype-check",
    "InfraGuard ecs-instance-charge-type-required",
    "InfraGuard ecs-instance-type-required",
    "InfraGuard ecs-system-disk-size-check",
    "InfraGuard ecs-disk-size-required",
    "InfraGuard ecs-disk-category-required",
)
def test_what_the_instance_is_and_costs_is_said_and_not_left_to_defaults(made: Deployment) -> None:
    inputs = made["proxy-instance"].inputs
    assert inputs["instanceChargeType"] == "PostPaid"
    assert {"instanceType", "systemDiskSize", "systemDiskCategory"} <= inputs.keys()
