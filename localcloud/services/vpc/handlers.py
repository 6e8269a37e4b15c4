"""The actions of VPC."""

from __future__ import annotations

from localcloud.services.context import Call, Handler
from localcloud.services.regions import describe_regions
from localcloud.services.tags import tag_actions, unknown_resource_type
from localcloud.services.vpc import bindings, eips, networks, switches


def _find_tags(call: Call, resource_type: str, resource_id: str) -> dict[str, str] | None:
    state = call.env.state
    match resource_type.upper():
        case "VPC":
            vpc = call.find(state.vpcs, resource_id)
            return vpc.tags if vpc else None
        case "VSWITCH":
            switch = call.find(state.vswitches, resource_id)
            return switch.tags if switch else None
        case "EIP":
            eip = call.find(state.eips, resource_id)
            return eip.tags if eip else None
        case _:
            raise unknown_resource_type()


ACTIONS: dict[str, Handler] = {
    "DescribeRegions": describe_regions,
    **networks.ACTIONS,
    **switches.ACTIONS,
    **eips.ACTIONS,
    **bindings.ACTIONS,
    **tag_actions(_find_tags, untag="UnTagResources"),
}
