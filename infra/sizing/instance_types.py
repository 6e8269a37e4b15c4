"""Instance types: what one has. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from infra.sizing.errors import SizingError


@dataclass(frozen=True, kw_only=True)
class InstanceType:
    """What an instance type has.

    Attributes:
        id: For example ``ecs.c7.large``.
        cores: Its vCPUs.
        memory_gib: Its memory in GiB.
        network_gbps: Its baseline network bandwidth in Gbit/s, in each direction; None where it is not known.
    """

    id: str
    cores: int
    memory_gib: float
    network_gbps: float | None = None


# vCPUs and memory: https://help.aliyun.com/en/ecs/user-guide/overview-of-instance-families (2026-11-23). The
# baselines are second-hand, from a public copy of that page's tables (2026-07-21), which has none for the
# families e and u1. DescribeInstanceTypes tells them: InstanceBandwidthTx, in kbit/s.
TYPES = {
    item.id: item
    for item in (
        InstanceType(id="ecs.e-c1m2.large", cores=2, memory_gib=4),
        InstanceType(id="ecs.e-c1m2.xlarge", cores=4, memory_gib=8),
        InstanceType(id="ecs.u1-c1m2.large", cores=2, memory_gib=4),
        InstanceType(id="ecs.u1-c1m2.xlarge", cores=4, memory_gib=8),
        InstanceType(id="ecs.c7.large", cores=2, memory_gib=4, network_gbps=2),
        InstanceType(id="ecs.c7.xlarge", cores=4, memory_gib=8, network_gbps=3),
        InstanceType(id="ecs.c7.2xlarge", cores=8, memory_gib=16, network_gbps=5),
        InstanceType(id="ecs.c8i.large", cores=2, memory_gib=4, network_gbps=2.5),
        InstanceType(id="ecs.c8i.xlarge", cores=4, memory_gib=8, network_gbps=4),
        InstanceType(id="ecs.g7.large", cores=2, memory_gib=8, network_gbps=2),
    )
}


def instance_type(
    name: str, *, cores: int | None = None, memory_gib: float | None = None, network_gbps: float | None = None
) -> InstanceType:
    """Returns a type of the table, or one that is described in full.

    Raises:
        SizingError: The type is not in the table, and cores or memory are missing.
    """
    known = TYPES.get(name)
    if known is None and (cores is None or memory_gib is None):
        raise SizingError(
            f"{name!r} is not in the table of instance types",
            fix=f"give --cores and --memory-gib (and --network-gbps) too, or one of {', '.join(TYPES)}.",
        )
    return InstanceType(
        id=name,
        cores=cores or (known.cores if known else 0),
        memory_gib=memory_gib or (known.memory_gib if known else 0),
        network_gbps=network_gbps or (known.network_gbps if known else None),
    )
