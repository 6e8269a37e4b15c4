"""All records of the cloud, in memory: they live as long as the daemon does."""

from __future__ import annotations

from dataclasses import dataclass, field

from localcloud.ram.roles import RamRecords
from localcloud.services.alidns.models import Domain, Record
from localcloud.services.assistant.models import Invocation
from localcloud.services.cms.models import ContactGroup, MetricRule
from localcloud.services.ecs.image_catalog import IMAGES, Image
from localcloud.services.ecs.models import Disk, Instance, SecurityGroup
from localcloud.services.vpc.models import Eip, Vpc, VSwitch


@dataclass
class State:
    """The tables, each keyed by the record's id (or account and id) and in the order of making."""

    vpcs: dict[str, Vpc] = field(default_factory=dict)
    vswitches: dict[str, VSwitch] = field(default_factory=dict)
    eips: dict[str, Eip] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    disks: dict[str, Disk] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=lambda: dict(IMAGES))
    security_groups: dict[str, SecurityGroup] = field(default_factory=dict)
    invocations: dict[str, Invocation] = field(default_factory=dict)
    metric_rules: dict[tuple[str, str], MetricRule] = field(default_factory=dict)
    contact_groups: dict[tuple[str, str], ContactGroup] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)
    dns_records: dict[str, Record] = field(default_factory=dict)
    ram: RamRecords = field(default_factory=RamRecords)

    def instances_in(self, vswitch_id: str) -> list[Instance]:
        """Returns the instances in a vSwitch."""
        return [instance for instance in self.instances.values() if instance.vswitch_id == vswitch_id]

    def members_of(self, security_group_id: str) -> list[Instance]:
        """Returns the instances in a security group."""
        return [item for item in self.instances.values() if security_group_id in item.security_group_ids]

    def eip_of(self, instance_id: str) -> Eip | None:
        """Returns the EIP that leads to an instance, or None."""
        return next((eip for eip in self.eips.values() if eip.instance_id == instance_id), None)
