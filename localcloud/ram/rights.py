"""Which rights a call needs: RAM actions, each on resources.

`localcloud.ram.tables` says it for each call in short form; here the short form meets the call.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from localcloud.ram.tables import CODES, PASSING, TABLES
from localcloud.rpc.params import Params

_PLACE = re.compile(r"\{(\w+)(\.N|\[\])?\}")
_EVERYTHING = "*"


@dataclass(frozen=True, kw_only=True)
class Right:
    """An action on one resource.

    Attributes:
        action: For example ``vpc:CreateVpc``.
        resource: An ARN, in which ``*`` stands for what is not known before the call; or ``*`` alone where
            the action is not for single resources, and then only a policy's ``*`` fits.
    """

    action: str
    resource: str


def rights_for(
    product: str, api: str, params: Params, *, region_id: str | None, account_uid: str
) -> list[Right]:
    """Returns the rights that a call needs, all of them; none for a call that everybody may make.

    A call that no table names needs the action of its own name on everything.

    Args:
        product: For example ``vpc``.
        api: The call's name, for example ``CreateVpc``.
        params: The call's parameters.
        region_id: The region that it is about, if any.
        account_uid: The account whose resources it is about.
    """
    code = CODES.get(product, product)
    needs = TABLES.get(product, {}).get(api, (_EVERYTHING,))
    action = f"{code}:{api}"
    rights = []
    for need in needs:
        if need == _EVERYTHING:
            rights.append(Right(action=action, resource=_EVERYTHING))
            continue
        owner, _, path = need.rpartition(":")
        start = f"acs:{owner or code}:{region_id or '*'}:{account_uid}:"
        rights += [Right(action=action, resource=start + filled) for filled in _fill(path, params)]
    if (product, api) in PASSING and params.text("RamRoleName"):
        role = f"acs:ram:*:{account_uid}:role/{params.text('RamRoleName')}"
        rights.append(Right(action="ram:PassRole", resource=role))
    return rights


def _fill(path: str, params: Params) -> Iterable[str]:
    """Puts the call's parameters into a path; one path for each value of a list."""
    pieces = _PLACE.split(path)
    # The text between places, then name and kind of each place: groups of three.
    choices: list[list[str]] = []
    for at in range(0, len(pieces) - 1, 3):
        text, name, kind = pieces[at : at + 3]
        choices += [[text], _values(name, kind, params)]
    choices.append([pieces[-1]])
    return ("".join(chosen) for chosen in itertools.product(*choices))


def _values(name: str, kind: str | None, params: Params) -> list[str]:
    if kind == ".N":
        found = params.items(name)
    elif kind == "[]":
        found = params.json_items(name) or []
    else:
        found = [params.text(name)]
    # The types of resources stand in lower case in ARNs, whatever the call's spelling.
    values = [value.lower() if name == "ResourceType" else value for value in found if value]
    return values or ["*"]
