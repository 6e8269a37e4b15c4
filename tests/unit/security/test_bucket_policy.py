"""What is granted on the bucket: reading, to one host of one VPC, and what accessGrants say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi import RunError

from tests.unit.bad_values import GRANT
from tests.unit.fakes import ACCOUNT_UID
from tests.unit.recorder import Deployment
from tests.unit.security.catalogue import enforces
from tests.unit.security.conftest import Run


def statements(made: Deployment) -> list[dict[str, Any]]:
    """The stack's own part of the policy."""
    found: list[dict[str, Any]] = json.loads(made["proxy-bucket-policy"].inputs["policy"])["Statement"]
    return found


@enforces(
    "KICS oss_bucket_allows_all_actions_from_all_principals",
    "KICS oss_bucket_allows_delete_from_all_principals",
    "KICS oss_bucket_allows_list_action_from_all_principals",
    "KICS oss_bucket_allows_put_action_from_all_principals",
)
@pytest.mark.parametrize(
    ("query", "actions"),
    [("[]", ["oss:GetObject"]), ('["versionId"]', ["oss:GetObject", "oss:GetObjectVersion"])],
)
def test_nothing_but_reading_is_granted(run: Run, query: str, actions: list[str]) -> None:
    (own,) = statements(run({"allowedQuery": query}))
    assert own["Effect"] == "Allow"
    assert own["Action"] == actions


@enforces(
    "KICS oss_bucket_ip_restriction_disabled",
    "InfraGuard oss-bucket-authorize-specified-ip",
    "InfraGuard oss-bucket-policy-no-any-anonymous",
    "InfraGuard oss-bucket-policy-outside-organization-check",
    "InfraGuard oss-bucket-anonymous-prohibited",
    "cnspec oss-bucket-policy-no-anonymous",
    "CloudSploit ossBucketIpRestriction",
)
def test_everybody_is_granted_something_only_from_one_address_of_one_VPC(run: Run) -> None:
    (own,) = statements(run({"privateIp": "172.16.0.7"}))
    assert own["Principal"] == ["*"]
    assert own["Condition"] == {
        "IpAddress": {"acs:SourceIp": ["172.16.0.7"]},
        "StringEquals": {"acs:SourceVpc": ["proxy-vpc-id"]},
    }


@enforces("CIS 5.2")
def test_only_the_named_prefixes_of_this_bucket_are_granted(run: Run) -> None:
    (own,) = statements(run({"objectPrefixes": '["public/", "docs/"]'}))
    assert own["Resource"] == [
        f"acs:oss:*:{ACCOUNT_UID}:oss-proxy-dev/{prefix}*" for prefix in ("public/", "docs/")
    ]


@enforces()
def test_accessGrants_give_nothing_without_a_VPC_and_addresses_and_no_writing_without_a_name(
    run: Run,
) -> None:
    given = [
        GRANT,
        {**GRANT, "name": "write", "permissions": ["write"], "principals": ["203456789012345677"]},
    ]
    proxy, *granted = statements(run({"accessGrants": json.dumps(given)}))
    assert proxy == statements(run({}))[0]
    assert len(granted) == 3
    for one in granted:
        assert one["Condition"]["StringEquals"] == {"acs:SourceVpc": [GRANT["vpc"]]}
        assert one["Condition"]["IpAddress"] == {"acs:SourceIp": GRANT["cidrs"]}
        assert not any("Delete" in action or "*" in action for action in one["Action"])
        assert "oss:PutObject" not in one["Action"] or one["Principal"] == ["203456789012345677"]
    given[1]["principals"] = ["*"]
    with pytest.raises(RunError, match="must be UIDs or roles where write is granted"):
        run({"accessGrants": json.dumps(given)})
