"""Tags: reading them from requests, their limits, filters, and the three actions on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError, invalid_parameter, missing_parameter
from localcloud.rpc.params import Params
from localcloud.services.context import Call, Handler

# Source: https://help.aliyun.com/en/ecs/developer-reference/api-ecs-2014-05-26-tagresources (2026-11-23).
TAGS_PER_RESOURCE = 20
TAG_KEY_CHARACTERS = 128
TAG_VALUE_CHARACTERS = 128
_RESERVED = ("aliyun", "acs:")
_LINKS = ("http://", "https://")

# Returns the tags of the caller's resource of a type with an id, to be read or changed; None when the
# resource does not exist. A type that does not exist raises.
TagFinder = Callable[[Call, str, str], dict[str, str] | None]


def read_tags(params: Params) -> dict[str, str]:
    """Reads ``Tag.N.Key`` and ``Tag.N.Value``.

    Raises:
        ApiError: ``InvalidTagKey.Malformed``, ``InvalidTagValue.Malformed`` or ``NumberExceed.Tags``.
    """
    tags = {}
    for item in params.groups("Tag"):
        key, value = item.text("Key"), item.text("Value")
        if not key or len(key) > TAG_KEY_CHARACTERS or key.startswith((*_RESERVED, *_LINKS)):
            raise ApiError("InvalidTagKey.Malformed", "The specified Tag.n.Key is not valid.")
        if len(value) > TAG_VALUE_CHARACTERS or value.startswith(_LINKS):
            raise ApiError("InvalidTagValue.Malformed", "The specified Tag.n.Value is not valid.")
        tags[key] = value
    _check_count(tags)
    return tags


def matches(tags: Mapping[str, str], params: Params) -> bool:
    """Whether a resource has all tags asked for; a key alone matches any value."""
    return all(
        tags.get(item.text("Key")) == item.text("Value") if item.given("Value") else item.text("Key") in tags
        for item in params.groups("Tag")
    )


def tag_actions(find: TagFinder, *, untag: str) -> dict[str, Handler]:
    """Returns the handlers that read and change tags.

    Args:
        find: Finds a resource's tags.
        untag: How the service spells the action that removes tags: ECS and VPC differ.
    """

    def tags_of(call: Call, resource_id: str) -> dict[str, str]:
        tags = find(call, call.params.require("ResourceType"), resource_id)
        if tags is None:
            raise ApiError(
                "InvalidResourceId.NotFound", "The specified ResourceIds are not found in our records.", 404
            )
        return tags

    def resource_ids(call: Call) -> list[str]:
        ids = call.params.items("ResourceId")
        if not ids:
            raise missing_parameter("ResourceId.N")
        return ids

    async def tag_resources(call: Call) -> Answer:
        wanted = read_tags(call.params)
        if not wanted:
            raise missing_parameter("Tag.N")
        found = [tags_of(call, resource_id) for resource_id in resource_ids(call)]
        for tags in found:
            _check_count({**tags, **wanted})
        for tags in found:
            tags.update(wanted)
        return {}

    async def untag_resources(call: Call) -> Answer:
        keys = call.params.items("TagKey")
        everything = call.params.flag("All")
        if not keys and not everything:
            raise missing_parameter("TagKey.N")
        for tags in [tags_of(call, resource_id) for resource_id in resource_ids(call)]:
            for key in list(tags) if everything and not keys else keys:
                tags.pop(key, None)
        return {}

    async def list_tag_resources(call: Call) -> Answer:
        resource_type = call.params.require("ResourceType")
        rows = []
        for resource_id in resource_ids(call):
            tags = find(call, resource_type, resource_id) or {}
            if matches(tags, call.params):
                rows += [
                    {
                        "ResourceType": resource_type,
                        "ResourceId": resource_id,
                        "TagKey": key,
                        "TagValue": value,
                    }
                    for key, value in tags.items()
                ]
        return {"NextToken": "", "TagResources": {"TagResource": rows}}

    return {
        "TagResources": tag_resources,
        untag: untag_resources,
        "ListTagResources": list_tag_resources,
    }


def unknown_resource_type() -> ApiError:
    """The type is none that can be tagged here."""
    return invalid_parameter("ResourceType")


def _check_count(tags: Mapping[str, str]) -> None:
    if len(tags) > TAGS_PER_RESOURCE:
        raise ApiError("NumberExceed.Tags", "The maximum number of tags is exceeded.")
