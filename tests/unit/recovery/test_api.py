"""What is asked of the cloud to list and to delete, and how its answers are taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra.errors import CloudError
from infra.recovery import listing, removal
from infra.sdk_rpc import ApiError
from tests.unit.recovery.world import NAMING, Api, found

EMPTY: dict[str, list[Any]] = {
    query.action: [{query.rows[0]: {query.rows[1]: []}}] for query in listing.QUERIES
}


def refusal(code: str) -> ApiError:
    return ApiError(f"no: {code}", code=code, consequence="none.", fix="wait.")


def listed(*ids: str) -> dict[str, Any]:
    """A list of VPCs of the stack."""
    tags = {"Tag": [{"Key": key, "Value": value} for key, value in NAMING.tags().items()]}
    return {"Vpcs": {"Vpc": [{"VpcId": id_, "VpcName": "n", "Tags": tags} for id_ in ids]}}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    fake = Api(dict(EMPTY))
    for module in (listing, removal):
        monkeypatch.setattr(module, "RpcClient", lambda product, region: fake)
    return fake


@pytest.fixture
def delete(api: Api) -> Callable[..., list[str]]:
    def delete(*orphans: Any, timeout_s: float = 30) -> list[str]:
        told: list[str] = []
        removal.delete(orphans, "cn-x", NAMING, told.append, timeout_s=timeout_s, pause_s=0)
        return told

    return delete


def test_every_kind_is_listed_by_tags_and_what_is_tagged_late_by_its_name_too(api: Api) -> None:
    foreign = {"VpcId": "vpc-9", "VpcName": "n", "Tags": {"Tag": [{"Key": "project", "Value": "oss-proxy"}]}}
    answer = listed("vpc-1")
    answer["Vpcs"]["Vpc"].append(foreign)
    api.answers["DescribeVpcs"] = [answer]
    eip = {"AllocationId": "eip-1", "Name": "oss-proxy-dev-eip"}
    api.answers["DescribeEipAddresses"] = [{"EipAddresses": {"EipAddress": [eip]}}]
    # The address is in both of its lists.
    assert [one.id for one in listing.list_resources("cn-x", NAMING)] == ["vpc-1", "eip-1"]
    tags = [{"Key": key, "Value": value} for key, value in NAMING.identity().items()]
    asked = sorted(api.calls, key=lambda call: (call[0], "Tag" in call[1]))
    assert asked == [
        ("DescribeEipAddresses", {"EipName": "oss-proxy-dev-eip", "PageSize": 50}),
        ("DescribeEipAddresses", {"Tag": tags, "PageSize": 50}),
        ("DescribeInstances", {"Tag": tags, "PageSize": 50}),
        ("DescribeSecurityGroups", {"Tag": tags, "PageSize": 50}),
        ("DescribeVSwitches", {"VSwitchName": "oss-proxy-dev-vswitch", "PageSize": 50}),
        ("DescribeVSwitches", {"Tag": tags, "PageSize": 50}),
        ("DescribeVpcs", {"Tag": tags, "PageSize": 50}),
    ]


def test_a_deletion_waits_until_the_cloud_lists_the_resource_no_more(
    api: Api, delete: Callable[..., list[str]]
) -> None:
    api.answers["DescribeVpcs"] = [listed("vpc-2"), listed("vpc-2"), listed("vpc-1")]
    assert delete(found("vpc", "vpc-2")) == ["deleted vpc-2 (the vpc oss-proxy-dev-vpc)"]
    assert [call for call in api.calls if call[0] == "DeleteVpc"] == [("DeleteVpc", {"VpcId": "vpc-2"})]
    assert [name for name, _ in api.calls].count("DescribeVpcs") == 3


def test_a_running_instance_is_deleted_and_a_protection_is_lifted_first(
    api: Api, delete: Callable[..., list[str]]
) -> None:
    delete(
        found("instance", "i-2", protected=True), found("eip", "eip-2", protected=True), found("eip", "eip-3")
    )
    changes = [call for call in api.calls if not call[0].startswith("Describe")]
    assert changes == [
        ("ModifyInstanceAttribute", {"InstanceId": "i-2", "DeletionProtection": False}),
        ("DeleteInstance", {"InstanceId": "i-2", "Force": True}),
        ("DeletionProtection", {"InstanceId": "eip-2", "Type": "EIP", "ProtectionEnable": False}),
        ("ReleaseEipAddress", {"AllocationId": "eip-2"}),
        ("ReleaseEipAddress", {"AllocationId": "eip-3"}),
    ]


def test_a_status_that_passes_is_waited_for_and_gone_already_is_fine(
    api: Api, delete: Callable[..., list[str]]
) -> None:
    api.answers["DeleteInstance"] = [refusal("IncorrectInstanceStatus.Initializing"), {}]
    api.answers["DeleteVSwitch"] = [refusal("InvalidVSwitchId.NotFound")]
    assert len(delete(found("instance", "i-2"), found("vswitch", "vsw-2"))) == 2


def test_an_address_is_taken_from_its_instance(api: Api, delete: Callable[..., list[str]]) -> None:
    delete(found("eip-association", "eip-2:i-2"))
    assert api.calls[0] == (
        "UnassociateEipAddress",
        {"AllocationId": "eip-2", "InstanceId": "i-2", "InstanceType": "EcsInstance"},
    )


def test_a_refusal_ends_it_before_the_next_one(api: Api, delete: Callable[..., list[str]]) -> None:
    api.answers["DeleteSecurityGroup"] = [refusal("DependencyViolation")]
    with pytest.raises(CloudError, match="DependencyViolation"):
        delete(found("security-group", "sg-2"), found("vpc", "vpc-2"))
    assert "DeleteVpc" not in [name for name, _ in api.calls]


def test_one_that_stays_is_told(api: Api, delete: Callable[..., list[str]]) -> None:
    api.answers["DescribeVpcs"] = [listed("vpc-2")]
    with pytest.raises(CloudError, match=r"vpc-2 .* is still there"):
        delete(found("vpc", "vpc-2"), timeout_s=-1)
