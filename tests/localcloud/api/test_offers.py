"""Regions, zones, instance types and images."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_ecs20140526 import models

from tests.localcloud.api.harness import REGION, TYPE, ZONE, Cloud


def images(cloud: Cloud, **filters: Any) -> list[Any]:
    request = models.DescribeImagesRequest(region_id=REGION, page_size=100, **filters)
    found: list[Any] = cloud.ecs.describe_images(request).body.images.image
    return found


def test_regions(cloud: Cloud) -> None:
    found = cloud.ecs.describe_regions(models.DescribeRegionsRequest()).body.regions.region
    assert {"cn-hangzhou", "cn-beijing", "eu-central-1"} <= {region.region_id for region in found}


@pytest.mark.parametrize(
    ("region_id", "zone_id"), [("cn-hangzhou", "cn-hangzhou-k"), ("ap-southeast-1", "ap-southeast-1a")]
)
def test_zones_have_the_cloud_s_names(cloud: Cloud, region_id: str, zone_id: str) -> None:
    found = cloud.ecs.describe_zones(models.DescribeZonesRequest(region_id=region_id)).body.zones.zone
    assert zone_id in {zone.zone_id for zone in found}
    assert all("VSwitch" in zone.available_resource_creation.resource_types for zone in found)


def test_not_every_zone_sells_every_type(cloud: Cloud) -> None:
    request = models.DescribeAvailableResourceRequest(
        region_id=REGION, destination_resource="InstanceType", instance_type=TYPE
    )
    zones = cloud.ecs.describe_available_resource(request).body.available_zones.available_zone
    names = {zone.zone_id for zone in zones}
    assert ZONE in names
    assert "cn-hangzhou-b" not in names


def test_system_disks_of_a_type(cloud: Cloud) -> None:
    request = models.DescribeAvailableResourceRequest(
        region_id=REGION, zone_id=ZONE, destination_resource="SystemDisk", instance_type="ecs.c7.large"
    )
    (zone,) = cloud.ecs.describe_available_resource(request).body.available_zones.available_zone
    (resource,) = zone.available_resources.available_resource
    disks = {disk.value: disk.min for disk in resource.supported_resources.supported_resource}
    assert disks == {"cloud_auto": 20, "cloud_essd": 20}


def test_instance_types(cloud: Cloud) -> None:
    request = models.DescribeInstanceTypesRequest(instance_types=[TYPE])
    (kind,) = cloud.ecs.describe_instance_types(request).body.instance_types.instance_type
    assert (kind.instance_type_id, kind.cpu_core_count, kind.memory_size) == (TYPE, 2, 4)
    small = models.DescribeInstanceTypesRequest(max_results=5)
    first = cloud.ecs.describe_instance_types(small).body
    assert len(first.instance_types.instance_type) == 5
    assert first.next_token


def test_the_newest_debian_13_is_found_by_date_not_by_order(cloud: Cloud) -> None:
    found = [
        image
        for image in images(cloud, image_owner_alias="system", architecture="x86_64", ostype="linux")
        if image.image_name.startswith("debian_13_")
    ]
    newest = max(found, key=lambda image: image.creation_time)
    assert len(found) > 1
    assert newest.image_id == newest.image_name == "debian_13_2_x64_20G_alibase_20260910.vhd"
    assert (newest.is_support_cloudinit, newest.status, newest.size) == (True, "Available", 20)
    assert newest is not found[-1]


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"image_owner_alias": "self"}, 0),
        ({"image_name": "debian_12*"}, 3),
        ({"image_family": "acs:ubuntu_24_04_x64"}, 2),
        ({"architecture": "arm64"}, 2),
        ({"ostype": "windows"}, 0),
        ({"image_id": "debian_13_2_x64_20G_alibase_20260910.vhd,none.vhd"}, 1),
    ],
)
def test_images_are_filtered(cloud: Cloud, filters: dict[str, str], count: int) -> None:
    assert len(images(cloud, **filters)) == count


def test_a_family_stands_for_its_newest_image(cloud: Cloud) -> None:
    request = models.DescribeImageFromFamilyRequest(region_id=REGION, image_family="acs:debian_13_2_x64")
    image = cloud.ecs.describe_image_from_family(request).body.image
    assert image.image_id == "debian_13_2_x64_20G_alibase_20260910.vhd"


def test_a_newer_image_comes_out(cloud: Cloud) -> None:
    name = "debian_13_3_x64_20G_alibase_20261120.vhd"
    before = {image.image_id for image in images(cloud, architecture="x86_64")}
    assert name not in before
    assert cloud.services.publish_image(name)
    assert {image.image_id for image in images(cloud, architecture="x86_64")} == before | {name}
    newest = max(images(cloud, architecture="x86_64"), key=lambda image: image.creation_time)
    assert (newest.image_id, newest.image_family) == (name, "acs:debian_13_3_x64")


@pytest.mark.parametrize("name", ["debian", "debian_13_x64_20G_alibase_20261399.vhd", "m-mine"])
def test_a_name_that_is_no_system_images(cloud: Cloud, name: str) -> None:
    assert not cloud.services.publish_image(name)
