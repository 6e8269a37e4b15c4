"""A stack's life with the real engine and provider: preview, up, up again, refresh, destroy."""

from __future__ import annotations

import json

from tests.support.project import Project

PLACEHOLDER = "known after creation"


def test_the_first_preview_shows_the_policy_and_creates_nothing(stack: Project) -> None:
    text = stack.must("preview", "--diff")
    assert "policy_preview" in text
    assert PLACEHOLDER in text
    assert "acs:SourceIp" in text
    assert stack.cloud.status()["vpcs"] == []


def test_up_then_nothing_to_do_then_no_drift_then_gone(stack: Project) -> None:
    cloud = stack.cloud
    bucket_before = cloud.cli("oss", "info", stack.setting("bucketName")).stdout
    stack.must("up", "--yes", "--skip-preview")
    outputs = stack.outputs()

    policy = outputs["bucket_policy"]
    policy = json.loads(policy) if isinstance(policy, str) else policy
    assert json.loads(cloud.cli("oss", "policy", "get", outputs["bucket"]).stdout) == policy
    (statement,) = policy["Statement"]
    assert statement["Action"] == ["oss:GetObject"]
    assert statement["Condition"]["IpAddress"]["acs:SourceIp"] == [outputs["private_ip"]]
    assert PLACEHOLDER not in outputs["policy_preview"]

    # An existing bucket stays what it was, but for its policy.
    assert cloud.cli("oss", "info", outputs["bucket"]).stdout == bucket_before

    stack.must("up", "--yes", "--skip-preview", "--expect-no-changes")
    stack.must("refresh", "--yes", "--skip-preview", "--expect-no-changes")

    stack.must("destroy", "--yes", "--skip-preview")
    assert cloud.status()["vpcs"] == []
    gone = cloud.cli("oss", "policy", "get", outputs["bucket"], check=False)
    assert "NoSuchBucketPolicy" in gone.stdout + gone.stderr
    assert cloud.cli("oss", "info", outputs["bucket"]).stdout == bucket_before
    assert cloud.status()["coverage"]["unknown"] == {}
