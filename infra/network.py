"""The proxy's own network: a VPC, a vSwitch for nothing else, and who may come in.

The vSwitch is dedicated so that the private addresses the bucket policy names can be chosen beforehand.
No NAT gateway and no OSS endpoint is made: OSS's internal endpoint and the package mirror answer inside
every VPC.

A basic security group lets everything out. What the instance needs goes by few ports, to services of the
cloud whose addresses are not all published; so the rest is shut by port. Answers to clients are no matter of
these rules: the group knows the connections that it let in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import product

import pulumi
import pulumi_alicloud as alicloud

from infra.naming import Naming

# What the instance begins itself: OSS, the package mirror, metadata and Cloud Assistant; names; the time.
# Source for Cloud Assistant (443, 80, UDP 53): https://github.com/AlibabaCloudDocs/ecs, 'fix common problems'
# (2021-07)
EGRESS = (("tcp", 80), ("tcp", 443), ("tcp", 53), ("udp", 53), ("udp", 123))
ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What a network needs.

    Attributes:
        naming: Makes the names and tags that the cloud shows.
        vpc_cidr: The VPC's network.
        vswitch_cidr: The vSwitch's network, inside the VPC's.
        zone_id: The zone of the vSwitch.
        zone_pinned: Whether the zone was chosen by the owner; if not, it stays the one of the first update.
        ports: The TCP ports that are opened, by what distinguishes them in names.
        allowed_cidrs: The networks that they are opened to.
        open_ports: The TCP ports that are opened to all, likewise.
        protect: Whether Pulumi refuses to delete or replace what the instance stands on.
        hooks: What is called when the cloud refuses.
        after: What must be there before anything is made.
    """

    naming: Naming
    vpc_cidr: IPv4Network
    vswitch_cidr: IPv4Network
    zone_id: str
    zone_pinned: bool
    ports: Mapping[str, int]
    allowed_cidrs: Sequence[IPv4Network]
    open_ports: Mapping[str, int]
    protect: bool
    hooks: pulumi.ResourceHookBinding
    after: pulumi.Resource


class Network(pulumi.ComponentResource):
    """A VPC with one vSwitch and one security group.

    Args:
        name: The logical name; children are named after it.
        args: What the network needs.
        opts: Pulumi's options.
    """

    vpc_id: pulumi.Output[str]
    vswitch_id: pulumi.Output[str]
    security_group_id: pulumi.Output[str]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("oss-proxy:infra:Network", name, None, opts)
        vpc = alicloud.vpc.Network(
            f"{name}-vpc",
            vpc_name=args.naming.physical("vpc"),
            cidr_block=str(args.vpc_cidr),
            tags=args.naming.tags(),
            opts=pulumi.ResourceOptions(
                parent=self,
                hooks=args.hooks,
                protect=args.protect,
                # The other resources of the network come after the VPC by their values.
                depends_on=[args.after],
                # The provider would move the network under a vSwitch that is in use.
                replace_on_changes=["cidr_block"],
            ),
        )
        vswitch = alicloud.vpc.Switch(
            f"{name}-vswitch",
            vswitch_name=args.naming.physical("vswitch"),
            vpc_id=vpc.id,
            cidr_block=str(args.vswitch_cidr),
            zone_id=args.zone_id,
            tags=args.naming.tags(),
            opts=pulumi.ResourceOptions(
                parent=self,
                hooks=args.hooks,
                protect=args.protect,
                # Which zone has the instance type changes from day to day; a vSwitch cannot move.
                ignore_changes=[] if args.zone_pinned else ["zone_id"],
                # Two vSwitches of a VPC cannot have the same network.
                delete_before_replace=True,
            ),
        )
        group = alicloud.ecs.SecurityGroup(
            f"{name}-security-group",
            security_group_name=args.naming.physical("security-group"),
            description="OSS proxy: only its own port, only from configured networks",
            security_group_type="normal",
            vpc_id=vpc.id,
            tags=args.naming.tags(),
            opts=pulumi.ResourceOptions(parent=self, hooks=args.hooks, protect=args.protect),
        )
        rules = (
            *product(args.ports.items(), args.allowed_cidrs),
            *product(args.open_ports.items(), [ANYWHERE]),
        )
        for (role, port), cidr in rules:
            alicloud.ecs.SecurityGroupRule(
                f"{name}-ingress-{role}{str(cidr).replace('/', '-')}",
                security_group_id=group.id,
                type="ingress",
                policy="accept",
                ip_protocol="tcp",
                port_range=f"{port}/{port}",
                cidr_ip=str(cidr),
                nic_type="intranet",  # the only one in a VPC, and not the provider's default
                priority=1,
                description="clients of the OSS proxy",
                opts=pulumi.ResourceOptions(parent=self, hooks=args.hooks),
            )
        _narrow_egress(self, name, group, args.hooks)
        self.vpc_id = vpc.id
        self.vswitch_id = vswitch.id
        self.security_group_id = group.id
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "vswitch_id": self.vswitch_id,
                "security_group_id": self.security_group_id,
            }
        )


def _narrow_egress(
    parent: pulumi.Resource,
    name: str,
    group: alicloud.ecs.SecurityGroup,
    hooks: pulumi.ResourceHookBinding,
) -> None:
    def rule(role: str, protocol: str, ports: str, after: Sequence[pulumi.Resource]) -> pulumi.Resource:
        shut = protocol == "all"
        return alicloud.ecs.SecurityGroupRule(
            f"{name}-egress-{role}",
            security_group_id=group.id,
            type="egress",
            policy="drop" if shut else "accept",
            ip_protocol=protocol,
            port_range=ports,
            cidr_ip=ANYWHERE,
            nic_type="intranet",
            priority=100 if shut else 1,
            description="nothing else" if shut else "what the OSS proxy needs",
            opts=pulumi.ResourceOptions(parent=parent, hooks=hooks, depends_on=after),
        )

    open_ = [rule(f"{kind}-{port}", kind, f"{port}/{port}", []) for kind, port in EGRESS]
    # Last made and first removed: a running proxy is never without what it needs.
    rule("rest", "all", "-1/-1", open_)
