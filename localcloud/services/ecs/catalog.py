"""Instance types and disk categories: what can be bought, and where.

Source: https://help.aliyun.com/en/ecs/user-guide/overview-of-instance-families (2026-11-23). A handful
of types, with the real numbers of vCPUs and memory.
"""

from __future__ import annotations

from dataclasses import dataclass

from localcloud.services.regions import REGIONS, Region


@dataclass(frozen=True, kw_only=True)
class InstanceType:
    """An instance type.

    Attributes:
        id: For example ``ecs.u1-c1m2.large``.
        family: For example ``ecs.u1``.
        cores: Number of vCPUs.
        memory_gib: Memory in GiB.
        system_disks: The categories that its system disk may have.
        current: Whether new zones offer it; the others are only found in old zones.
    """

    id: str
    family: str
    cores: int
    memory_gib: int
    system_disks: tuple[str, ...]
    current: bool = True


@dataclass(frozen=True, kw_only=True)
class DiskCategory:
    """A category of cloud disks; the sizes of system disks are in GiB."""

    id: str
    smallest_gib: int
    largest_gib: int = 2048
    performance_levels: tuple[str, ...] = ()


_ENTRY = ("cloud_essd_entry", "cloud_essd", "cloud_auto")
_ESSD = ("cloud_essd", "cloud_auto")
_OLD = ("cloud_efficiency", "cloud_ssd")
_TABLE = (
    ("ecs.e", "c1m1", "large", 2, 2, _ENTRY),
    ("ecs.e", "c1m2", "large", 2, 4, _ENTRY),
    ("ecs.e", "c1m2", "xlarge", 4, 8, _ENTRY),
    ("ecs.u1", "c1m1", "large", 2, 2, _ENTRY),
    ("ecs.u1", "c1m2", "large", 2, 4, _ENTRY),
    ("ecs.u1", "c1m2", "xlarge", 4, 8, _ENTRY),
    ("ecs.u1", "c1m4", "large", 2, 8, _ENTRY),
    ("ecs.c7", "", "large", 2, 4, _ESSD),
    ("ecs.c7", "", "xlarge", 4, 8, _ESSD),
    ("ecs.g7", "", "large", 2, 8, _ESSD),
    ("ecs.c8i", "", "large", 2, 4, _ESSD),
    ("ecs.g8i", "", "large", 2, 8, _ESSD),
)

INSTANCE_TYPES: dict[str, InstanceType] = {
    item.id: item
    for item in (
        *(
            InstanceType(
                id=f"{family}-{ratio}.{size}" if ratio else f"{family}.{size}",
                family=family,
                cores=cores,
                memory_gib=memory_gib,
                system_disks=system_disks,
            )
            for family, ratio, size, cores, memory_gib, system_disks in _TABLE
        ),
        InstanceType(
            id="ecs.n4.small", family="ecs.n4", cores=1, memory_gib=2, system_disks=_OLD, current=False
        ),
    )
}

# Source: https://help.aliyun.com/en/ecs/user-guide/disks-overview (2026-11-23).
DISK_CATEGORIES: dict[str, DiskCategory] = {
    item.id: item
    for item in (
        DiskCategory(id="cloud_essd", smallest_gib=20, performance_levels=("PL0", "PL1", "PL2", "PL3")),
        DiskCategory(id="cloud_essd_entry", smallest_gib=10),
        DiskCategory(id="cloud_auto", smallest_gib=20),
        DiskCategory(id="cloud_efficiency", smallest_gib=20),
        DiskCategory(id="cloud_ssd", smallest_gib=20),
    )
}
DEFAULT_PERFORMANCE_LEVEL = "PL1"

# A region with this many zones has an old one among them that sells none of the current types.
_ZONES_WITH_AN_OLD_ONE = 4


def types_in(region: Region, zone_id: str) -> list[InstanceType]:
    """Returns the instance types that a zone offers."""
    old = len(region.zones) >= _ZONES_WITH_AN_OLD_ONE and zone_id == region.zones[0]
    return [item for item in INSTANCE_TYPES.values() if item.current is not old]


def disk_categories_in(region: Region, zone_id: str) -> list[str]:
    """Returns the disk categories that a zone offers."""
    return sorted({category for item in types_in(region, zone_id) for category in item.system_disks})


def region_of(region_id: str) -> Region:
    """Returns a region that is known to exist."""
    return REGIONS[region_id]
