"""RAM users at the control APIs, as official clients meet the refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as VpcClient
from defusedxml import ElementTree

from localcloud.accounts import DEFAULT_ACCOUNT_UID, AccessKey
from tests.localcloud.api.harness import REGION, Cloud
from tests.localcloud.api.test_protocol import get

UID = DEFAULT_ACCOUNT_UID
CREATE = vpc_models.CreateVpcRequest(region_id=REGION, cidr_block="10.0.0.0/16")


def user_with(cloud: Cloud, action: Any, resource: Any = "*", **more: Any) -> AccessKey:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return cloud.ram.put_user("deployer", json.dumps({"Version": "1", "Statement": [statement]}))


def test_what_no_policy_allows_is_refused_and_not_carried_out(
    cloud: Cloud, refused: Callable[..., Any]
) -> None:
    key = user_with(cloud, "vpc:Describe*")
    client = cloud.client(VpcClient, key)
    client.describe_vpcs(vpc_models.DescribeVpcsRequest(region_id=REGION))
    error = refused("Forbidden.RAM", 403, client.create_vpc, CREATE)
    detail = error.access_denied_detail
    assert (detail["AuthAction"], detail["NoPermissionType"]) == ("vpc:CreateVpc", "ImplicitDeny")
    assert (detail["AuthPrincipalOwnerId"], detail["AuthPrincipalType"]) == (UID, "SubUser")
    assert detail["AuthPrincipalDisplayName"] == key.user_id
    assert cloud.services.vpc.vpcs() == []


def test_a_policy_counts_at_once_and_a_deny_wins(cloud: Cloud, refused: Callable[..., Any]) -> None:
    client = cloud.client(VpcClient, user_with(cloud, "vpc:*"))
    client.create_vpc(CREATE)
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "vpc:CreateVpc", "Resource": "*"},
    ]
    cloud.ram.put_user("deployer", json.dumps({"Version": "1", "Statement": statements}))
    error = refused("Forbidden.RAM", 403, client.create_vpc, CREATE)
    assert error.access_denied_detail["NoPermissionType"] == "ExplicitDeny"


def test_rights_on_one_resource_are_none_on_another(cloud: Cloud, refused: Callable[..., Any]) -> None:
    mine, other = cloud.make_vpc("10.1.0.0/16"), cloud.make_vpc("10.2.0.0/16")
    key = user_with(cloud, "vpc:DeleteVpc", f"acs:vpc:{REGION}:{UID}:vpc/{mine}")
    client = cloud.client(VpcClient, key)
    client.delete_vpc(vpc_models.DeleteVpcRequest(region_id=REGION, vpc_id=mine))
    request = vpc_models.DeleteVpcRequest(region_id=REGION, vpc_id=other)
    refused("Forbidden.RAM", 403, client.delete_vpc, request)
    assert cloud.ram.as_dict() == {
        "authorised": {"deployer": {"vpc:DeleteVpc": [f"acs:vpc:{REGION}:{UID}:vpc/{mine}"]}},
        "refused": {"deployer": {"vpc:DeleteVpc": [f"acs:vpc:{REGION}:{UID}:vpc/{other}"]}},
    }


def test_all_rights_of_a_call_are_needed(cloud: Cloud, refused: Callable[..., Any]) -> None:
    vpc = cloud.make_vpc()
    request = ecs_models.CreateSecurityGroupRequest(region_id=REGION, vpc_id=vpc)
    groups, network = f"acs:ecs:{REGION}:{UID}:securitygroup/*", f"acs:vpc:{REGION}:{UID}:vpc/{vpc}"
    client = cloud.client(EcsClient, user_with(cloud, "ecs:CreateSecurityGroup", groups))
    refused("Forbidden.RAM", 403, client.create_security_group, request)
    user_with(cloud, "ecs:CreateSecurityGroup", [groups, network])
    assert client.create_security_group(request).body.security_group_id


@pytest.mark.parametrize(("address", "allowed"), [("127.0.0.0/8", True), ("203.0.113.0/24", False)])
def test_conditions_see_where_the_call_comes_from(
    cloud: Cloud, refused: Callable[..., Any], address: str, allowed: bool
) -> None:
    key = user_with(cloud, "vpc:*", Condition={"IpAddress": {"acs:SourceIp": address}})
    client = cloud.client(VpcClient, key)
    if allowed:
        client.create_vpc(CREATE)
    else:
        refused("Forbidden.RAM", 403, client.create_vpc, CREATE)


def test_who_one_is_needs_no_right(cloud: Cloud) -> None:
    key = user_with(cloud, "vpc:Nothing")
    body = cloud.client(StsClient, key).get_caller_identity().body
    assert body.arn == f"acs:ram::{UID}:user/deployer"
    query = {"Id": REGION, "ServiceCode": "ecs", "Format": "JSON"}
    answer, _ = get(
        cloud, "location.aliyuncs.com", key=key, Action="DescribeEndpoints", Version="2015-06-12", **query
    )
    assert answer.status == 200


def test_another_services_refusal_and_xml(cloud: Cloud) -> None:
    key = user_with(cloud, "vpc:*")
    answer, body = get(
        cloud, "business.aliyuncs.com", key=key, Action="QueryAvailableInstances", Version="2017-12-14"
    )
    root = ElementTree.fromstring(body)
    assert (answer.status, root.findtext("Code")) == (403, "NotAuthorized")
    assert root.findtext("AccessDeniedDetail/AuthAction") == "bssapi:QueryAvailableInstances"


def test_a_removed_user_is_a_stranger(cloud: Cloud, refused: Callable[..., Any]) -> None:
    client = cloud.client(VpcClient, user_with(cloud, "vpc:*"))
    cloud.ram.remove_user("deployer")
    refused("InvalidAccessKeyId.NotFound", 404, client.create_vpc, CREATE)


def test_an_unknown_call_stays_unknown(cloud: Cloud) -> None:
    key = user_with(cloud, "vpc:*")
    _, body = get(cloud, "vpc.aliyuncs.com", key=key, Action="CreateTimeMachine", Version="2016-04-28")
    assert b"InvalidAction.NotFound" in body


def test_the_accounts_own_key_needs_no_policy(cloud: Cloud) -> None:
    user_with(cloud, "vpc:Nothing")
    cloud.vpc.create_vpc(CREATE)
    assert cloud.ram.as_dict()["authorised"] == {}
