"""Orders of instances: addresses, images, types, disks, user data."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models

from tests.localcloud.api.harness import REGION, Cloud, Site


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_addresses_are_chosen_from_the_usable_ones(
    cloud: Cloud, site: Site, refused: Callable[..., Any]
) -> None:
    small = cloud.make_vswitch(site.vpc, "10.0.2.0/29")
    made = [cloud.make_instance(small, site.group) for _ in range(4)]
    addresses = {cloud.instance(item).vpc_attributes.private_ip_address.ip_address[0] for item in made}
    assert addresses == {"10.0.2.1", "10.0.2.2", "10.0.2.3", "10.0.2.4"}
    refused("QuotaExceeded.PrivateIpAddress", 400, cloud.make_instance, small, site.group)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("10.0.1.0", "InvalidPrivateIpAddress"),
        ("10.0.1.253", "InvalidPrivateIpAddress"),
        ("10.0.1.254", "InvalidPrivateIpAddress"),
        ("10.0.1.255", "InvalidPrivateIpAddress"),
        ("10.0.2.9", "InvalidPrivateIpAddress"),
        ("10.0.1", "InvalidPrivateIpAddress.Malformed"),
        ("10.0.1.5", "InvalidIPAddress.AlreadyUsed"),
    ],
)
def test_a_wanted_address_is_checked(
    cloud: Cloud, site: Site, refused: Callable[..., Any], address: str, code: str
) -> None:
    cloud.make_instance(site.vswitch, site.group, private_ip_address="10.0.1.5")
    order = cloud.order(site.vswitch, site.group, private_ip_address=address)
    refused(code, 400, cloud.ecs.run_instances, order)


def test_the_first_and_last_usable_addresses_can_be_had(cloud: Cloud, site: Site) -> None:
    for address in ("10.0.1.1", "10.0.1.252"):
        instance_id = cloud.make_instance(site.vswitch, site.group, private_ip_address=address)
        assert cloud.instance(instance_id).vpc_attributes.private_ip_address.ip_address == [address]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"image_id": "debian_9.vhd"}, 404, "InvalidImageId.NotFound"),
        ({"image_id": "debian_13_2_arm64_20G_alibase_20260911.vhd"}, 403, "ImageNotSupportInstanceType"),
        ({"instance_type": "ecs.huge"}, 400, "InvalidInstanceType.ValueNotSupported"),
        ({"instance_type": "ecs.n4.small"}, 403, "InvalidInstanceType.ZoneNotSupported"),
        ({"v_switch_id": "vsw-none"}, 404, "InvalidVSwitchId.NotFound"),
        ({"security_group_ids": ["sg-none"]}, 404, "InvalidSecurityGroupId.NotFound"),
        ({"security_group_ids": None}, 400, "MissingParameter"),
        ({"zone_id": "cn-hangzhou-b"}, 400, "InvalidParameter.Mismatch"),
        ({"user_data": "not base64!"}, 403, "InvalidUserData.Base64FormatInvalid"),
        ({"user_data": b64(b"x" * 32769)}, 400, "InvalidUserData.SizeExceeded"),
        ({"http_tokens": "maybe"}, 400, "InvalidParameter"),
        ({"internet_max_bandwidth_out": 5}, 400, "UnsupportedParameter"),
        ({"key_pair_name": "mine"}, 400, "UnsupportedParameter"),
        ({"instance_charge_type": "PrePaid"}, 400, "UnsupportedParameter"),
        ({"dry_run": True}, 400, "DryRunOperation"),
    ],
)
def test_orders_are_checked(
    cloud: Cloud,
    site: Site,
    refused: Callable[..., Any],
    changes: dict[str, Any],
    status: int,
    code: str,
) -> None:
    refused(code, status, cloud.ecs.run_instances, cloud.order(site.vswitch, site.group, **changes))
    assert cloud.fabric.named("start_instance") == []


@pytest.mark.parametrize(
    ("disk", "status", "code"),
    [
        ({"category": "cloud_efficiency"}, 400, "InvalidSystemDiskCategory.ValueNotSupported"),
        ({"category": "cloud_essd", "size": "19"}, 404, "InvalidSystemDiskSize.LessThanImageSize"),
        ({"category": "cloud_essd", "size": "4096"}, 404, "InvalidSystemDiskSize"),
        ({"category": "cloud_essd", "performance_level": "PL9"}, 400, "InvalidPerformanceLevel.Malformed"),
    ],
)
def test_system_disks_are_checked(
    cloud: Cloud,
    site: Site,
    refused: Callable[..., Any],
    disk: dict[str, str],
    status: int,
    code: str,
) -> None:
    order = cloud.order(site.vswitch, site.group, system_disk=models.RunInstancesRequestSystemDisk(**disk))
    refused(code, status, cloud.ecs.run_instances, order)


def test_user_data_may_have_32_kib(cloud: Cloud, site: Site) -> None:
    data = bytes(range(256)) * 128
    instance_id = cloud.make_instance(site.vswitch, site.group, user_data=b64(data))
    request = models.DescribeUserDataRequest(region_id=REGION, instance_id=instance_id)
    assert base64.b64decode(cloud.ecs.describe_user_data(request).body.user_data) == data


def test_a_security_group_of_another_vpc_is_refused(
    cloud: Cloud, site: Site, refused: Callable[..., Any]
) -> None:
    foreign = cloud.make_group(cloud.make_vpc("10.1.0.0/16"))
    refused("InvalidParameter.Mismatch", 400, cloud.make_instance, site.vswitch, foreign)
