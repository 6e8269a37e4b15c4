"""vSwitches."""

from __future__ import annotations

from ipaddress import IPv4Network

from localcloud.fabric.protocol import FabricError, VSwitchSpec
from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError, not_modelled
from localcloud.services.context import Call, Handler
from localcloud.services.ids import new_id
from localcloud.services.names import read_description, read_name
from localcloud.services.paging import page
from localcloud.services.regions import REGIONS
from localcloud.services.tags import matches, read_tags
from localcloud.services.vpc import errors
from localcloud.services.vpc.models import Vpc, VSwitch
from localcloud.services.vpc.networks import find_vpc
from localcloud.services.vpc.views import vswitch_view

# Source: https://help.aliyun.com/en/vpc/developer-reference/api-vpc-2016-04-28-createvswitch (2026-11-23).
_SHORTEST_PREFIX, _LONGEST_PREFIX = 16, 29
_LARGEST_PAGE = 50


async def create_vswitch(call: Call) -> Answer:
    """Makes a vSwitch in an available VPC; it is Pending until its subnet is there."""
    params, env = call.params, call.env
    vpc = find_vpc(call)
    if params.text("Ipv6CidrBlock") or params.text("VpcIpv6CidrBlock"):
        raise not_modelled("Ipv6CidrBlock", "networks are IPv4 only")
    zone_id = params.require("ZoneId")
    if zone_id not in REGIONS[vpc.region_id].zones:
        raise errors.zone_not_found()
    if vpc.status != "Available":
        raise errors.vpc_not_ready()
    switch = VSwitch(
        vswitch_id=new_id("vsw", vpc.region_id),
        vpc_id=vpc.vpc_id,
        account_uid=vpc.account_uid,
        region_id=vpc.region_id,
        zone_id=zone_id,
        cidr=_read_cidr(call, vpc),
        created=env.now(),
        name=read_name(params, "VSwitchName"),
        description=read_description(params),
        tags=read_tags(params),
    )
    call.end_dry_run()
    env.state.vswitches[switch.vswitch_id] = switch
    spec = VSwitchSpec(
        vswitch_id=switch.vswitch_id, vpc_id=vpc.vpc_id, zone_id=zone_id, cidr=str(switch.cidr)
    )
    try:
        await env.fabric.create_vswitch(spec)
    except FabricError:
        del env.state.vswitches[switch.vswitch_id]
        raise

    def finish() -> None:
        switch.status = "Available"

    env.background.later(env.delays.vswitch_s, finish)
    return {"VSwitchId": switch.vswitch_id}


async def describe_vswitches(call: Call) -> Answer:
    """Lists vSwitches by id, VPC, zone, name and tags."""
    params, state = call.params, call.env.state
    found = [
        switch
        for switch in call.visible(state.vswitches.values())
        if params.text("VSwitchId") in ("", switch.vswitch_id)
        and params.text("VpcId") in ("", switch.vpc_id)
        and params.text("ZoneId") in ("", switch.zone_id)
        and params.text("VSwitchName") in ("", switch.name)
        and not params.flag("IsDefault")
        and matches(switch.tags, params)
    ]
    shown, fields = page(found, params, largest=_LARGEST_PAGE)
    return {**fields, "VSwitches": {"VSwitch": [vswitch_view(switch, state) for switch in shown]}}


async def describe_vswitch_attributes(call: Call) -> Answer:
    """Shows one vSwitch."""
    return vswitch_view(find_vswitch(call), call.env.state)


async def modify_vswitch_attribute(call: Call) -> Answer:
    """Changes name and description."""
    switch, params = find_vswitch(call), call.params
    if params.flag("EnableIPv6"):
        raise not_modelled("EnableIPv6=true", "networks are IPv4 only")
    if params.given("VSwitchName"):
        switch.name = read_name(params, "VSwitchName")
    if params.given("Description"):
        switch.description = read_description(params)
    return {}


async def delete_vswitch(call: Call) -> Answer:
    """Removes a vSwitch that holds no instance any more."""
    switch, env = find_vswitch(call), call.env
    if switch.status != "Available":
        raise errors.vswitch_not_ready()
    if env.state.instances_in(switch.vswitch_id):
        raise errors.still_used()
    call.end_dry_run()
    del env.state.vswitches[switch.vswitch_id]
    try:
        await env.fabric.delete_vswitch(switch.vswitch_id)
    except FabricError:
        env.state.vswitches[switch.vswitch_id] = switch
        raise
    return {}


def find_vswitch(call: Call) -> VSwitch:
    """Returns the vSwitch that the parameter VSwitchId names.

    Raises:
        ApiError: ``MissingParameter`` or ``InvalidVSwitchId.NotFound``.
    """
    switch = call.find(call.env.state.vswitches, call.params.require("VSwitchId"))
    if switch is None:
        raise errors.vswitch_not_found()
    return switch


def _read_cidr(call: Call, vpc: Vpc) -> IPv4Network:
    try:
        cidr = IPv4Network(call.params.require("CidrBlock"))
    except ValueError:
        raise errors.malformed_cidr() from None
    if not _SHORTEST_PREFIX <= cidr.prefixlen <= _LONGEST_PREFIX:
        raise errors.malformed_cidr()
    if not cidr.subnet_of(vpc.cidr):
        raise ApiError("InvalidParameter", "Specified CIDR block is not valid in VPC.")
    siblings = (other for other in call.env.state.vswitches.values() if other.vpc_id == vpc.vpc_id)
    if any(cidr.overlaps(other.cidr) for other in siblings):
        raise ApiError("InvalidCidrBlock.Overlapped", "Specified CIDR block overlapped with other subnets.")
    return cidr


ACTIONS: dict[str, Handler] = {
    "CreateVSwitch": create_vswitch,
    "DescribeVSwitches": describe_vswitches,
    "DescribeVSwitchAttributes": describe_vswitch_attributes,
    "ModifyVSwitchAttribute": modify_vswitch_attribute,
    "DeleteVSwitch": delete_vswitch,
}
