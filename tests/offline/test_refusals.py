"""What the program refuses, and that nothing exists afterwards."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.project import Project


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


def test_a_secret_in_the_clear(stack: Project) -> None:
    stack.change({"clientPasswords": '{"alice": "correct-horse-battery-staple"}'})
    text = refused(stack)
    assert "is a secret and stands in the clear" in text
    assert "pulumi config set --secret oss-proxy:clientPasswords" in text
    assert "correct-horse" not in text


def test_contradictions_between_settings(stack: Project) -> None:
    stack.change({"public": True, "bandwidthMbps": 300, "privateIp": "10.9.9.9"})
    text = refused(stack)
    for words in ("allowedCidrs holds nothing wider", "lets an EIP have", "must lie inside the vSwitch"):
        assert words in text


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


def statement(bucket: str, **changes: Any) -> dict[str, Any]:
    return {
        "Effect": "Deny",
        "Action": ["oss:GetObject"],
        "Principal": ["*"],
        "Resource": [f"acs:oss:*:9000000000000001:{bucket}/*"],
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        # Two official recipes: only encrypted requests, and only those of one's own VPC.
        ({"Condition": {"Bool": {"acs:SecureTransport": ["false"]}}}, "pulumi config set ossOverHttps true"),
        ({"Condition": {"StringNotEquals": {"acs:SourceVpc": ["vpc-office"]}}}, "vpc-office"),
        ({"Effect": "Allow", "Principal": [f"9{number:0>40}" for number in range(365)]}, "16384"),
    ],
)
def test_a_bucket_whose_policy_has_no_room_for_the_proxy(
    stack: Project, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    bucket = stack.setting("bucketName")
    foreign = tmp_path / "policy.json"
    foreign.write_text(
        json.dumps({"Version": "1", "Statement": [statement(bucket, **changes)]}, separators=(",", ":"))
    )
    stack.cloud.cli("oss", "policy", "set", bucket, str(foreign))
    try:
        assert words in refused(stack)
        preview = stack.pulumi("preview")
        assert preview.code != 0
        assert words in preview.text
        kept = stack.cloud.cli("oss", "policy", "get", bucket).stdout
        assert kept.strip() == foreign.read_text()
    finally:
        stack.cloud.cli("oss", "policy", "delete", bucket)


ENCRYPT = """
import sys

import alibabacloud_oss_v2 as oss

config = oss.config.load_default()
config.region = sys.argv[2]
config.credentials_provider = oss.credentials.EnvironmentVariableCredentialsProvider()
default = oss.ApplyServerSideEncryptionByDefault(sse_algorithm=sys.argv[3])
rule = oss.ServerSideEncryptionRule(apply_server_side_encryption_by_default=default)
oss.Client(config).put_bucket_encryption(
    oss.PutBucketEncryptionRequest(bucket=sys.argv[1], server_side_encryption_rule=rule)
)
"""


def encrypt(stack: Project, algorithm: str) -> None:
    """Sets the bucket's encryption of new objects, as its owner."""
    bucket, region = stack.setting("bucketName"), stack.setting("alicloud:region")
    done = stack.cloud.run("operator", [sys.executable, "-c", ENCRYPT, bucket, region, algorithm])
    assert done.returncode == 0, done.stderr


def test_a_bucket_encrypted_with_a_key_that_needs_a_signature(stack: Project) -> None:
    encrypt(stack, "KMS")
    try:
        assert "SSE-KMS" in refused(stack)
    finally:
        encrypt(stack, "AES256")
