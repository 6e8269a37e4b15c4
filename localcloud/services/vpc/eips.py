"""EIPs as records: allocation, description, change, release."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError, invalid_parameter, not_modelled
from localcloud.services.context import Call, Handler
from localcloud.services.ids import DEFAULT_RESOURCE_GROUP_ID, new_id
from localcloud.services.names import read_description, read_name
from localcloud.services.paging import page
from localcloud.services.state import State
from localcloud.services.tags import matches, read_tags
from localcloud.services.vpc import errors
from localcloud.services.vpc.models import Eip
from localcloud.services.vpc.views import eip_view

# A documentation network: no real host has these addresses. The first ones are left to routers.
EIP_NETWORK = IPv4Network("203.0.113.0/24")
_FIRST_EIP = EIP_NETWORK.network_address + 10

# Source: https://help.aliyun.com/en/eip/developer-reference/api-vpc-2016-04-28-allocateeipaddress-eips
# (2026-11-23). Mbit/s, by charge type.
DEFAULT_BANDWIDTH_MBPS = 5
LARGEST_BANDWIDTH_MBPS = {"PayByTraffic": 200, "PayByBandwidth": 500}
_LARGEST_PAGE = 100


async def allocate_eip_address(call: Call) -> Answer:
    """Takes an address out of the pool."""
    params, env = call.params, call.env
    if params.choice("InstanceChargeType", ("PostPaid", "PrePaid"), "PostPaid") == "PrePaid":
        raise not_modelled("InstanceChargeType=PrePaid", "use PostPaid")
    charge_type = params.choice("InternetChargeType", tuple(LARGEST_BANDWIDTH_MBPS), "PayByBandwidth")
    region_id = call.region_id
    eip = Eip(
        allocation_id=new_id("eip", region_id),
        account_uid=call.key.account_uid,
        region_id=region_id,
        address=_take_address(env.state, params.text("IpAddress")),
        bandwidth_mbps=_read_bandwidth(call, charge_type, DEFAULT_BANDWIDTH_MBPS),
        internet_charge_type=charge_type,
        created=env.now(),
        isp=params.choice("ISP", ("BGP", "BGP_PRO"), "BGP"),
        name=read_name(params, "Name"),
        description=read_description(params),
        tags=read_tags(params),
    )
    env.state.eips[eip.allocation_id] = eip
    return {
        "AllocationId": eip.allocation_id,
        "EipAddress": eip.address,
        "ResourceGroupId": DEFAULT_RESOURCE_GROUP_ID,
    }


async def describe_eip_addresses(call: Call) -> Answer:
    """Lists EIPs by ids and addresses (separated by commas), instance, status, name and tags."""
    params, state = call.params, call.env.state
    ids = set(filter(None, params.text("AllocationId").split(",")))
    addresses = set(filter(None, params.text("EipAddress").split(",")))
    found = [
        eip
        for eip in call.visible(state.eips.values())
        if (not ids or eip.allocation_id in ids)
        and (not addresses or eip.address in addresses)
        and params.text("AssociatedInstanceId") in ("", eip.instance_id)
        and params.text("AssociatedInstanceType") in ("", "EcsInstance")
        and params.text("Status") in ("", eip.status)
        and params.text("EipName") in ("", eip.name)
        and matches(eip.tags, params)
    ]
    shown, fields = page(found, params, largest=_LARGEST_PAGE)
    return {**fields, "EipAddresses": {"EipAddress": [eip_view(eip) for eip in shown]}}


async def modify_eip_address_attribute(call: Call) -> Answer:
    """Changes name, description and bandwidth; a new bandwidth counts at once."""
    eip, params, env = find_eip(call), call.params, call.env
    if eip.status not in ("Available", "InUse"):
        raise errors.eip_busy()
    bandwidth = _read_bandwidth(call, eip.internet_charge_type, eip.bandwidth_mbps)
    name = read_name(params, "Name") if params.given("Name") else eip.name
    description = read_description(params) if params.given("Description") else eip.description
    if bandwidth != eip.bandwidth_mbps and eip.instance_id:
        await env.fabric.bind_eip(eip.address, eip.instance_id, bandwidth)
    eip.bandwidth_mbps, eip.name, eip.description = bandwidth, name, description
    return {}


async def deletion_protection(call: Call) -> Answer:
    """Switches the deletion protection of an EIP."""
    if call.params.require("Type") != "EIP":
        raise not_modelled("Type", "only EIPs can be protected by this action")
    eip = call.find(call.env.state.eips, call.params.require("InstanceId"))
    if eip is None:
        raise errors.eip_not_found()
    call.params.require("ProtectionEnable")
    eip.deletion_protection = call.params.flag("ProtectionEnable")
    return {}


async def release_eip_address(call: Call) -> Answer:
    """Gives an address back that leads nowhere any more."""
    eip = find_eip(call)
    if eip.status != "Available":
        raise errors.eip_busy()
    if eip.deletion_protection:
        # Source: https://help.aliyun.com/en/eip/developer-reference/api-vpc-2016-04-28-releaseeipaddress-eips
        # (2026-11-23); there the text has two slips of the pen.
        message = "The instance cannot be deleted because of deletion protection."
        raise ApiError("InvalidOperation.DeletionProtection", message)
    del call.env.state.eips[eip.allocation_id]
    return {}


def find_eip(call: Call) -> Eip:
    """Returns the EIP that the parameter AllocationId names.

    Raises:
        ApiError: ``MissingParameter`` or ``InvalidAllocationId.NotFound``.
    """
    eip = call.find(call.env.state.eips, call.params.require("AllocationId"))
    if eip is None:
        raise errors.eip_not_found()
    return eip


def _read_bandwidth(call: Call, charge_type: str, default: int) -> int:
    return call.params.integer("Bandwidth", default, low=1, high=LARGEST_BANDWIDTH_MBPS[charge_type])


def _take_address(state: State, wanted: str) -> str:
    taken = {eip.address for eip in state.eips.values()}
    if wanted:
        try:
            address = IPv4Address(wanted)
        except ValueError:
            raise invalid_parameter("IpAddress") from None
        if not _FIRST_EIP <= address < EIP_NETWORK.broadcast_address or wanted in taken:
            raise invalid_parameter("IpAddress", "It is not a free address of the pool.")
        return wanted
    for number in range(int(_FIRST_EIP), int(EIP_NETWORK.broadcast_address)):
        text = str(IPv4Address(number))
        if text not in taken:
            return text
    raise ApiError("QuotaExceeded.Eip", "Elastic IP address quota exceeded.")


ACTIONS: dict[str, Handler] = {
    "AllocateEipAddress": allocate_eip_address,
    "DescribeEipAddresses": describe_eip_addresses,
    "ModifyEipAddressAttribute": modify_eip_address_attribute,
    "DeletionProtection": deletion_protection,
    "ReleaseEipAddress": release_eip_address,
}
