"""What can be bought where: zones, instance types, disk categories."""

from __future__ import annotations

from typing import Any

from localcloud.rpc.answer import Answer
from localcloud.rpc.params import Params
from localcloud.services.context import Call, Handler
from localcloud.services.ecs.catalog import (
    DISK_CATEGORIES,
    INSTANCE_TYPES,
    InstanceType,
    disk_categories_in,
    region_of,
    types_in,
)
from localcloud.services.paging import page

_CREATABLE = ["Instance", "Disk", "VSwitch", "IoOptimized", "DedicatedHost"]
_TYPES_PER_PAGE = 100
_DESTINATIONS = ("Zone", "IoOptimized", "InstanceType", "Network", "ddh", "SystemDisk", "DataDisk")


async def describe_zones(call: Call) -> Answer:
    """Lists the zones of the region and what each offers."""
    region = region_of(call.region_id)
    rows = []
    for zone_id in region.zones:
        types, categories = types_in(region, zone_id), disk_categories_in(region, zone_id)
        resources = {
            "IoOptimized": True,
            "NetworkTypes": {"supportedNetworkCategory": ["vpc"]},
            "InstanceTypes": {"supportedInstanceType": [item.id for item in types]},
            "InstanceTypeFamilies": {"supportedInstanceTypeFamily": sorted({item.family for item in types})},
            "InstanceGenerations": {"supportedInstanceGeneration": []},
            "SystemDiskCategories": {"supportedSystemDiskCategory": categories},
            "DataDiskCategories": {"supportedDataDiskCategory": categories},
        }
        rows.append(
            {
                "ZoneId": zone_id,
                "LocalName": f"{region.name} Zone {zone_id[-1].upper()}",
                "ZoneType": "AvailabilityZone",
                "AvailableInstanceTypes": {"InstanceTypes": [item.id for item in types]},
                "AvailableDiskCategories": {"DiskCategories": categories},
                "AvailableVolumeCategories": {"VolumeCategories": categories},
                "AvailableResourceCreation": {"ResourceTypes": _CREATABLE},
                "AvailableResources": {"ResourcesInfo": [resources]},
                "AvailableDedicatedHostTypes": {"DedicatedHostType": []},
                "DedicatedHostGenerations": {"DedicatedHostGeneration": []},
            }
        )
    return {"Zones": {"Zone": rows}}


async def describe_available_resource(call: Call) -> Answer:
    """Lists, per zone, the instance types or disk categories that can be bought together."""
    params = call.params
    destination = params.choice("DestinationResource", _DESTINATIONS, "InstanceType")
    region = region_of(call.region_id)
    rows = []
    for zone_id in region.zones:
        if params.text("ZoneId") not in ("", zone_id):
            continue
        types = [item for item in types_in(region, zone_id) if _fits(call, item)]
        if not types:
            continue
        if destination in ("SystemDisk", "DataDisk"):
            categories = sorted({category for item in types for category in item.system_disks})
            offered = [_disk_offer(category) for category in categories]
        elif destination == "InstanceType":
            offered = [_offer(item.id) for item in types]
        else:
            offered = []
        available = [{"Type": destination, "SupportedResources": {"SupportedResource": offered}}]
        rows.append(
            {
                "RegionId": region.id,
                "ZoneId": zone_id,
                "Status": "Available",
                "StatusCategory": "WithStock",
                "AvailableResources": {"AvailableResource": available if offered else []},
            }
        )
    return {"AvailableZones": {"AvailableZone": rows}}


async def describe_instance_types(call: Call) -> Answer:
    """Lists instance types by id, family, vCPUs and memory; pages by token only."""
    params = call.params
    ids = set(params.items("InstanceTypes")) | set(params.items("InstanceType"))
    found = [
        item
        for item in INSTANCE_TYPES.values()
        if (not ids or item.id in ids)
        and params.text("InstanceTypeFamily") in ("", item.family)
        and params.integer("MinimumCpuCoreCount", 0) <= item.cores
        and params.integer("MaximumCpuCoreCount", item.cores) >= item.cores
        and params.number("MinimumMemorySize", 0) <= item.memory_gib
        and params.number("MaximumMemorySize", item.memory_gib) >= item.memory_gib
    ]
    by_token = Params({"MaxResults": str(_TYPES_PER_PAGE), **params.as_dict()})
    shown, fields = page(found, by_token, largest=_TYPES_PER_PAGE)
    return {
        "NextToken": fields["NextToken"],
        "InstanceTypes": {"InstanceType": [_type_view(item) for item in shown]},
    }


def _fits(call: Call, item: InstanceType) -> bool:
    params = call.params
    return (
        params.text("InstanceType") in ("", item.id)
        and params.text("SystemDiskCategory") in ("", *item.system_disks)
        and params.text("DataDiskCategory") in ("", *item.system_disks)
        and params.integer("Cores", item.cores) == item.cores
        and params.number("Memory", item.memory_gib) == item.memory_gib
        and params.text("NetworkCategory").lower() in ("", "vpc")
        and params.text("IoOptimized", "optimized") == "optimized"
    )


def _offer(value: str, **more: object) -> dict[str, Any]:
    return {"Value": value, "Status": "Available", "StatusCategory": "WithStock", **more}


def _disk_offer(category: str) -> dict[str, Any]:
    limits = DISK_CATEGORIES[category]
    return _offer(category, Min=limits.smallest_gib, Max=limits.largest_gib, Unit="GiB")


def _type_view(item: InstanceType) -> dict[str, Any]:
    return {
        "InstanceTypeId": item.id,
        "InstanceTypeFamily": item.family,
        "InstanceFamilyLevel": "EnterpriseLevel" if item.family != "ecs.e" else "EntryLevel",
        "InstanceCategory": "General-purpose",
        "CpuArchitecture": "X86",
        "CpuCoreCount": item.cores,
        "MemorySize": float(item.memory_gib),
        "EniQuantity": 2 if item.cores <= 2 else 3,
        "EniTotalQuantity": 2 if item.cores <= 2 else 3,
        "EniPrivateIpAddressQuantity": 6,
        "EniIpv6AddressQuantity": 1,
        "PrimaryEniQueueNumber": 2,
        "SecondaryEniQueueNumber": 2,
        "MaximumQueueNumberPerEni": 2,
        "TotalEniQueueQuantity": 4,
        "DiskQuantity": 8,
        "GPUAmount": 0,
        "GPUSpec": "",
        "LocalStorageCategory": "",
        "NvmeSupport": "unsupported",
        "JumboFrameSupport": False,
    }


ACTIONS: dict[str, Handler] = {
    "DescribeZones": describe_zones,
    "DescribeAvailableResource": describe_available_resource,
    "DescribeInstanceTypes": describe_instance_types,
}
