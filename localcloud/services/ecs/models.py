"""The records of instances, disks and security groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from localcloud.fabric.protocol import SecurityPolicy

InstanceStatus = Literal["Pending", "Starting", "Running", "Stopping", "Stopped"]


@dataclass(kw_only=True)
class Instance:
    """An ECS instance with its one network interface.

    Attributes:
        interface_id: The primary elastic network interface's id.
        private_ip: Its primary private address.
        system_disk_id: Its system disk's id.
        user_data: Decoded; empty when there is none.
        http_tokens: ``optional``, or ``required`` when metadata takes only requests with a token.
        http_endpoint: ``enabled``, or ``disabled`` when there is no metadata.
        ram_role_name: The RAM role that its programs may take on; empty when there is none.
        serial_number: The serial number that the system finds in its firmware tables.
        releasing: Whether it is being deleted; it cannot be used any more.
        security: The policy that the fabric was last told; None before its first start.
        started: When it was last started.
        heartbeat: When its Cloud Assistant agent last answered.
    """

    instance_id: str
    account_uid: str
    region_id: str
    zone_id: str
    vpc_id: str
    vswitch_id: str
    interface_id: str
    private_ip: str
    mac: str
    security_group_ids: list[str]
    image_id: str
    instance_type: str
    system_disk_id: str
    hostname: str
    created: datetime
    name: str = ""
    description: str = ""
    user_data: bytes = b""
    http_tokens: Literal["optional", "required"] = "optional"
    http_endpoint: Literal["enabled", "disabled"] = "enabled"
    http_put_response_hop_limit: int = 1
    deletion_protection: bool = False
    internet_charge_type: str = "PayByTraffic"
    ram_role_name: str = ""
    serial_number: str = ""
    status: InstanceStatus = "Pending"
    releasing: bool = False
    started: datetime | None = None
    heartbeat: datetime | None = None
    security: SecurityPolicy | None = None
    tags: dict[str, str] = field(default_factory=dict)
    interface_tags: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Disk:
    """A system disk.

    Attributes:
        size_gib: In GiB.
        performance_level: ``PL0`` to ``PL3`` for ESSDs, else empty.
    """

    disk_id: str
    instance_id: str
    account_uid: str
    region_id: str
    zone_id: str
    image_id: str
    category: str
    size_gib: int
    created: datetime
    performance_level: str = ""
    encrypted: bool = False
    kms_key_id: str = ""
    name: str = ""
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Rule:
    """A rule of a security group.

    Attributes:
        protocol: ``TCP``, ``UDP``, ``ICMP``, ``GRE`` or ``ALL``.
        port_range: ``first/last``, or ``-1/-1`` for every port.
        cidr: The other side as an IPv4 range; empty when it is a group.
        group_id: The other side as a security group; empty when it is a range.
        priority: 1 (first) to 100.
    """

    rule_id: str
    direction: Literal["ingress", "egress"]
    protocol: str
    port_range: str
    policy: Literal["Accept", "Drop"]
    priority: int
    created: datetime
    cidr: str = ""
    group_id: str = ""
    source_port_range: str = ""
    description: str = ""

    def same_match(self, other: Rule) -> bool:
        """Whether both rules say the same, apart from description and id."""
        return self._key == other._key

    @property
    def _key(self) -> tuple[object, ...]:
        return (
            self.direction,
            self.protocol,
            self.port_range,
            self.policy,
            self.priority,
            self.cidr,
            self.group_id,
        )


@dataclass(kw_only=True)
class SecurityGroup:
    """A security group.

    Attributes:
        kind: ``normal`` for a basic group, ``enterprise`` for an advanced one.
        inner_access: Whether members of a basic group reach each other.
    """

    security_group_id: str
    account_uid: str
    region_id: str
    vpc_id: str
    created: datetime
    kind: Literal["normal", "enterprise"] = "normal"
    inner_access: Literal["Accept", "Drop"] = "Accept"
    name: str = ""
    description: str = ""
    rules: list[Rule] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
