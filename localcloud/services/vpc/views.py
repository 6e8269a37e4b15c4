"""How records of VPC look in answers; the shapes are those of the official SDK's models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.services.ids import DEFAULT_RESOURCE_GROUP_ID, to_seconds
from localcloud.services.state import State
from localcloud.services.vpc.models import Eip, Vpc, VSwitch


def tag_list(tags: Mapping[str, str]) -> dict[str, Any]:
    """Returns tags as VPC lists them."""
    return {"Tag": [{"Key": key, "Value": value} for key, value in tags.items()]}


def vpc_view(vpc: Vpc, state: State) -> dict[str, Any]:
    """Returns a VPC as both DescribeVpcs and DescribeVpcAttribute show it."""
    switches = [switch.vswitch_id for switch in state.vswitches.values() if switch.vpc_id == vpc.vpc_id]
    return {
        "VpcId": vpc.vpc_id,
        "RegionId": vpc.region_id,
        "Status": vpc.status,
        "VpcName": vpc.name,
        "Description": vpc.description,
        "CidrBlock": str(vpc.cidr),
        "SecondaryCidrBlocks": {"SecondaryCidrBlock": []},
        "UserCidrs": {"UserCidr": []},
        "Ipv6CidrBlock": "",
        "Ipv6CidrBlocks": {"Ipv6CidrBlock": []},
        "EnabledIpv6": False,
        "IsDefault": False,
        "CreationTime": to_seconds(vpc.created),
        "VRouterId": vpc.router_id,
        "RouterTableIds": {"RouterTableIds": [vpc.route_table.route_table_id]},
        "VSwitchIds": {"VSwitchId": switches},
        "NatGatewayIds": {"NatGatewayIds": []},
        "DnsHostnameStatus": vpc.dns_hostname_status,
        "DhcpOptionsSetId": "",
        "DhcpOptionsSetStatus": "",
        "OwnerId": int(vpc.account_uid),
        "ResourceGroupId": DEFAULT_RESOURCE_GROUP_ID,
        "Tags": tag_list(vpc.tags),
    }


def vswitch_view(switch: VSwitch, state: State) -> dict[str, Any]:
    """Returns a vSwitch."""
    vpc = state.vpcs[switch.vpc_id]
    return {
        "VSwitchId": switch.vswitch_id,
        "VpcId": switch.vpc_id,
        "ZoneId": switch.zone_id,
        "Status": switch.status,
        "VSwitchName": switch.name,
        "Description": switch.description,
        "CidrBlock": str(switch.cidr),
        "Ipv6CidrBlock": "",
        "EnabledIpv6": False,
        "AvailableIpAddressCount": switch.usable_count - len(state.instances_in(switch.vswitch_id)),
        "CreationTime": to_seconds(switch.created),
        "IsDefault": False,
        "NetworkAclId": "",
        "OwnerId": int(switch.account_uid),
        "ResourceGroupId": DEFAULT_RESOURCE_GROUP_ID,
        "RouteTable": {"RouteTableId": vpc.route_table.route_table_id, "RouteTableType": "System"},
        "ShareType": "",
        "Tags": tag_list(switch.tags),
    }


def route_table_view(vpc: Vpc, state: State) -> dict[str, Any]:
    """Returns the system route table of a VPC."""
    table = vpc.route_table
    switches = [switch.vswitch_id for switch in state.vswitches.values() if switch.vpc_id == vpc.vpc_id]
    return {
        "RouteTableId": table.route_table_id,
        "RouteTableName": table.name,
        "RouteTableType": "System",
        "Description": table.description,
        "RoutePropagationEnable": table.propagation,
        "VpcId": vpc.vpc_id,
        "RouterId": vpc.router_id,
        "RouterType": "VRouter",
        "AssociateType": "VSwitch",
        "VSwitchIds": {"VSwitchId": switches},
        "GatewayIds": {"GatewayIds": []},
        "Status": "Available",
        "CreationTime": to_seconds(vpc.created),
        "OwnerId": int(vpc.account_uid),
        "ResourceGroupId": DEFAULT_RESOURCE_GROUP_ID,
        "Tags": tag_list({}),
    }


def eip_view(eip: Eip) -> dict[str, Any]:
    """Returns an EIP."""
    return {
        "AllocationId": eip.allocation_id,
        "IpAddress": eip.address,
        "Name": eip.name,
        "Description": eip.description,
        "Status": eip.status,
        "BusinessStatus": "Normal",
        "RegionId": eip.region_id,
        "Bandwidth": str(eip.bandwidth_mbps),
        "EipBandwidth": str(eip.bandwidth_mbps),
        "InternetChargeType": eip.internet_charge_type,
        "ChargeType": "PostPaid",
        "ISP": eip.isp,
        "Netmode": "public",
        "InstanceId": eip.instance_id,
        "InstanceType": "EcsInstance" if eip.instance_id else "",
        "InstanceRegionId": eip.region_id if eip.instance_id else "",
        "PrivateIpAddress": "",  # told only for an EIP of a network interface
        "Mode": "NAT" if eip.instance_id else "",
        "DeletionProtection": eip.deletion_protection,
        "HDMonitorStatus": "OFF",
        "SecondLimited": False,
        "ServiceManaged": 0,
        "AllocationTime": to_seconds(eip.created),
        "ExpiredTime": "",
        "ResourceGroupId": DEFAULT_RESOURCE_GROUP_ID,
        "OperationLocks": {"LockReason": []},
        "Tags": tag_list(eip.tags),
    }
