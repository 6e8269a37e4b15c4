"""Resources as the cloud lists them, and which of them are orphans of a stack. Pure.

An interrupted update leaves only what nothing else rests on: whatever is made on top of a resource is made
after the state knows that. So an orphan lies in resources that the state knows, and nothing uses it. A
resource with this stack's tags that is otherwise belongs to a stack of the same name whose state is
elsewhere, and is never offered for deletion.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from infra.naming import Naming


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of resource that takes tags, and how its API names what is in a list of them.

    Attributes:
        role: Its role in names, as ``Naming.physical`` has it.
        pulumi_type: Its type in Pulumi's state.
        id_key: Where its id is, and what a deletion names it by.
        name_key: Where its name is.
        within: Where the ids of what it lies in are.
        used_by: Where the ids or numbers of what rests on it are.
        tagged_late: Whether its creating call takes no tags, so that a kill may come before them.
    """

    role: str
    pulumi_type: str
    id_key: str
    name_key: str
    within: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()
    tagged_late: bool = False


VPC = Kind(
    role="vpc",
    pulumi_type="alicloud:vpc/network:Network",
    id_key="VpcId",
    name_key="VpcName",
    used_by=("VSwitchIds",),
)
VSWITCH = Kind(
    role="vswitch",
    pulumi_type="alicloud:vpc/switch:Switch",
    id_key="VSwitchId",
    name_key="VSwitchName",
    within=("VpcId",),
    tagged_late=True,
)
GROUP = Kind(
    role="security-group",
    pulumi_type="alicloud:ecs/securityGroup:SecurityGroup",
    id_key="SecurityGroupId",
    name_key="SecurityGroupName",
    within=("VpcId",),
    used_by=("EcsCount",),
)
EIP = Kind(
    role="eip",
    pulumi_type="alicloud:ecs/eipAddress:EipAddress",
    id_key="AllocationId",
    name_key="Name",
    used_by=("InstanceId",),
    tagged_late=True,
)
INSTANCE = Kind(
    role="instance",
    pulumi_type="alicloud:ecs/instance:Instance",
    id_key="InstanceId",
    name_key="InstanceName",
    within=("VpcAttributes.VSwitchId",),
)
# That an EIP leads to an instance: no resource of the cloud's, but one of Pulumi's. Its id names both.
BINDING = Kind(
    role="eip-association",
    pulumi_type="alicloud:ecs/eipAssociation:EipAssociation",
    id_key="AllocationId",
    name_key="Name",
    within=("AllocationId", "InstanceId"),
)
# In the order in which they can be deleted.
KINDS = (BINDING, INSTANCE, EIP, GROUP, VSWITCH, VPC)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A resource as the cloud lists it.

    Attributes:
        role: Its kind's role.
        id: Its id.
        name: Its name.
        tags: Its tags.
        within: The ids of what it lies in.
        used: Whether something rests on it.
        protected: Whether it is protected from deletion.
    """

    role: str
    id: str
    name: str
    tags: Mapping[str, str]
    within: Sequence[str] = ()
    used: bool = False
    protected: bool = False

    def __str__(self) -> str:
        untagged = "" if self.tags else ", not tagged yet"
        return f"{self.id} (the {self.role.replace('-', ' ')} {self.name}{untagged})"


def read(kind: Kind, row: Mapping[str, Any]) -> Found:
    """Reads one row of the API's list."""
    tags = row.get("Tags", {}).get("Tag", [])
    return Found(
        role=kind.role,
        id=row[kind.id_key],
        name=row.get(kind.name_key, ""),
        # ECS and VPC spell the members of a tag differently.
        tags={tag.get("TagKey", tag.get("Key")): tag.get("TagValue", tag.get("Value")) for tag in tags},
        within=[str(_at(row, path)) for path in kind.within],
        used=any(_at(row, path) for path in kind.used_by),
        protected=bool(row.get("DeletionProtection")),
    )


def bindings(row: Mapping[str, Any]) -> list[Found]:
    """Reads from a row of the list of EIPs to which instance it leads; none is fine."""
    if not row.get("InstanceId"):
        return []
    found = read(BINDING, row)
    return [replace(found, id=":".join(found.within), protected=False)]


def _at(row: Mapping[str, Any], path: str) -> Any:  # whatever the API has there
    value: Any = row
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    # A list of ids is one member deeper, under the singular of its name.
    return next(iter(value.values()), None) if isinstance(value, Mapping) else value


def belongs(found: Found, naming: Naming) -> bool:
    """Tells whether a resource is one of the stack: by its tags, or by its name where it has no tags yet."""
    if found.tags:
        # The owner's tag says nothing of whose it is, and may have been another then.
        return replace(naming, owner="").tags().items() <= found.tags.items()
    late = {kind.role for kind in KINDS if kind.tagged_late}
    return found.role in late and found.name == naming.physical(found.role)


def orphans(listed: Iterable[Found], known: Collection[str], naming: Naming) -> list[Found]:
    """Returns the stack's resources whose ids its state does not have, in the order of their deletion."""
    order = [kind.role for kind in KINDS]
    own = [one for one in listed if belongs(one, naming) and one.id not in known]
    # Where somebody has led the address elsewhere, that is theirs to know.
    own = [one for one in own if one.role != BINDING.role or is_leftover(one, known)]
    return sorted(own, key=lambda one: order.index(one.role))


def is_leftover(found: Found, known: Collection[str]) -> bool:
    """Tells whether an interrupted update of this very state can have left an orphan: see the module."""
    return not found.used and all(outer in known for outer in found.within)
