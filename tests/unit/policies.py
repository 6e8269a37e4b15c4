"""Policy documents of the tests: this stack's statement, its former one, and those of others."""

from __future__ import annotations

import json
from ipaddress import IPv4Address
from typing import Any

from pulumi.output import Unknown

from infra import policy
from infra.policy_merge import readable
from tests.unit.fakes import FakeBucket

BUCKET = "oss-proxy-dev"


def ours(prefix: str = "public/", vpc_id: str = "vpc-bp1example") -> str:
    return policy.build(
        owner_uid="1234567890123456",
        bucket=BUCKET,
        prefixes=[prefix],
        private_ips=[IPv4Address("172.16.0.1")],
        vpc_id=vpc_id,
    )


def statement(text: str) -> dict[str, Any]:
    (one,) = json.loads(text)["Statement"]
    assert isinstance(one, dict)
    return one


FOREIGN = {"Effect": "Deny", "Principal": ["1"], "Action": ["oss:*"], "Resource": ["x"]}
DENY = {**FOREIGN, "Principal": ["*"], "Resource": ["*"]}
# Forbids plain HTTP.
HTTPS_ALONE = {**DENY, "Condition": {"Bool": {"acs:SecureTransport": ["false"]}}}
LARGE = {**FOREIGN, "Principal": ["1" * 4090] * 4}
OWN = statement(ours())
OLD = statement(ours("old/"))
UNKNOWN: Any = Unknown()
DRAFT = ours(vpc_id=policy.UNKNOWN_VPC)


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Statement": statements, "Version": "1"}, indent=5)


def props(text: str, **more: str | None) -> dict[str, Any]:
    return {"region": "cn-hangzhou", "bucket": BUCKET, "policy": text, **more}


def state(text: str, bucket_text: str | None = None, **more: str) -> dict[str, Any]:
    return props(text, document=readable(bucket_text or text), **more)


def statements(bucket: FakeBucket) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(bucket.text or '{"Statement": []}')["Statement"]
    return found
