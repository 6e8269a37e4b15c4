"""The actions of ECS."""

from __future__ import annotations

from localcloud.rpc.answer import Answer
from localcloud.services.assistant import handlers as assistant
from localcloud.services.context import Call, Handler
from localcloud.services.ecs import changes, disks, groups, images, instances, launch, offers, roles, rules
from localcloud.services.paging import page
from localcloud.services.regions import describe_regions
from localcloud.services.tags import tag_actions, unknown_resource_type


def _find_tags(call: Call, resource_type: str, resource_id: str) -> dict[str, str] | None:
    state = call.env.state
    match resource_type.lower():
        case "instance":
            instance = call.find(state.instances, resource_id)
            return instance.tags if instance else None
        case "disk":
            disk = call.find(state.disks, resource_id)
            return disk.tags if disk else None
        case "eni":
            owners = call.visible(state.instances.values())
            return next((item.interface_tags for item in owners if item.interface_id == resource_id), None)
        case "securitygroup":
            group = call.find(state.security_groups, resource_id)
            return group.tags if group else None
        case "image":
            # System images belong to nobody who could tag them.
            return {} if resource_id in state.images else None
        case _:
            raise unknown_resource_type()


async def describe_tags(call: Call) -> Answer:
    """Lists the tags of one resource: the older form of ListTagResources."""
    params = call.params
    tags = _find_tags(call, params.require("ResourceType"), params.require("ResourceId")) or {}
    shown, fields = page(list(tags.items()), params, default=50)
    return {**fields, "Tags": {"Tag": [{"TagKey": key, "TagValue": value} for key, value in shown]}}


ACTIONS: dict[str, Handler] = {
    "DescribeRegions": describe_regions,
    "DescribeTags": describe_tags,
    **offers.ACTIONS,
    **images.ACTIONS,
    **launch.ACTIONS,
    **instances.ACTIONS,
    **changes.ACTIONS,
    **disks.ACTIONS,
    **groups.ACTIONS,
    **roles.ACTIONS,
    **rules.ACTIONS,
    **assistant.ACTIONS,
    **tag_actions(_find_tags, untag="UntagResources"),
}
