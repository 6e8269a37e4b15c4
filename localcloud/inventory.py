"""Of what there is, for `localcloud status`: ids from the fabric, everything else from the records."""

from __future__ import annotations

from typing import Any, Protocol

from localcloud.fabric.null import NullFabric
from localcloud.fabric.protocol import InstanceSpec, VpcSpec
from localcloud.services.cloud import ApiServices


class Listed(Protocol):
    """A fabric that tells what it was asked to make."""

    @property
    def vpc_ids(self) -> list[str]:
        """Ids of the VPCs."""

    @property
    def instance_ids(self) -> list[str]:
        """Ids of the instances that were ever started."""


class ListedNullFabric(NullFabric):
    """A fabric that makes nothing, and remembers what it did not make."""

    def __init__(self) -> None:
        self.vpc_ids: list[str] = []
        self.instance_ids: list[str] = []

    async def create_vpc(self, vpc: VpcSpec) -> None:
        """Notes the VPC."""
        if vpc.vpc_id not in self.vpc_ids:
            self.vpc_ids.append(vpc.vpc_id)

    async def delete_vpc(self, vpc_id: str) -> None:
        """Forgets the VPC."""
        if vpc_id in self.vpc_ids:
            self.vpc_ids.remove(vpc_id)

    async def start_instance(self, instance: InstanceSpec) -> None:
        """Notes the instance."""
        if instance.instance_id not in self.instance_ids:
            self.instance_ids.append(instance.instance_id)

    async def delete_instance(self, instance_id: str) -> None:
        """Forgets the instance."""
        if instance_id in self.instance_ids:
            self.instance_ids.remove(instance_id)


def list_resources(fabric: Listed, api: ApiServices) -> dict[str, list[dict[str, Any]]]:
    """Returns the VPCs and instances that the cloud's users have, each as JSON can hold it."""
    vpcs = [vpc for vpc_id in fabric.vpc_ids if (vpc := api.vpc.find_vpc(vpc_id))]
    instances = [found for key in fabric.instance_ids if (found := api.ecs.find_instance(key))]
    eips = {found.instance_id: api.vpc.eip_of_instance(found.instance_id) for found in instances}
    return {
        "vpcs": [
            {"id": vpc.vpc_id, "region": vpc.region_id, "cidr": str(vpc.cidr), "name": vpc.name}
            for vpc in vpcs
        ],
        "instances": [
            {
                "id": found.instance_id,
                "name": found.name,
                "state": found.status,
                "vpc": found.vpc_id,
                "private_ip": found.private_ip,
                "eip": eip.address if (eip := eips[found.instance_id]) else None,
            }
            for found in instances
        ],
    }
