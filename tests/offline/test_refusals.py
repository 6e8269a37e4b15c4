"""What the program refuses, and that nothing exists afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project import Project


@pytest.fixture
def stack(project: Project) -> Iterator[Project]:
    project.must("stack", "init", "dev")
    try:
        yield project
    finally:
        # A refused `up` may have recorded the provider that it asked.
        project.must("destroy", "--yes", "--skip-preview", "--remove")


def refused(stack: Project) -> str:
    """The text of an `up` that must fail and make nothing, without a preview before it."""
    result = stack.pulumi("up", "--yes", "--skip-preview")
    assert result.code != 0, result.text
    assert stack.cloud.status()["vpcs"] == []
    assert "Traceback" not in result.text
    return result.text


def test_all_faulty_settings_are_told_at_once(stack: Project) -> None:
    stack.change({"bucketName": "Not_A_Bucket", "listenPort": 70000, "privateIp": "10.9.9.9"})
    text = refused(stack)
    for key in ("bucketName", "listenPort", "privateIp"):
        assert f"oss-proxy:{key}" in text
    assert "pulumi config set" in text


def test_a_region_where_storage_cannot_tell_the_vpc(stack: Project) -> None:
    stack.change({"alicloud:region": "ap-northeast-2"})
    assert "acs:SourceVpc" in refused(stack)


def test_a_bucket_that_does_not_exist(stack: Project) -> None:
    stack.change({"bucketName": "nobody-made-this-bucket"})
    text = refused(stack)
    assert "nobody-made-this-bucket" in text
    assert "does not exist" in text


def test_a_bucket_of_another_region(stack: Project) -> None:
    stack.change({"alicloud:region": "cn-shanghai"})
    text = refused(stack)
    assert "cn-hangzhou" in text
    assert "cn-shanghai" in text


def test_a_bucket_that_has_a_policy_already(stack: Project, tmp_path: Path) -> None:
    bucket = stack.setting("bucketName")
    foreign = tmp_path / "policy.json"
    foreign.write_text(
        '{"Version":"1","Statement":[{"Effect":"Allow","Action":["oss:GetObject"],'
        '"Principal":["9000000000000002"],'
        f'"Resource":["acs:oss:*:9000000000000001:{bucket}/shared/*"]}}]}}'
    )
    stack.cloud.cli("oss", "policy", "set", bucket, str(foreign))
    try:
        text = refused(stack)
        assert "already has a bucket policy" in text
        kept = stack.cloud.cli("oss", "policy", "get", bucket).stdout
        assert kept.strip() == foreign.read_text()
    finally:
        stack.cloud.cli("oss", "policy", "delete", bucket)
