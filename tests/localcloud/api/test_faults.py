"""Faults on order, as official clients meet them."""

from __future__ import annotations

import http.client
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_vpc20160428 import models as vpc_models
from darabonba.runtime import RuntimeOptions

from localcloud.calls import is_mutating
from localcloud.errors import LocalcloudError
from localcloud.faults import Faults
from tests.localcloud.api.harness import REGION, Cloud
from tests.localcloud.api.test_protocol import get

REGIONS = models.DescribeRegionsRequest()


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("throttle", "Throttling.User", 400),
        ("error", "ServiceUnavailable", 503),
        ("forbidden", "Forbidden.RAM", 403),
    ],
)
def test_a_refused_call_is_not_carried_out(
    cloud: Cloud, refused: Callable[..., Any], kind: str, code: str, status: int
) -> None:
    cloud.faults.add("CreateVpc", kind)
    request = vpc_models.CreateVpcRequest(region_id=REGION, cidr_block="10.0.0.0/16")
    refused(code, status, cloud.vpc.create_vpc, request)
    assert cloud.services.vpc.vpcs() == []
    cloud.vpc.create_vpc(request)
    assert len(cloud.services.vpc.vpcs()) == 1


@pytest.mark.parametrize(
    ("order", "code", "status", "words"),
    [
        (
            {"code": "OperationDenied.NoStock"},
            "OperationDenied.NoStock",
            403,
            "sold out in the specified zone",
        ),
        ({"code": "QuotaExceeded.Vpc"}, "QuotaExceeded.Vpc", 400, "VPC quota exceeded"),
        ({"code": "Odd.Code", "status": 409}, "Odd.Code", 409, "refused on order"),
    ],
)
def test_a_call_is_refused_with_the_code_that_was_ordered(
    cloud: Cloud, refused: Callable[..., Any], order: dict[str, Any], code: str, status: int, words: str
) -> None:
    cloud.faults.add("CreateVpc", "error", **order)
    request = vpc_models.CreateVpcRequest(region_id=REGION, cidr_block="10.0.0.0/16")
    assert words in str(refused(code, status, cloud.vpc.create_vpc, request))
    assert cloud.services.vpc.vpcs() == []
    cloud.vpc.create_vpc(request)


def test_a_lost_answer_leaves_the_work_done_and_the_token_finds_it(
    cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="localcloud")
    cloud.faults.add("vpc:CreateVpc", "lost-answer")
    request = vpc_models.CreateVpcRequest(region_id=REGION, cidr_block="10.0.0.0/16", client_token="once")
    with pytest.raises(Exception, match=r"RemoteDisconnected|Connection aborted"):
        cloud.vpc.create_vpc_with_options(request, RuntimeOptions(autoretry=False))
    (made,) = cloud.services.vpc.vpcs()
    assert cloud.vpc.create_vpc(request).body.vpc_id == made.vpc_id
    assert "lost-answer strikes vpc:CreateVpc (1 of 1)" in caplog.text
    assert "vpc:CreateVpc answer lost" in caplog.text


def test_the_answer_to_a_call_that_fails_is_lost_too(cloud: Cloud) -> None:
    cloud.faults.add("DeleteVpc", "lost-answer")
    with pytest.raises(http.client.RemoteDisconnected):
        get(cloud, "vpc.aliyuncs.com", Action="DeleteVpc", Version="2016-04-28", VpcId="vpc-unknown")


def test_a_delay_only_delays(cloud: Cloud) -> None:
    cloud.faults.add("DescribeRegions", "delay", delay_s=0.3)
    began = time.monotonic()
    assert cloud.ecs.describe_regions(REGIONS).body.regions.region
    assert time.monotonic() - began >= 0.3


def test_a_held_call_is_carried_out_and_answered_when_it_is_released(cloud: Cloud) -> None:
    fault = cloud.faults.add("CreateVpc", "hold")
    request = vpc_models.CreateVpcRequest(region_id=REGION, cidr_block="10.0.0.0/16")
    with ThreadPoolExecutor(1) as caller:
        call = caller.submit(cloud.vpc.create_vpc, request)
        assert cloud.run(cloud.faults.wait(fault.id, 20))
        (made,) = cloud.services.vpc.vpcs()
        assert not call.done()
        assert cloud.faults.calls.since()[-1]["outcome"] == ""
        cloud.loop.call_soon_threadsafe(cloud.faults.release, fault.id)
        assert call.result(20).body.vpc_id == made.vpc_id
    assert cloud.faults.calls.since()[-1]["outcome"] == "OK"


