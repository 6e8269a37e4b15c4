"""What the program registers for a bucket that it makes, and that an existing one is none of its business."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.fakes import FakeBucket, FakeCloud
from tests.unit.recorder import Answers, Deployment, Registration, deploy

BUCKET = "oss-proxy-dev"
MADE = {
    ("proxy-bucket", "alicloud:oss/bucket:Bucket"),
    ("proxy-bucket-acl", "alicloud:oss/bucketAcl:BucketAcl"),
    ("proxy-bucket-public-access-block", "alicloud:oss/bucketPublicAccessBlock:BucketPublicAccessBlock"),
}

Run = Callable[..., Deployment]


@pytest.fixture
def run(values: dict[str, str], cloud: FakeCloud) -> Run:
    """Runs the program for a bucket that it is to make, and that does not exist."""
    del cloud.buckets[BUCKET]

    def run(changes: dict[str, str] | None = None, **kwargs: Any) -> Deployment:
        return deploy({**values, "bucketMode": "managed", **(changes or {})}, **kwargs)

    return run


def of_oss(made: Deployment) -> set[tuple[str, str]]:
    return {one for one in made.resources if one[1].startswith("alicloud:oss/")}


@pytest.mark.parametrize("preview", [True, False])
def test_a_managed_bucket_is_made_with_its_settings(run: Run, preview: bool) -> None:
    made = run(preview=preview)
    assert of_oss(made) == MADE
    assert made.outputs["internal_endpoint"] == "oss-cn-hangzhou-internal.aliyuncs.com"
    assert f"{BUCKET}.oss-cn-hangzhou-internal.aliyuncs.com" in made.outputs["nginx_config"]


def test_of_an_existing_bucket_only_the_policy_is_the_programs(
    values: dict[str, str], cloud: FakeCloud
) -> None:
    made = deploy(values)
    assert of_oss(made) == set()
    assert made["proxy-bucket-guard"].inputs["mode"] == "existing"
    assert made["proxy-bucket-guard"].inputs["protected"] is False


def test_a_managed_bucket_is_private_and_tagged_and_never_emptied(run: Run) -> None:
    made = run()
    bucket = made["proxy-bucket"].inputs
    assert bucket == {
        "bucket": BUCKET,
        "forceDestroy": False,
        "serverSideEncryptionRule": {"sseAlgorithm": "AES256"},
        "tags": {"managed-by": "pulumi", "project": "oss-proxy", "stack": "dev"},
        "versioning": {"status": "Enabled"},
    }
    acl, block = made["proxy-bucket-acl"].inputs, made["proxy-bucket-public-access-block"].inputs
    assert acl == {"acl": "private", "bucket": "proxy-bucket-id"}
    assert block == {"blockPublicAccess": True, "bucket": "proxy-bucket-id"}


def test_versioning_and_encryption_follow_the_settings(run: Run) -> None:
    bucket = run({"bucketVersioning": "false", "bucketEncryption": "none"})["proxy-bucket"].inputs
    assert bucket["versioning"] == {"status": "Suspended"}
    assert "serverSideEncryptionRule" not in bucket


@pytest.mark.parametrize(("setting", "protected"), [("true", True), ("false", False)])
def test_pulumi_never_deletes_the_bucket_and_refuses_to_let_go_of_a_protected_one(
    run: Run, setting: str, protected: bool
) -> None:
    made = run({"bucketProtection": setting})
    request = made["proxy-bucket"].request
    assert request.protect is protected
    assert request.retainOnDelete
    # Deleting it would turn Block Public Access off.
    assert made["proxy-bucket-public-access-block"].request.retainOnDelete
    for guard in ("proxy-bucket-guard", "proxy-bucket-guard-last"):
        assert made[guard].inputs["protected"] is protected
        assert made[guard].inputs["mode"] == "managed"


def test_what_others_set_on_a_managed_bucket_is_not_wiped(run: Run) -> None:
    request = run()["proxy-bucket"].request
    # Every input of the provider's resource that the program does not set, but for those that cannot change.
    assert set(request.ignoreChanges) == {
        "accessMonitor",
        "acl",
        "corsRules",
        "lifecycleRules",
        "logging",
        "policy",
        "refererConfig",
        "resourceGroupId",
        "transferAcceleration",
        "website",
    }


def test_the_bucket_is_there_and_closed_before_its_policy_and_after_the_guard(run: Run) -> None:
    made = run()
    assert made["proxy-bucket"].dependencies >= {"proxy-bucket-guard"}
    assert made["proxy-bucket-policy"].dependencies >= {name for name, _ in MADE}
    assert made["proxy-account-last"].dependencies >= {name for name, _ in MADE}
    assert made["proxy-bucket"].parent.endswith("oss-proxy:infra:ManagedBucket::proxy")


@pytest.mark.parametrize(
    ("bucket", "adopted"),
    [(None, ""), (FakeBucket(), BUCKET), (FakeBucket(empty=False), "")],
)
def test_only_an_empty_bucket_may_be_one_whose_making_was_not_heard_of(
    run: Run, cloud: FakeCloud, bucket: FakeBucket | None, adopted: str
) -> None:
    if bucket:
        cloud.buckets[BUCKET] = bucket
    made = run()
    assert made["proxy-bucket"].request.importId == adopted
    assert made["proxy-bucket-guard"].inputs["exists"] is bool(bucket)


def test_the_policy_of_a_managed_bucket_keeps_the_statements_of_others(run: Run, cloud: FakeCloud) -> None:
    foreign = {
        "Effect": "Allow",
        "Action": ["oss:GetObject"],
        "Principal": ["9000000000000002"],
        "Resource": ["acs:oss:*:1234567890123456:oss-proxy-dev/shared/*"],
    }
    cloud.buckets[BUCKET] = FakeBucket(text=json.dumps({"Version": "1", "Statement": [foreign]}))
    shown = json.loads(run().outputs["bucket_policy"])["Statement"]
    assert [one["Principal"] for one in shown] == [["9000000000000002"], ["*"]]


def prefixes_of_policy(policy: Registration) -> set[str]:
    (statement,) = json.loads(policy.inputs["policy"])["Statement"]
    return {resource.partition("/")[2].removesuffix("*") for resource in statement["Resource"]}


@pytest.mark.parametrize("mode", ["existing", "managed"])
@pytest.mark.parametrize("prefixes", [["a/"], ["a/", "b/c/", "d.e/"], ["*"]])
def test_policy_and_nginx_let_through_the_same_prefixes(
    values: dict[str, str], cloud: FakeCloud, mode: str, prefixes: list[str]
) -> None:
    made = deploy({**values, "bucketMode": mode, "objectPrefixes": json.dumps(prefixes)}, Answers())
    expected = {"" if prefix == "*" else prefix for prefix in prefixes}
    assert prefixes_of_policy(made["proxy-bucket-policy"]) == expected
    conf = made.outputs["nginx_config"]
    served = conf.partition("map $uri $is_served {")[2].partition("}")[0]
    patterns = {line.strip().partition('"~^/')[2].partition('"')[0] for line in served.splitlines()}
    # Beside nginx's own answers, which hold no object.
    patterns -= {"", r"(?:healthz|readyz)\z"}
    assert {pattern.replace("\\", "") for pattern in patterns} == (expected - {""})
    # Without prefixes every path is handed on, with some of them none other is.
    assert ('if ($is_served = "") {' in conf) is (prefixes != ["*"])
