"""From a demand to instances, and what is full first. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from infra.nginx.sizing import Machine, sizing
from infra.sizing.capacity import Cost
from infra.sizing.demand import Demand
from infra.sizing.instance_types import InstanceType
from infra.sizing.limits import EIP_MBPS, OSS_QPS, OSS_QPS_SEQUENTIAL, oss_gbps

INSTANCE, ACCOUNT = "instance", "account"
# What of a limit is planned for: the rest is for what was not foreseen, and for an instance that is away.
LOAD = 0.7


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing that can be full.

    Attributes:
        name: What it is.
        unit: Of demand and limit.
        demand: What the busiest second takes of it, over all instances.
        limit: What one instance has of it, or the account.
        of: ``instance`` or ``account``.
    """

    name: str
    unit: str
    demand: float
    limit: float
    of: str

    def share(self, instances: int) -> float:
        """How full it is, with so many instances."""
        return self.demand / (self.limit * (instances if self.of == INSTANCE else 1))

    def instances(self, load: float) -> int:
        """How many instances it takes by itself."""
        # What a rounding error is above a whole number is not another instance.
        return max(1, math.ceil(self.demand / (self.limit * load) - 1e-9)) if self.of == INSTANCE else 1


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The answer.

    Attributes:
        machine: The instance type.
        parts: All that can be full.
        load: What of each limit is planned for.
        instances: How many it takes.
    """

    machine: InstanceType
    parts: tuple[Part, ...]
    load: float
    instances: int

    @property
    def first(self) -> Part:
        """What is full first, when the demand grows and the instances stay."""
        return max(self.parts, key=lambda part: part.share(self.instances))

    @property
    def eip(self) -> Part:
        """The public addresses."""
        return next(part for part in self.parts if part.name.startswith("EIP"))

    @property
    def without_eip(self) -> int:
        """How many instances it takes where clients come another way."""
        return max(part.instances(self.load) for part in self.parts if part is not self.eip)

    @property
    def beyond(self) -> tuple[Part, ...]:
        """What no number of instances helps: limits of the account that the demand is above."""
        return tuple(part for part in self.parts if part.of == ACCOUNT and part.share(1) > 1)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the plan is made under.

    Attributes:
        region: The bucket's region.
        billing: ``bandwidthBilling`` of the EIP.
        cost: What a request costs nginx.
        client_mbps: How fast a mean client takes its answer, in Mbit/s.
        cache_hits: The share of requests that an instance's cache answers.
        sequential: Whether objects' names begin with a sequence.
        load: What of each limit is planned for.
    """

    region: str
    billing: str
    cost: Cost
    client_mbps: float = 20.0
    cache_hits: float = 0.0
    sequential: bool = False
    load: float = LOAD


def plan(wanted: Demand, machine: InstanceType, terms: Terms) -> Plan:
    """Sizes one instance type.

    Raises:
        SizingError: The program does not serve the region.
    """
    missed = 1 - terms.cache_hits
    seconds = wanted.size * 8 / (terms.client_mbps * 1e6)
    room = sizing(Machine(cores=machine.cores, memory_gib=machine.memory_gib)).requests
    parts = [
        Part(
            name="processors, for nginx",
            unit="requests/s",
            demand=wanted.requests,
            limit=machine.cores * 1e6 / terms.cost.of(wanted.size),
            of=INSTANCE,
        ),
        Part(
            name=f"EIP, {terms.billing}",
            unit="Mbit/s",
            demand=wanted.mbps,
            limit=EIP_MBPS[terms.billing],
            of=INSTANCE,
        ),
        Part(
            name="memory, for answers at once",
            unit="answers",
            demand=wanted.requests * seconds,
            limit=room,
            of=INSTANCE,
        ),
        Part(
            name="OSS requests, all buckets",
            unit="requests/s",
            demand=wanted.requests * missed,
            limit=OSS_QPS_SEQUENTIAL if terms.sequential else OSS_QPS,
            of=ACCOUNT,
        ),
        Part(
            name="OSS download, region",
            unit="Mbit/s",
            demand=wanted.mbps * missed,
            limit=oss_gbps(terms.region) * 1000,
            of=ACCOUNT,
        ),
    ]
    if machine.network_gbps is not None:
        parts.insert(
            2,
            Part(
                name="network of the type, baseline",
                unit="Mbit/s",
                demand=wanted.mbps,
                limit=machine.network_gbps * 1000,
                of=INSTANCE,
            ),
        )
    instances = max(part.instances(terms.load) for part in parts)
    return Plan(machine=machine, parts=tuple(parts), load=terms.load, instances=instances)
