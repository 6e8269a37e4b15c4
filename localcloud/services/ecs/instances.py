"""Showing instances and what belongs to them."""

from __future__ import annotations

import base64
import fnmatch

from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import missing_parameter
from localcloud.services.context import Call, Handler
from localcloud.services.ecs import errors
from localcloud.services.ecs.catalog import INSTANCE_TYPES
from localcloud.services.ecs.models import Instance
from localcloud.services.ecs.views import instance_common, instance_view, interface_view
from localcloud.services.paging import page
from localcloud.services.tags import matches


async def describe_instances(call: Call) -> Answer:
    """Lists instances by everything that programs look for."""
    params, state = call.params, call.env.state
    found = [item for item in _selected(call) if matches(item.tags, params)]
    call.end_dry_run()
    shown, fields = page(found, params)
    return {**fields, "Instances": {"Instance": [instance_view(item, state) for item in shown]}}


async def describe_instance_status(call: Call) -> Answer:
    """Lists the statuses of instances."""
    ids = set(call.params.items("InstanceId"))
    found = [item for item in _selected(call, by_id=False) if not ids or item.instance_id in ids]
    shown, fields = page(found, call.params, largest=50)
    rows = [{"InstanceId": item.instance_id, "Status": item.status} for item in shown]
    return {**fields, "InstanceStatuses": {"InstanceStatus": rows}}


async def describe_instance_attribute(call: Call) -> Answer:
    """Shows one instance."""
    return {
        **instance_common(find_instance(call), call.env.state),
        "IoOptimized": "optimized",
        "EnableJumboFrame": False,
    }


async def describe_user_data(call: Call) -> Answer:
    """Shows the user data of one instance, in Base64."""
    instance = find_instance(call)
    return {
        "InstanceId": instance.instance_id,
        "RegionId": instance.region_id,
        "UserData": base64.b64encode(instance.user_data).decode(),
    }


async def describe_instance_maintenance_attributes(call: Call) -> Answer:
    """Shows what would happen to instances in maintenance: the defaults."""
    ids = set(call.params.items("InstanceId"))
    found = [
        item for item in call.visible(call.env.state.instances.values()) if not ids or item.instance_id in ids
    ]
    shown, fields = page(found, call.params)
    rows = [
        {
            "InstanceId": item.instance_id,
            "MaintenanceWindows": {"MaintenanceWindow": []},
            "ActionOnMaintenance": {
                "Value": "AutoRecover",
                "DefaultValue": "AutoRecover",
                "SupportedValues": {"SupportedValue": ["Stop", "AutoRecover", "AutoRedeploy"]},
            },
            "NotifyOnMaintenance": False,
        }
        for item in shown
    ]
    return {**fields, "MaintenanceAttributes": {"MaintenanceAttribute": rows}}


async def describe_instance_attachment_attributes(call: Call) -> Answer:
    """Shows the private pools of instances: they are in none."""
    shown, fields = page(named_instances(call), call.params)
    rows = [
        {
            "InstanceId": item.instance_id,
            "PrivatePoolOptionsMatchCriteria": "Open",
            "PrivatePoolOptionsId": "",
        }
        for item in shown
    ]
    return {**fields, "Instances": {"Instance": rows}}


async def describe_network_interfaces(call: Call) -> Answer:
    """Lists network interfaces by ids, instance, network, group and address."""
    params = call.params
    ids = set(params.items("NetworkInterfaceId"))
    addresses = set(params.items("PrivateIpAddress")) | set(params.items("PrimaryIpAddress"))
    found = [
        item
        for item in call.visible(call.env.state.instances.values())
        if (not ids or item.interface_id in ids)
        and (not addresses or item.private_ip in addresses)
        and params.text("InstanceId") in ("", item.instance_id)
        and params.text("VpcId") in ("", item.vpc_id)
        and params.text("VSwitchId") in ("", item.vswitch_id)
        and params.text("SecurityGroupId") in ("", *item.security_group_ids)
        and params.text("Type") in ("", "Primary")
        and matches(item.interface_tags, params)
    ]
    shown, fields = page(found, params, largest=500)
    rows = [interface_view(item) for item in shown]
    return {**fields, "NetworkInterfaceSets": {"NetworkInterfaceSet": rows}}


def find_instance(call: Call) -> Instance:
    """Returns the instance that the parameter InstanceId names.

    Raises:
        ApiError: ``MissingParameter`` or ``InvalidInstanceId.NotFound``.
    """
    instance = call.find(call.env.state.instances, call.params.require("InstanceId"))
    if instance is None:
        raise errors.instance_not_found()
    return instance


def named_instances(call: Call) -> list[Instance]:
    """Returns the caller's instances among those that the parameter InstanceIds names.

    Raises:
        ApiError: ``MissingParameter`` or ``InvalidParameter``.
    """
    ids = call.params.json_items("InstanceIds")
    if ids is None:
        raise missing_parameter("InstanceIds")
    return [item for item in call.visible(call.env.state.instances.values()) if item.instance_id in ids]


def _selected(call: Call, *, by_id: bool = True) -> list[Instance]:
    params, state = call.params, call.env.state
    ids = params.json_items("InstanceIds") if by_id else None
    private_ips = params.json_items("PrivateIpAddresses")
    eip_addresses = params.json_items("EipAddresses")
    name = params.text("InstanceName")

    def wanted(item: Instance) -> bool:
        eip = state.eip_of(item.instance_id)
        return (
            (ids is None or item.instance_id in ids)
            and (private_ips is None or item.private_ip in private_ips)
            and (eip_addresses is None or (eip is not None and eip.address in eip_addresses))
            and (not name or fnmatch.fnmatchcase(item.name, name))
            and params.text("VpcId") in ("", item.vpc_id)
            and params.text("VSwitchId") in ("", item.vswitch_id)
            and params.text("ZoneId") in ("", item.zone_id)
            and params.text("SecurityGroupId") in ("", *item.security_group_ids)
            and params.text("Status") in ("", item.status)
            and params.text("ImageId") in ("", item.image_id)
            and params.text("InstanceType") in ("", item.instance_type)
            and params.text("InstanceTypeFamily") in ("", INSTANCE_TYPES[item.instance_type].family)
            and params.text("InstanceChargeType") in ("", "PostPaid")
            and params.text("InstanceNetworkType") in ("", "vpc")
        )

    return [item for item in call.visible(state.instances.values()) if wanted(item)]


ACTIONS: dict[str, Handler] = {
    "DescribeInstances": describe_instances,
    "DescribeInstanceStatus": describe_instance_status,
    "DescribeInstanceAttribute": describe_instance_attribute,
    "DescribeUserData": describe_user_data,
    "DescribeInstanceMaintenanceAttributes": describe_instance_maintenance_attributes,
    "DescribeInstanceAttachmentAttributes": describe_instance_attachment_attributes,
    "DescribeNetworkInterfaces": describe_network_interfaces,
}
