"""What every API has in common: formats, unknown actions, faults, tokens, regions, the coverage list."""

from __future__ import annotations

import http.client
import logging
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_tea_openapi.models import OpenApiRequest, Params
from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as VpcClient
from darabonba.runtime import RuntimeOptions
from defusedxml import ElementTree

from localcloud.accounts import AccessKey
from tests.localcloud.api.harness import REGION, Cloud
from tests.localcloud.api.test_signatures import stamp


def call_any(cloud: Cloud, action: str, version: str = "2014-05-26") -> Any:
    """Calls an action that the official client has no method for."""
    params = Params(
        action=action,
        version=version,
        protocol="HTTP",
        method="POST",
        auth_type="AK",
        style="RPC",
        pathname="/",
        req_body_type="formData",
        body_type="json",
    )
    return cloud.ecs.call_api(params, OpenApiRequest(query={"RegionId": REGION}), RuntimeOptions())


def get(
    cloud: Cloud, host: str, key: AccessKey | None = None, **query: str
) -> tuple[http.client.HTTPResponse, bytes]:
    """Sends a V1 request to a host name of the cloud."""
    key = key or cloud.key
    query = {
        "AccessKeyId": key.id,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": uuid.uuid4().hex,
        "Timestamp": stamp(),
        **query,
    }
    query["Signature"] = Utils.get_rpcsignature(query, "GET", key.secret)
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=20)
    connection.request("GET", f"/?{urlencode(query)}", headers={"Host": host})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def test_an_unknown_action_is_refused_logged_and_listed(
    cloud: Cloud, refused: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "localcloud.coverage"):
        for _ in range(2):
            refused("InvalidAction.NotFound", 404, call_any, cloud, "CreateTimeMachine")
    assert cloud.coverage.as_dict()["unknown"] == {"ecs": {"CreateTimeMachine": 2}}
    assert [record.message for record in caplog.records if "ecs:CreateTimeMachine" in record.message]


def test_an_unknown_product_is_refused_and_listed(cloud: Cloud, refused: Callable[..., Any]) -> None:
    refused("InvalidAction.NotFound", 404, call_any, cloud, "ListKeys", "2016-01-20")
    assert "ListKeys" in str(cloud.coverage.as_dict()["unknown"])


def test_known_calls_are_counted_and_actions_declared(cloud: Cloud) -> None:
    cloud.sts.get_caller_identity()
    listed = cloud.coverage.as_dict()
    assert listed["calls"] == {"sts": {"GetCallerIdentity": 1}}
    assert listed["unknown"] == {}
    assert "RunInstances" in listed["actions"]["ecs"]
    assert listed["actions"]["vpc"] == sorted(listed["actions"]["vpc"])


def test_xml_is_the_default_of_v1_requests(cloud: Cloud) -> None:
    answer, body = get(cloud, "sts.aliyuncs.com", Action="GetCallerIdentity", Version="2015-04-01")
    root = ElementTree.fromstring(body)
    assert answer.headers["Content-Type"] == "text/xml;charset=utf-8"
    assert root.tag == "GetCallerIdentityResponse"
    assert root.findtext("AccountId") == cloud.key.account_uid


def test_xml_repeats_the_elements_of_lists(cloud: Cloud) -> None:
    _, body = get(
        cloud,
        "ecs.aliyuncs.com",
        Action="DescribeRegions",
        Version="2014-05-26",
        Format="XML",
    )
    ids = [item.text for item in ElementTree.fromstring(body).iterfind("Regions/Region/RegionId")]
    assert len(ids) > 20
    assert "cn-hangzhou" in ids


def test_errors_come_in_xml_too(cloud: Cloud) -> None:
    answer, body = get(cloud, "sts.aliyuncs.com", Action="Nothing", Version="2015-04-01")
    root = ElementTree.fromstring(body)
    assert (answer.status, root.tag) == (404, "Error")
    assert root.findtext("Code") == "InvalidAction.NotFound"
    assert root.findtext("HostId") == "sts.aliyuncs.com"


def test_the_endpoint_tells_product_and_region(cloud: Cloud) -> None:
    cloud.make_vpc()
    asked = {"Action": "DescribeVpcs", "Version": "2016-04-28", "Format": "JSON"}
    assert b'"TotalCount":1' in get(cloud, "vpc.cn-hangzhou.aliyuncs.com", **asked)[1]
    assert b'"TotalCount":0' in get(cloud, "vpc.cn-beijing.aliyuncs.com", **asked)[1]
    assert b"InvalidAction.NotFound" in get(cloud, "ecs.cn-hangzhou.aliyuncs.com", **asked)[1]
    answer, body = get(cloud, "vpc.cn-beijing.aliyuncs.com", RegionId="cn-hangzhou", **asked)
    assert (answer.status, b"InvalidOperation.NotSupportedEndpoint" in body) == (400, True)


