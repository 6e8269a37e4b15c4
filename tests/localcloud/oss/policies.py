"""Policies and requests that several test modules judge."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from localcloud.oss.policy.model import Policy, RequestContext
from localcloud.oss.policy.parse import parse_policy

OWNER = "9000000000000001"
BUCKET = "pictures"
VPC = "vpc-bp1aaaaaaaaaaaaaaaaaa"

ANONYMOUS = RequestContext(
    action="oss:GetObject",
    resource=f"acs:oss:cn-hangzhou:{OWNER}:{BUCKET}/cats/tom.jpg",
    source_ip=ip_address("192.168.0.10"),
    source_vpc=VPC,
    time=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
)
INTERNET = replace(ANONYMOUS, source_ip=ip_address("203.0.113.9"), source_vpc=None)
ROOT = replace(ANONYMOUS, principal_id=OWNER, is_owner=True)


def policy(*statements: dict[str, Any]) -> Policy:
    text = json.dumps({"Version": "1", "Statement": list(statements)})
    return parse_policy(text.encode(), bucket=BUCKET, owner_uid=OWNER)


def statement(effect: str = "Allow", **fields: Any) -> dict[str, Any]:
    return {
        "Effect": effect,
        "Principal": ["*"],
        "Action": ["oss:GetObject"],
        "Resource": [f"acs:oss:*:{OWNER}:{BUCKET}/*"],
        **fields,
    }
