"""What a condition gets to see of a call to a control API."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from localcloud.accounts import Accounts
from localcloud.origin import Origin
from localcloud.ram.authority import RamAuthority
from localcloud.rpc.errors import ApiError
from localcloud.rpc.params import Params
from localcloud.services.authorize import Authorizer

UID = "9000000000000001"
THERE = Origin(source_ip="203.0.113.9", vpc_id="vpc-1", region_id="cn-hangzhou", secure=True)
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def passes(condition: dict[str, Any]) -> bool:
    ram = RamAuthority(UID, [], Accounts([]), keep=lambda users: None)
    statement = {"Effect": "Allow", "Action": "vpc:*", "Resource": "*", "Condition": condition}
    key = ram.put_user("deployer", json.dumps({"Version": "1", "Statement": [statement]}))
    try:
        Authorizer(ram).require_rights(
            "vpc", "CreateVpc", Params({}), key=key, region_id="cn-hangzhou", origin=THERE, now=NOW
        )
    except ApiError as error:
        assert error.code == "Forbidden.RAM"
        return False
    return True


@pytest.mark.parametrize(
    ("operator", "key", "right", "wrong"),
    [
        ("IpAddress", "acs:SourceIp", "203.0.113.0/24", "127.0.0.0/8"),
        ("StringEquals", "acs:SourceVpc", "vpc-1", "vpc-2"),
        ("Bool", "acs:SecureTransport", "true", "false"),
        ("DateLessThan", "acs:CurrentTime", "2026-11-24T00:00:00Z", "2026-11-22T00:00:00Z"),
    ],
)
def test_a_condition_sees_origin_and_time(operator: str, key: str, right: str, wrong: str) -> None:
    assert passes({operator: {key: right}})
    assert not passes({operator: {key: wrong}})