def test_an_unknown_region_is_refused(cloud: Cloud, refused: Callable[..., Any]) -> None:
    request = vpc_models.DescribeVpcsRequest(region_id="cn-atlantis")
    refused("InvalidRegionId.NotFound", 404, cloud.vpc.describe_vpcs, request)


def test_a_missing_parameter_is_named(cloud: Cloud, refused: Callable[..., Any]) -> None:
    request = vpc_models.DescribeVpcAttributeRequest(region_id=REGION)
    error = refused("MissingParameter", 400, cloud.vpc.describe_vpc_attribute, request)
    assert "VpcId" in str(error)


def test_a_fault_of_the_machinery_is_an_internal_error_and_leaves_no_record(
    cloud: Cloud, refused: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    cloud.fabric.fails.add("create_vpc")
    request = vpc_models.CreateVpcRequest(region_id=REGION)
    with caplog.at_level(logging.ERROR, "localcloud.services"):
        refused("InternalError", 400, cloud.vpc.create_vpc, request)
    assert "create_vpc is broken" in caplog.text
    assert cloud.vpc.describe_vpcs(vpc_models.DescribeVpcsRequest(region_id=REGION)).body.total_count == 0


def test_a_client_token_does_the_work_once(cloud: Cloud, refused: Callable[..., Any]) -> None:
    def create(token: str, cidr: str) -> str:
        request = vpc_models.CreateVpcRequest(region_id=REGION, client_token=token, cidr_block=cidr)
        made: str = cloud.vpc.create_vpc(request).body.vpc_id
        return made

    first = create("one", "10.0.0.0/8")
    assert create("one", "10.0.0.0/8") == first
    assert create("two", "10.0.0.0/8") != first
    refused("IdempotentParameterMismatch", 400, create, "one", "192.168.0.0/16")
    assert len(cloud.fabric.named("create_vpc")) == 2


def test_a_call_that_failed_may_be_tried_again_with_its_token(
    cloud: Cloud, refused: Callable[..., Any]
) -> None:
    request = vpc_models.CreateVpcRequest(region_id=REGION, client_token="again")
    cloud.fabric.fails.add("create_vpc")
    refused("InternalError", 400, cloud.vpc.create_vpc, request)
    cloud.fabric.fails.clear()
    assert cloud.vpc.create_vpc(request).body.vpc_id


def test_accounts_do_not_see_each_other(cloud: Cloud, refused: Callable[..., Any]) -> None:
    vpc_id = cloud.make_vpc()
    stranger = cloud.client(VpcClient, cloud.stranger)
    assert stranger.describe_vpcs(vpc_models.DescribeVpcsRequest(region_id=REGION)).body.total_count == 0
    request = vpc_models.DeleteVpcRequest(region_id=REGION, vpc_id=vpc_id)
    refused("InvalidVpcId.NotFound", 404, stranger.delete_vpc, request)


def test_pages_by_number(cloud: Cloud, refused: Callable[..., Any]) -> None:
    made = [cloud.make_vpc(f"10.{n}.0.0/16") for n in range(5)]

    def ask(number: int, size: int) -> Any:
        request = vpc_models.DescribeVpcsRequest(region_id=REGION, page_number=number, page_size=size)
        return cloud.vpc.describe_vpcs(request).body

    pages = [ask(number, 2) for number in (1, 2, 3, 4)]
    assert [[vpc.vpc_id for vpc in page.vpcs.vpc] for page in pages] == [made[0:2], made[2:4], made[4:], []]
    assert {(page.total_count, page.page_size) for page in pages} == {(5, 2)}
    refused("InvalidParameter", 400, ask, 1, 51)
    refused("InvalidParameter", 400, ask, 0, 10)


def test_pages_by_token(cloud: Cloud) -> None:
    vpc_id = cloud.make_vpc()
    made = [cloud.make_group(vpc_id) for _ in range(5)]
    seen, token, pages = [], None, 0
    while token != "":
        request = ecs_models.DescribeSecurityGroupsRequest(region_id=REGION, max_results=2, next_token=token)
        body = cloud.ecs.describe_security_groups(request).body
        seen += [group.security_group_id for group in body.security_groups.security_group]
        token, pages = body.next_token, pages + 1
    assert (seen, pages) == (made, 3)
