"""The seam between the API services and the machinery that makes their records real.

The services own identity and state; a fabric owns packets and processes. `NullFabric` makes nothing
(API services alone, no root), the namespace fabric makes networks and boots instances.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol


class FabricError(Exception):
    """The machinery could not do what the API asked; the message says what and how to fix it."""


@dataclass(frozen=True, kw_only=True)
class SecurityRule:
    """One rule of a security group, in the cloud's terms.

    Attributes:
        direction: ``ingress`` or ``egress``.
        policy: ``accept`` or ``drop``.
        protocol: ``tcp``, ``udp``, ``icmp``, ``gre`` or ``all``.
        from_port: First port, or -1 for every port.
        to_port: Last port, or -1 for every port.
        cidr: The other side, IPv4 in CIDR form.
        priority: 1 (first) to 100.
    """

    direction: Literal["ingress", "egress"]
    policy: Literal["accept", "drop"]
    protocol: str
    from_port: int
    to_port: int
    cidr: str
    priority: int = 1


@dataclass(frozen=True, kw_only=True)
class SecurityPolicy:
    """The rules of all groups that an instance is in, and what happens when none matches.

    Attributes:
        rules: The rules, in no particular order.
        default_egress: ``accept`` for a basic group, ``drop`` for an advanced one.
        peers: Private addresses of the members of the same basic groups, which may reach each other.
    """

    rules: tuple[SecurityRule, ...] = ()
    default_egress: Literal["accept", "drop"] = "accept"
    peers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class VpcSpec:
    """A VPC: a private IPv4 space of its own, which may overlap with any other VPC's."""

    vpc_id: str
    region_id: str
    cidr: str


@dataclass(frozen=True, kw_only=True)
class VSwitchSpec:
    """A vSwitch: a subnet of a VPC in one zone. Its gateway is the third address from the end."""

    vswitch_id: str
    vpc_id: str
    zone_id: str
    cidr: str


@dataclass(frozen=True, kw_only=True)
class InstanceSpec:
    """An ECS instance as the machinery needs it.

    Attributes:
        instance_id: ``i-`` and 20 characters.
        account_uid: UID of the owner account.
        region_id: For example ``cn-hangzhou``.
        zone_id: For example ``cn-hangzhou-k``.
        vpc_id: The VPC it lives in.
        vswitch_id: The vSwitch its primary interface is in.
        vswitch_cidr: That vSwitch's CIDR.
        private_ip: Its primary private address.
        mac: Its MAC address, ``00:16:3e:xx:xx:xx``.
        hostname: The host name.
        image_id: The image to boot.
        instance_type: For example ``ecs.u1-c1m2.large``.
        user_data: The user data, decoded; empty when there is none.
        http_tokens_required: Whether metadata answers only requests that carry a token (IMDSv2).
        security: What the security groups allow.
    """

    instance_id: str
    account_uid: str
    region_id: str
    zone_id: str
    vpc_id: str
    vswitch_id: str
    vswitch_cidr: str
    private_ip: str
    mac: str
    hostname: str
    image_id: str
    instance_type: str
    user_data: bytes = b""
    http_tokens_required: bool = False
    security: SecurityPolicy = field(default_factory=SecurityPolicy)


class Fabric(Protocol):
    """What the API services ask of the machinery. Every method is idempotent.

    Each returns when the thing is there (or gone), except `start_instance`, which returns when the
    instance has begun to boot: as in the cloud, Running does not mean that the system is up.
    """

    async def create_vpc(self, vpc: VpcSpec) -> None:
        """Makes the VPC's network and its internal services (DNS, metadata, mirror, OSS)."""

    async def delete_vpc(self, vpc_id: str) -> None:
        """Removes the VPC's network."""

    async def create_vswitch(self, vswitch: VSwitchSpec) -> None:
        """Makes the subnet."""

    async def delete_vswitch(self, vswitch_id: str) -> None:
        """Removes the subnet."""

    async def start_instance(self, instance: InstanceSpec) -> None:
        """Boots the instance; its disk is made on the first start and kept until `delete_instance`."""

    async def stop_instance(self, instance_id: str, *, force: bool = False) -> None:
        """Shuts the system down (or cuts its power) and keeps the disk."""

    async def delete_instance(self, instance_id: str) -> None:
        """Removes the instance with its disk."""

    async def set_security(self, instance_id: str, policy: SecurityPolicy) -> None:
        """Puts the security groups' rules in force, for established connections' next packets too."""

    async def bind_eip(self, eip: str, instance_id: str, bandwidth_mbps: int) -> None:
        """Makes a public address lead to the instance, and the instance's traffic leave by it."""

    async def unbind_eip(self, eip: str) -> None:
        """Takes the public address away."""

    async def agent_answers(self, instance_id: str) -> bool:
        """Whether the instance's system has come so far that Cloud Assistant runs in it."""

    async def run_command(
        self,
        instance_id: str,
        argv: Sequence[str],
        stdin: bytes,
        timeout_s: float,
        on_output: Callable[[bytes], None] | None = None,
    ) -> tuple[int, bytes]:
        """Runs a command inside the instance; cancelling the call ends the command.

        Args:
            instance_id: The instance.
            argv: The command, run as root.
            stdin: Its standard input.
            timeout_s: Seconds that it may run.
            on_output: Gets the output as it comes, both streams; what is returned is then empty.

        Returns:
            Exit status and output, both streams as they came.

        Raises:
            TimeoutError: It ran longer, and was ended.
            FabricError: The instance is not running.
        """
