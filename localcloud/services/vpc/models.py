"""The records of networks, vSwitches and EIPs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

# Source: https://help.aliyun.com/en/vpc/user-guide/vpcs-and-vswitches (2026-11-23).
RESERVED_FIRST_ADDRESSES = 1
RESERVED_LAST_ADDRESSES = 3


@dataclass(kw_only=True)
class RouteTable:
    """The system route table of a VPC."""

    route_table_id: str
    name: str = ""
    description: str = ""
    propagation: bool = True


@dataclass(kw_only=True)
class Vpc:
    """A virtual private cloud.

    Attributes:
        router_id: ``vrt-`` and 20 characters.
        status: Pending until the network is there.
    """

    vpc_id: str
    account_uid: str
    region_id: str
    cidr: IPv4Network
    router_id: str
    route_table: RouteTable
    created: datetime
    name: str = ""
    description: str = ""
    dns_hostname_status: Literal["ENABLED", "DISABLED"] = "DISABLED"
    status: Literal["Pending", "Available"] = "Pending"
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class VSwitch:
    """A vSwitch: a subnet of a VPC in one zone."""

    vswitch_id: str
    vpc_id: str
    account_uid: str
    region_id: str
    zone_id: str
    cidr: IPv4Network
    created: datetime
    name: str = ""
    description: str = ""
    status: Literal["Pending", "Available"] = "Pending"
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def first_address(self) -> IPv4Address:
        """The first address that an instance may have."""
        return self.cidr.network_address + RESERVED_FIRST_ADDRESSES

    @property
    def last_address(self) -> IPv4Address:
        """The last address that an instance may have."""
        return self.cidr.broadcast_address - RESERVED_LAST_ADDRESSES

    @property
    def usable_count(self) -> int:
        """How many addresses instances may have."""
        return self.cidr.num_addresses - RESERVED_FIRST_ADDRESSES - RESERVED_LAST_ADDRESSES


@dataclass(kw_only=True)
class Eip:
    """An elastic IP address.

    Attributes:
        bandwidth_mbps: The peak bandwidth in Mbit/s.
        instance_id: The instance it leads to; empty when there is none.
    """

    allocation_id: str
    account_uid: str
    region_id: str
    address: str
    bandwidth_mbps: int
    internet_charge_type: str
    created: datetime
    isp: str = "BGP"
    name: str = ""
    description: str = ""
    deletion_protection: bool = False
    status: Literal["Available", "Associating", "InUse", "Unassociating"] = "Available"
    instance_id: str = ""
    tags: dict[str, str] = field(default_factory=dict)
