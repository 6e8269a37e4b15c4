"""Instances: orders, states, changes, and what the fabric is told."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models

from tests.localcloud.api.harness import AT_LEISURE, IMAGE, REGION, ZONE, Cloud, Site


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize("delays", [AT_LEISURE], ids=["at leisure"])
def test_an_instance_is_pending_starting_running(cloud: Cloud, site: Site) -> None:
    let_go = cloud.hold("start_instance")
    answer = cloud.ecs.run_instances(cloud.order(site.vswitch, site.group))
    (instance_id,) = answer.body.instance_id_sets.instance_id_set
    statuses = [cloud.instance(instance_id).status]
    while not cloud.fabric.named("start_instance"):
        statuses.append(cloud.instance(instance_id).status)
    assert cloud.instance(instance_id).status == "Starting"
    let_go()
    cloud.settle()
    assert statuses[0] == "Pending"
    shown = cloud.instance(instance_id)
    assert (shown.status, bool(shown.start_time)) == ("Running", True)
    assert [item.instance_id for item in cloud.services.ecs.running_instances()] == [instance_id]


def test_the_fabric_gets_the_whole_order(cloud: Cloud, site: Site) -> None:
    instance_id = cloud.make_instance(
        site.vswitch,
        site.group,
        private_ip_address="10.0.1.9",
        host_name="proxy",
        user_data=b64(b"#cloud-config\n"),
        http_tokens="required",
    )
    ((spec,),) = cloud.fabric.named("start_instance")
    assert (spec.instance_id, spec.account_uid) == (instance_id, cloud.key.account_uid)
    assert (spec.region_id, spec.zone_id) == (REGION, ZONE)
    assert (spec.vpc_id, spec.vswitch_id, spec.vswitch_cidr) == (site.vpc, site.vswitch, "10.0.1.0/24")
    assert (spec.private_ip, spec.hostname, spec.image_id) == ("10.0.1.9", "proxy", IMAGE)
    assert (spec.user_data, spec.http_tokens_required) == (b"#cloud-config\n", True)
    assert spec.mac == cloud.instance(instance_id).network_interfaces.network_interface[0].mac_address
    found = cloud.services.ecs.instance_by_private_ip(site.vpc, "10.0.1.9")
    assert found is cloud.services.ecs.find_instance(instance_id)


def test_what_was_ordered_is_shown(cloud: Cloud, site: Site) -> None:
    disk = models.RunInstancesRequestSystemDisk(
        category="cloud_essd", size="30", performance_level="PL0", encrypted="true"
    )
    instance_id = cloud.make_instance(
        site.vswitch,
        site.group,
        instance_name="proxy",
        description="text",
        http_tokens="required",
        system_disk=disk,
        tag=[models.RunInstancesRequestTag(key="env", value="dev")],
    )
    shown = cloud.instance(instance_id)
    assert (shown.instance_name, shown.description) == ("proxy", "text")
    assert (shown.cpu, shown.memory, shown.metadata_options.http_tokens) == (2, 4096, "required")
    assert [(tag.tag_key, tag.tag_value) for tag in shown.tags.tag] == [("env", "dev")]
    disks = models.DescribeDisksRequest(region_id=REGION, instance_id=instance_id, disk_type="system")
    (made,) = cloud.ecs.describe_disks(disks).body.disks.disk
    assert (made.size, made.performance_level, made.encrypted) == (30, "PL0", True)
    assert [(tag.tag_key, tag.tag_value) for tag in made.tags.tag] == [("env", "dev")]
    interface = shown.network_interfaces.network_interface[0]
    request = models.DescribeNetworkInterfacesRequest(
        region_id=REGION, network_interface_id=[interface.network_interface_id]
    )
    (eni,) = cloud.ecs.describe_network_interfaces(request).body.network_interface_sets.network_interface_set
    assert (eni.instance_id, eni.private_ip_address) == (instance_id, interface.primary_ip_address)


def test_stop_and_start(cloud: Cloud, site: Site, refused: Callable[..., Any]) -> None:
    instance_id = cloud.make_instance(site.vswitch, site.group)
    stop = models.StopInstanceRequest(instance_id=instance_id, force_stop=True)
    start = models.StartInstanceRequest(instance_id=instance_id)
    refused("IncorrectInstanceStatus", 403, cloud.ecs.start_instance, start)
    let_go = cloud.hold("stop_instance")
    cloud.ecs.stop_instance(stop)
    assert cloud.instance(instance_id).status == "Stopping"
    let_go()
    cloud.settle()
    assert cloud.instance(instance_id).status == "Stopped"
    assert cloud.fabric.named("stop_instance") == [(instance_id, True)]

    change = models.ModifyInstanceAttributeRequest(instance_id=instance_id, user_data=b64(b"new"))
    cloud.ecs.modify_instance_attribute(change)
    cloud.ecs.start_instance(start)
    cloud.settle()
    assert cloud.instance(instance_id).status == "Running"
    assert [spec.user_data for (spec,) in cloud.fabric.named("start_instance")] == [b"", b"new"]


def test_reboot(cloud: Cloud, site: Site) -> None:
    instance_id = cloud.make_instance(site.vswitch, site.group)
    cloud.ecs.reboot_instance(models.RebootInstanceRequest(instance_id=instance_id))
    cloud.settle()
    assert cloud.instance(instance_id).status == "Running"
    names = [call[0] for call in cloud.fabric.calls]
    assert names[-3:] == ["start_instance", "stop_instance", "start_instance"]


def test_an_instance_that_does_not_start_stops(
    cloud: Cloud, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    cloud.fabric.fails.add("start_instance")
    with caplog.at_level(logging.ERROR, "localcloud.services"):
        instance_id = cloud.make_instance(site.vswitch, site.group)
    assert cloud.instance(instance_id).status == "Stopped"
    assert "start_instance is broken" in caplog.text


def test_release(cloud: Cloud, site: Site, refused: Callable[..., Any]) -> None:
    instance_id = cloud.make_instance(site.vswitch, site.group)
    gently = models.DeleteInstanceRequest(instance_id=instance_id)
    refused("IncorrectInstanceStatus", 403, cloud.ecs.delete_instance, gently)
    let_go = cloud.hold("delete_instance")
    cloud.ecs.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))
    assert cloud.instance(instance_id).status == "Stopping"
    let_go()
    cloud.settle()
    assert cloud.instance(instance_id) is None
    assert cloud.fabric.named("delete_instance") == [(instance_id,)]
    refused("InvalidInstanceId.NotFound", 404, cloud.ecs.delete_instance, gently)
    again = cloud.make_instance(site.vswitch, site.group, private_ip_address="10.0.1.1")
    assert cloud.instance(again).status == "Running"


def test_a_new_instance_cannot_be_released_before_it_runs(
    cloud: Cloud, site: Site, refused: Callable[..., Any]
) -> None:
    let_go = cloud.hold("start_instance")
    answer = cloud.ecs.run_instances(cloud.order(site.vswitch, site.group))
    (instance_id,) = answer.body.instance_id_sets.instance_id_set
    request = models.DeleteInstanceRequest(instance_id=instance_id, force=True)
    refused("IncorrectInstanceStatus.Initializing", 403, cloud.ecs.delete_instance, request)
    while not cloud.fabric.named("start_instance"):
        assert cloud.instance(instance_id).status in ("Pending", "Starting")
    let_go()
    cloud.settle()


def test_a_protected_instance_stays(cloud: Cloud, site: Site, refused: Callable[..., Any]) -> None:
    instance_id = cloud.make_instance(site.vswitch, site.group, deletion_protection=True)
    request = models.DeleteInstanceRequest(instance_id=instance_id, force=True)
    refused("InvalidOperation.DeletionProtection", 403, cloud.ecs.delete_instance, request)
    lift = models.ModifyInstanceAttributeRequest(instance_id=instance_id, deletion_protection=False)
    cloud.ecs.modify_instance_attribute(lift)
    cloud.delete_instance(instance_id)
    assert cloud.instance(instance_id) is None


def test_metadata_options_change_at_once(cloud: Cloud, site: Site) -> None:
    instance_id = cloud.make_instance(site.vswitch, site.group)
    request = models.ModifyInstanceMetadataOptionsRequest(
        region_id=REGION, instance_id=instance_id, http_endpoint="enabled", http_tokens="required"
    )
    cloud.ecs.modify_instance_metadata_options(request)
    record = cloud.services.ecs.find_instance(instance_id)
    assert record is not None
    assert record.http_tokens == "required"


def test_disks_grow_and_do_not_shrink(cloud: Cloud, site: Site, refused: Callable[..., Any]) -> None:
    instance_id = cloud.make_instance(site.vswitch, site.group)
    record = cloud.services.ecs.find_instance(instance_id)
    assert record is not None
    disk_id = record.system_disk_id
    cloud.ecs.resize_disk(models.ResizeDiskRequest(disk_id=disk_id, new_size=60))
    smaller = models.ResizeDiskRequest(disk_id=disk_id, new_size=50)
    refused("InvalidDiskSize.TooSmall", 403, cloud.ecs.resize_disk, smaller)
    shown = cloud.ecs.describe_disks(models.DescribeDisksRequest(region_id=REGION, disk_ids=f'["{disk_id}"]'))
    assert shown.body.disks.disk[0].size == 60


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"instance_name": "web-*"}, ["web-1", "web-2"]),
        ({"private_ip_addresses": '["10.0.1.7"]'}, ["web-1"]),
        ({"status": "Stopped"}, []),
        ({"instance_ids": "[]"}, []),
        ({"tag": [models.DescribeInstancesRequestTag(key="n", value="2")]}, ["web-2"]),
    ],
)
def test_instances_are_found(cloud: Cloud, site: Site, filters: dict[str, Any], found: list[str]) -> None:
    for number, address in ((1, "10.0.1.7"), (2, "10.0.1.8")):
        cloud.make_instance(
            site.vswitch,
            site.group,
            instance_name=f"web-{number}",
            private_ip_address=address,
            tag=[models.RunInstancesRequestTag(key="n", value=str(number))],
        )
    request = models.DescribeInstancesRequest(region_id=REGION, **filters)
    shown = cloud.ecs.describe_instances(request).body.instances.instance
    assert [item.instance_name for item in shown] == found
