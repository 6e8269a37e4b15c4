"""Finding the caller's roles and policies, and showing lists of them by marker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from localcloud.ram.roles import ManagedPolicy, Role
from localcloud.rpc.errors import invalid_parameter, not_modelled
from localcloud.services.context import Call
from localcloud.services.ram.errors import no_policy, no_role

_Item = TypeVar("_Item")
_ITEMS, _ITEMS_MAX = 100, 1000


def own_role(call: Call, name: str | None = None) -> Role:
    """Returns the caller's role of a name, by default the parameter RoleName's.

    Raises:
        ApiError: ``MissingParameter`` or ``EntityNotExist.Role``.
    """
    name = call.params.require("RoleName") if name is None else name
    role = call.env.state.ram.roles.get((call.key.account_uid, name))
    if role is None:
        raise no_role(name)
    return role


def own_policy(call: Call, name: str | None = None) -> ManagedPolicy:
    """Returns the caller's custom policy of a name, by default the parameter PolicyName's.

    Raises:
        ApiError: ``MissingParameter``, ``EntityNotExist.Policy``, or ``UnsupportedParameter`` for the
            vendor's own policies.
    """
    if call.params.choice("PolicyType", ("Custom", "System"), "Custom") == "System":
        raise not_modelled("PolicyType=System", "make a custom policy of the rights that are needed")
    name = call.params.require("PolicyName") if name is None else name
    policy = call.env.state.ram.policies.get((call.key.account_uid, name))
    if policy is None:
        raise no_policy(name)
    return policy


def by_marker(call: Call, items: Sequence[_Item]) -> tuple[Sequence[_Item], dict[str, Any]]:
    """Returns the part of a list that is asked for, and the fields that lead to the next.

    Raises:
        ApiError: ``InvalidParameter``.
    """
    marker = call.params.text("Marker", "0")
    if not (marker.isascii() and marker.isdigit()):
        raise invalid_parameter("Marker")
    start = int(marker)
    end = start + call.params.integer("MaxItems", _ITEMS, low=1, high=_ITEMS_MAX)
    more = end < len(items)
    return items[start:end], {"IsTruncated": more, **({"Marker": str(end)} if more else {})}
