"""Grants in the bucket's policy, by the real engine: they come, change and go, and nothing else does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.faults.plan import case
from tests.faults.stack import FaultyStack, Killed
from tests.offline.bucket_policy import OWNER, Policy, foreign
from tests.support.project import Project

NOW = ("--yes", "--skip-preview")
READERS = {
    "name": "readers",
    "vpc": "vpc-bp1readers00",
    "cidrs": ["10.0.1.5"],
    "permissions": ["read", "list"],
}
WRITERS = {
    "name": "writers",
    "vpc": "vpc-bp1writers00",
    "cidrs": ["192.168.7.0/28", "192.168.9.9"],
    "permissions": ["write"],
    "prefixes": ["incoming/"],
    "principals": ["203456789012345677", f"arn:sts::{OWNER}:assumed-role/app/*"],
}

# Several updates each.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def stack(policy: Policy, stack: Project) -> Project:
    """The stack, which goes before the policy does."""
    return stack


def granted(policy: Policy, name: str) -> list[dict[str, Any]]:
    """The statements that name the VPC of a grant."""
    vpc = {"readers": READERS, "writers": WRITERS}[name]["vpc"]
    return [
        one
        for one in policy.statements
        if one.get("Condition", {}).get("StringEquals", {}).get("acs:SourceVpc") == [vpc]
    ]


def test_grants_come_change_and_go_beside_the_statements_of_others(stack: Project, policy: Policy) -> None:
    others = [foreign(policy.bucket, 1), foreign(policy.bucket, 2, Effect="Deny", Principal=["1"])]
    original = policy.set(*others)
    stack.change({"accessGrants": [READERS, WRITERS]})

    # A first preview shows them whole, beside the proxy's with its unknown VPC.
    shown = stack.must("preview", "--diff", "--show-full-output")
    for words in ("vpc-bp1readers00", "vpc-bp1writers00", "oss:ListObjects", "192.168.7.0/28", "shared-2"):
        assert words in shown
    assert policy.text == original

    stack.must("up", *NOW)
    assert [one for one in policy.statements if one in others] == others
    assert len(policy.statements) == len(others) + 1 + 2 + 1
    reading, listing = granted(policy, "readers")
    prefix = stack.setting("objectPrefixes")[0]
    assert reading["Resource"] == [f"acs:oss:*:{OWNER}:{policy.bucket}/{prefix}*"]
    assert listing["Condition"]["StringLike"] == {"oss:Prefix": [f"{prefix}*"]}
    (writing,) = granted(policy, "writers")
    assert writing["Principal"] == WRITERS["principals"]
    assert json.loads(stack.outputs()["bucket_policy"])["Statement"] == policy.statements
    stack.must("up", *NOW, "--expect-no-changes")
    stack.must("refresh", *NOW, "--expect-no-changes")

    # Another order is no change; another network changes the policy and nothing else.
    stack.change({"accessGrants": [WRITERS, READERS]})
    stack.must("preview", "--expect-no-changes")
    changed = {**WRITERS, "cidrs": ["192.168.7.0/29"]}
    stack.change({"accessGrants": [READERS, changed]})
    shown = stack.must("preview", "--diff")
    assert "192.168.7.0/29" in shown
    assert "1 to update" in shown
    assert granted(policy, "writers") == [writing]
    stack.must("up", *NOW)
    (after,) = granted(policy, "writers")
    assert after["Condition"]["IpAddress"] == {"acs:SourceIp": ["192.168.7.0/29"]}

    # One goes: its statements and no others.
    before = policy.statements
    stack.change({"accessGrants": [changed]})
    stack.must("up", *NOW)
    assert policy.statements == [one for one in before if one not in (reading, listing)]
    assert json.loads(stack.outputs()["bucket_policy"])["Statement"] == policy.statements
    assert json.loads(stack.outputs()["policy_preview"])["Statement"] == policy.statements

    stack.must("destroy", *NOW)
    assert policy.text == original


def test_a_grant_that_is_refused_is_told_before_anything_is_asked(stack: Project, policy: Policy) -> None:
    bad = {**WRITERS, "principals": ["*"], "cidrs": ["203.0.113.7"]}
    stack.change({"accessGrants": [bad]})
    done = stack.pulumi("up", *NOW)
    assert done.code != 0
    assert "oss-proxy:accessGrants[0].principals" in done.text
    assert "oss-proxy:accessGrants[0].cidrs[0]" in done.text
    assert "pulumi config set --path 'oss-proxy:accessGrants[0].cidrs[0]'" in done.text
    assert "Traceback" not in done.text
    assert policy.text is None


def test_the_command_of_a_fix_is_one_that_pulumi_takes(stack: Project) -> None:
    stack.change({"accessGrants": None})
    for part, value in (
        ("name", "app"),
        ("vpc", READERS["vpc"]),
        ("cidrs[0]", "10.0.1.5"),
        ("permissions[0]", "write"),
        # Pulumi keeps it as a number.
        ("principals[0]", "203456789012345677"),
    ):
        stack.must("config", "set", "--path", f"oss-proxy:accessGrants[0].{part}", value)
    assert "203456789012345677" in stack.must("preview", "--diff", "--show-full-output")


def test_what_somebody_took_out_is_put_back_and_a_refresh_forgets_no_grant(
    stack: Project, policy: Policy
) -> None:
    stack.change({"accessGrants": [READERS]})
    stack.must("up", *NOW)
    whole = policy.statements
    proxys, reading, listing = whole

    policy.set(proxys, listing)
    stack.must("up", *NOW)
    assert sorted(policy.statements, key=json.dumps) == sorted(whole, key=json.dumps)

    # The proxy's is gone, a refresh sees that, and the grant leaves the settings before the next update.
    policy.set(reading, listing)
    stack.must("refresh", *NOW)
    stack.change({"accessGrants": None})
    stack.must("up", *NOW)
    assert policy.statements == [proxys]


@pytest.mark.parametrize("first", [True, False], ids=["a first update", "a later update"])
def test_a_grant_of_a_killed_update_does_not_outlive_the_settings(
    stack: Project, policy: Policy, first: bool
) -> None:
    if not first:
        stack.must("up", *NOW)
    stack.change({"accessGrants": [READERS]})
    assert FaultyStack(stack).run_with(case("up", "kill", "oss:PutBucketPolicy")) == Killed([])
    stack.must("cancel", "--yes", "dev")
    assert len(granted(policy, "readers")) == 2

    stack.change({"accessGrants": None})
    assert stack.pulumi("preview").code != 0
    done = FaultyStack(stack).operator("python", "-m", "infra.recovery", "--stack", "dev", "--yes")
    assert done.code == 0, done.text
    assert "taken out of the bucket's policy" in done.text
    assert granted(policy, "readers") == []
    stack.must("up", *NOW)
    assert len(policy.statements) == 1


def test_two_stacks_with_grants_on_one_bucket(stack: Project, policy: Policy, tmp_path: Path) -> None:
    second = Project.copy_to(tmp_path / "second", stack.cloud)
    second.change({"accessGrants": [WRITERS]})
    shutil.copy(second.stack_file, second.folder / "Pulumi.second.yaml")
    second.must("stack", "init", "second")
    try:
        stack.change({"accessGrants": [READERS]})
        stack.must("up", *NOW)
        second.must("up", *NOW)
        assert len(policy.statements) == 2 + 2 + 1
        stack.must("destroy", *NOW)
        assert len(policy.statements) == 1 + 1
        assert len(granted(policy, "writers")) == 1
        second.must("up", *NOW, "--expect-no-changes")
    finally:
        second.must("destroy", *NOW, "--remove")
    assert policy.text is None
