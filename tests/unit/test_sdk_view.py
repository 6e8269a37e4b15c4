"""The SDKs' view comes from a process of its own, with the cloud's refusals and its own failures told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra import sdk, sdk_view
from infra.nginx.sizing import Machine
from infra.recovery.found import Found
from infra.rollout.records import Seen
from infra.sdk_rpc import ApiError
from infra.sdk_view import SdkView
from tests.unit.fakes import ACCOUNT_UID, FakeCloud

IDENTITY = {"project": "oss-proxy", "stack": "dev"}
TYPE = "ecs.e-c1m2.large"
TAGS = [{"Key": "project", "Value": "oss-proxy"}, {"Key": "stack", "Value": "dev"}]


def question(bucket: str = "oss-proxy-dev", mode: str = "existing") -> dict[str, Any]:
    return {
        "region": "cn-hangzhou",
        "bucket": bucket,
        "identity": IDENTITY,
        "mode": mode,
        "instance_type": TYPE,
    }


def test_a_view_survives_its_way_between_processes(cloud: FakeCloud) -> None:
    cloud.bucket.text = '{"a": "中"}'
    cloud.commands = [("oss-proxy-dev-configuration-1", "i-1", "Success")]
    cloud.resources = [Found(role="vpc", id="vpc-1", name="n", tags=IDENTITY, within=["a"], used=True)]
    answer = json.loads(sdk_view.main(question()))
    assert sdk_view.read(answer) == SdkView(
        account_uid=ACCOUNT_UID,
        bucket=cloud.bucket.info(),
        bucket_policy='{"a": "中"}',
        bucket_empty=False,
        commands=[Seen(name="oss-proxy-dev-configuration-1", instance_id="i-1", status="Success")],
        resources=cloud.resources,
        machine=Machine(cores=2, memory_gib=4),
    )
    assert cloud.asked == [("DescribeInvocations", {"Tag": TAGS, "PageSize": 50})]


def test_a_bucket_that_the_stack_makes_need_not_exist(cloud: FakeCloud) -> None:
    answer = json.loads(sdk_view.main(question("yet-to-be-made", "managed")))
    assert sdk_view.read(answer) == SdkView(
        account_uid=ACCOUNT_UID,
        bucket=None,
        bucket_policy=None,
        bucket_empty=False,
        commands=[],
        resources=[],
        machine=Machine(cores=2, memory_gib=4),
    )


def test_a_type_that_the_cloud_does_not_know(cloud: FakeCloud) -> None:
    cloud.types = {}
    answer = json.loads(sdk_view.main(question()))
    assert sdk_view.read(answer).machine is None


@pytest.mark.parametrize("code", ["Forbidden.RAM", "Throttling.User"])
def test_who_may_not_list_the_stacks_resources_does_not_know_them(cloud: FakeCloud, code: str) -> None:
    cloud.refuses_list = ApiError("no.", code=code, consequence="none.", fix="wait.")
    answer = json.loads(sdk_view.main(question()))
    if code == "Forbidden.RAM":
        assert sdk_view.read(answer).resources is None
    else:
        with pytest.raises(sdk.CloudError, match="no"):
            sdk_view.read(answer)


@pytest.mark.parametrize(
    ("mode", "empty", "refuses", "expected"),
    [
        ("managed", True, False, True),
        ("managed", False, False, False),
        ("managed", True, True, False),
        ("existing", True, False, False),
    ],
)
def test_only_a_managed_bucket_is_looked_into_and_whoever_may_not_look_does_not_know(
    cloud: FakeCloud, mode: str, empty: bool, refuses: bool, expected: bool
) -> None:
    cloud.bucket.empty = empty
    if refuses:
        cloud.bucket.refuses_look = sdk.ForbiddenError("no.", fix="grant it.")
    assert sdk_view.see("cn-hangzhou", "oss-proxy-dev", IDENTITY, mode, TYPE).bucket_empty is expected


def test_a_refusal_survives_its_way_between_processes(cloud: FakeCloud) -> None:
    answer = json.loads(sdk_view.main(question("nobodys-bucket", "existing")))
    with pytest.raises(sdk.CloudError, match="the bucket nobodys-bucket does not exist") as caught:
        sdk_view.read(answer)
    assert caught.value.fix == "make it."
