"""Tags of roles and policies.

RAM names resources by their names, in a list in JSON. Tags come as JSON or numbered, from the alicloud
provider (v1.285.0) as from the official SDK (1.3.0); both are read.
"""

from __future__ import annotations

import json

from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import invalid_parameter, missing_parameter
from localcloud.rpc.params import Params
from localcloud.services.context import Call, Handler
from localcloud.services.ram.records import own_policy, own_role
from localcloud.services.tags import TAGS_PER_RESOURCE, read_tags


def given_tags(params: Params) -> dict[str, str]:
    """Reads the parameter Tag.

    Raises:
        ApiError: ``InvalidParameter`` or the errors of ``read_tags``.
    """
    text = params.text("Tag")
    if not text:
        return read_tags(params)
    try:
        pairs = [(item["Key"], item.get("Value", "")) for item in json.loads(text)]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise invalid_parameter("Tag") from None
    flat: dict[str, str] = {}
    for number, (key, value) in enumerate(pairs, start=1):
        flat |= {f"Tag.{number}.Key": str(key), f"Tag.{number}.Value": str(value)}
    return read_tags(Params(flat))


async def tag_resources(call: Call) -> Answer:
    """Adds tags to roles or policies, or gives tags other values."""
    added = given_tags(call.params)
    if not added:
        raise missing_parameter("Tag")
    found = _named(call)
    for tags in found.values():
        if len(tags.keys() | added.keys()) > TAGS_PER_RESOURCE:
            raise invalid_parameter("Tag", f"A resource can have {TAGS_PER_RESOURCE} tags.")
    for tags in found.values():
        tags.update(added)
    return {}


async def untag_resources(call: Call) -> Answer:
    """Takes tags away from roles or policies."""
    keys = call.params.json_items("TagKeys") or call.params.items("TagKey")
    for tags in _named(call).values():
        for key in list(tags) if call.params.flag("All") else keys:
            tags.pop(key, None)
    return {}


async def list_tag_resources(call: Call) -> Answer:
    """Lists the tags of roles or policies."""
    kind = call.params.require("ResourceType").lower()
    rows = [
        {"ResourceType": kind, "ResourceName": name, "TagKey": key, "TagValue": value}
        for name, tags in _named(call).items()
        for key, value in tags.items()
    ]
    return {"IsTruncated": False, "TagResources": rows}


def _named(call: Call) -> dict[str, dict[str, str]]:
    params = call.params
    kind = params.require("ResourceType").lower()
    names = params.json_items("ResourceNames")
    if not names:
        raise missing_parameter("ResourceNames")
    if kind not in ("role", "policy"):
        raise invalid_parameter("ResourceType", "Roles and policies are modelled.")
    own = own_role if kind == "role" else own_policy
    return {name: own(call, name).tags for name in names}


ACTIONS: dict[str, Handler] = {
    "TagResources": tag_resources,
    "UntagResources": untag_resources,
    "ListTagResources": list_tag_resources,
}
