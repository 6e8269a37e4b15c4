"""Contact groups: an account has the cloud's own one, and those that it makes.

Contacts themselves cannot be made: only people can confirm an address.
"""

from __future__ import annotations

from datetime import UTC, datetime

from localcloud.rpc.answer import Answer
from localcloud.services.cms.errors import contact_group_not_found, contact_not_found
from localcloud.services.cms.models import DEFAULT_CONTACT, ContactGroup
from localcloud.services.cms.views import group_view
from localcloud.services.context import Call, Handler

DONE = {"Success": True, "Code": "200", "Message": "success"}
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def groups_of(call: Call) -> dict[str, ContactGroup]:
    """Returns the caller's contact groups by name."""
    uid = call.key.account_uid
    default = ContactGroup(
        name=DEFAULT_CONTACT,
        account_uid=uid,
        description="",
        contacts=(DEFAULT_CONTACT,),
        created=_LONG_AGO,
        changed=_LONG_AGO,
    )
    made = (group for group in call.env.state.contact_groups.values() if group.account_uid == uid)
    return {group.name: group for group in (default, *made)}


async def put_contact_group(call: Call) -> Answer:
    """Makes a contact group, or changes it.

    Raises:
        ApiError: ``ContactNotExists``.
    """
    name, uid, now = call.params.require("ContactGroupName"), call.key.account_uid, call.env.now()
    contacts = tuple(call.params.items("ContactNames"))
    for contact in contacts:
        if contact != DEFAULT_CONTACT:
            raise contact_not_found(contact)
    known = call.env.state.contact_groups.get((uid, name))
    call.env.state.contact_groups[uid, name] = ContactGroup(
        name=name,
        account_uid=uid,
        description=call.params.text("Describe"),
        contacts=contacts,
        created=known.created if known else now,
        changed=now,
    )
    return DONE


async def delete_contact_group(call: Call) -> Answer:
    """Removes a contact group.

    Raises:
        ApiError: ``ContactGroupNotExists``.
    """
    name = call.params.require("ContactGroupName")
    if call.env.state.contact_groups.pop((call.key.account_uid, name), None) is None:
        raise contact_group_not_found(name)
    return DONE


async def describe_contact_group_list(call: Call) -> Answer:
    """Lists the caller's contact groups."""
    groups = list(groups_of(call).values())
    size = call.params.integer("PageSize", 10, low=1, high=100)
    start = (call.params.integer("PageNumber", 1, low=1) - 1) * size
    shown = groups[start : start + size]
    return {
        **DONE,
        "ContactGroups": {"ContactGroup": [group.name for group in shown]},
        "ContactGroupList": {"ContactGroup": [group_view(group) for group in shown]},
        "Total": len(groups),
    }


ACTIONS: dict[str, Handler] = {
    "DeleteContactGroup": delete_contact_group,
    "DescribeContactGroupList": describe_contact_group_list,
    "PutContactGroup": put_contact_group,
}
