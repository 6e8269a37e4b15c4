"""Disks: each instance has its system disk."""

from __future__ import annotations

from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError
from localcloud.services.context import Call, Handler
from localcloud.services.ecs import errors
from localcloud.services.ecs.catalog import DISK_CATEGORIES
from localcloud.services.ecs.models import Disk
from localcloud.services.ecs.views import disk_view
from localcloud.services.names import read_description, read_name
from localcloud.services.paging import page
from localcloud.services.tags import matches


async def describe_disks(call: Call) -> Answer:
    """Lists disks by ids, instance, type, category, zone and tags."""
    params = call.params
    ids = params.json_items("DiskIds")
    found = [
        disk
        for disk in call.visible(call.env.state.disks.values())
        if (ids is None or disk.disk_id in ids)
        and params.text("InstanceId") in ("", disk.instance_id)
        and params.text("DiskType", "all") in ("all", "system")
        and params.text("Category", "all") in ("all", disk.category)
        and params.text("ZoneId") in ("", disk.zone_id)
        and params.text("DiskName") in ("", disk.name)
        and params.text("Status", "All") in ("All", "In_use")
        and params.flag("Encrypted", disk.encrypted) == disk.encrypted
        and matches(disk.tags, params)
    ]
    shown, fields = page(found, params)
    return {**fields, "Disks": {"Disk": [disk_view(disk) for disk in shown]}}


async def modify_disk_attribute(call: Call) -> Answer:
    """Changes name and description."""
    disk, params = _find_disk(call), call.params
    if params.given("DiskName"):
        disk.name = read_name(params, "DiskName")
    if params.given("Description"):
        disk.description = read_description(params)
    return {}


async def resize_disk(call: Call) -> Answer:
    """Makes a disk larger; disks do not shrink."""
    disk = _find_disk(call)
    largest = DISK_CATEGORIES[disk.category].largest_gib
    size = call.params.integer("NewSize", 0, low=1)
    if not disk.size_gib <= size <= largest:
        message = "The specified new disk size is less than the original size, or beyond the largest one."
        raise ApiError("InvalidDiskSize.TooSmall" if size <= largest else "InvalidDiskSize", message, 403)
    disk.size_gib = size
    return {"OrderId": ""}


async def modify_disk_spec(call: Call) -> Answer:
    """Changes the performance level of an ESSD."""
    disk = _find_disk(call)
    level = call.params.require("PerformanceLevel")
    if level not in DISK_CATEGORIES[disk.category].performance_levels:
        message = "The specified parameter PerformanceLevel is not valid."
        raise ApiError("InvalidPerformanceLevel.Malformed", message)
    disk.performance_level = level
    return {"OrderId": "", "TaskId": ""}


def _find_disk(call: Call) -> Disk:
    disk = call.find(call.env.state.disks, call.params.require("DiskId"))
    if disk is None:
        raise errors.disk_not_found()
    return disk


ACTIONS: dict[str, Handler] = {
    "DescribeDisks": describe_disks,
    "ModifyDiskAttribute": modify_disk_attribute,
    "ResizeDisk": resize_disk,
    "ModifyDiskSpec": modify_disk_spec,
}