def test_clearing_lets_a_held_refusal_go(cloud: Cloud, refused: Callable[..., Any]) -> None:
    fault = cloud.faults.add("DeleteVpc", "hold")
    request = vpc_models.DeleteVpcRequest(region_id=REGION, vpc_id="vpc-unknown")
    with ThreadPoolExecutor(1) as caller:
        call = caller.submit(refused, "InvalidVpcId.NotFound", 404, cloud.vpc.delete_vpc, request)
        assert cloud.run(cloud.faults.wait(fault.id, 20))
        cloud.loop.call_soon_threadsafe(cloud.faults.clear)
        call.result(20)


def test_a_fault_that_does_not_strike_is_not_waited_for_longer(cloud: Cloud) -> None:
    fault = cloud.faults.add("DeleteVpc", "error")
    assert not cloud.run(cloud.faults.wait(fault.id, 0.01))
    with pytest.raises(LocalcloudError, match="no fault 99"):
        cloud.run(cloud.faults.wait(99, 0.01))
    with pytest.raises(LocalcloudError, match="no fault 99"):
        cloud.faults.release(99)


def test_calls_are_noted_in_order_with_what_came_of_them(cloud: Cloud, refused: Callable[..., Any]) -> None:
    cloud.faults.add("DescribeRegions", "error")
    refused("ServiceUnavailable", 503, cloud.ecs.describe_regions, REGIONS)
    cloud.make_vpc()
    wrong = cloud.client(type(cloud.ecs), secret="wrong")
    refused("SignatureDoesNotMatch", 400, wrong.describe_regions, REGIONS)
    first, second = cloud.faults.calls.since()
    assert first == {
        "number": 1,
        "service": "ecs",
        "action": "DescribeRegions",
        "mutating": False,
        "outcome": "ServiceUnavailable",
    }
    assert (second["action"], second["mutating"], second["outcome"]) == ("CreateVpc", True, "OK")
    assert cloud.faults.calls.since(1) == [second]


@pytest.mark.parametrize(
    ("action", "mutating"),
    [
        ("RunInstances", True),
        ("PutBucketPolicy", True),
        ("GetBucketPolicy", False),
        ("DescribeInvocationResults", False),
        ("HeadObject", False),
        ("QueryAvailableInstances", False),
    ],
)
def test_an_operations_name_tells_whether_it_changes_something(action: str, mutating: bool) -> None:
    assert is_mutating(action) is mutating


def test_some_calls_pass_first_and_some_are_struck(cloud: Cloud, refused: Callable[..., Any]) -> None:
    cloud.faults.add("ecs:DescribeRegions", "error", after=1, times=2)
    cloud.ecs.describe_regions(REGIONS)
    for _ in range(2):
        refused("ServiceUnavailable", 503, cloud.ecs.describe_regions, REGIONS)
    cloud.ecs.describe_regions(REGIONS)
    cloud.vpc.describe_regions(vpc_models.DescribeRegionsRequest())
    ((fault),) = cloud.faults.list()
    assert (fault["struck"], fault["times"], fault["after"]) == (2, 2, 0)


def test_a_call_without_a_right_signature_meets_no_fault(cloud: Cloud, refused: Callable[..., Any]) -> None:
    cloud.faults.add("DescribeRegions", "error")
    wrong = cloud.client(type(cloud.ecs), secret="wrong")
    refused("SignatureDoesNotMatch", 400, wrong.describe_regions, REGIONS)
    assert cloud.faults.list()[0]["struck"] == 0


def test_faults_are_listed_and_cleared() -> None:
    faults = Faults()
    faults.add("RunCommand", "throttle")
    faults.add("RunCommand", "delay", delay_s=1)
    assert [(fault["id"], fault["kind"]) for fault in faults.list()] == [(1, "throttle"), (2, "delay")]
    first, second = faults.take("ecs", "RunCommand"), faults.take("ecs", "RunCommand")
    assert first is not None
    assert second is not None
    assert (first.kind, second.kind) == ("throttle", "delay")
    assert faults.take("ecs", "RunCommand") is None
    assert (faults.clear(), faults.list()) == (2, [])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"kind": "fire"}, r"no fault 'fire'\. Kinds: throttle, error, forbidden, delay, lost-answer, hold"),
        ({"action": ""}, "never strike"),
        ({"times": 0}, "never strike"),
        ({"after": -1}, "never strike"),
        ({"delay_s": -1.0}, "never strike"),
        ({"kind": "throttle", "code": "Odd.Code"}, "go with the kind error"),
        ({"status": 403}, "go with the kind error"),
        ({"code": "Odd.Code", "status": 200}, "go with the kind error"),
    ],
)
def test_what_cannot_be_ordered(more: dict[str, Any], message: str) -> None:
    with pytest.raises(LocalcloudError, match=message):
        Faults().add(**{"action": "RunCommand", "kind": "error", **more})
