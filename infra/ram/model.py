"""What a right is, and what rights can be limited to. Pure."""

from __future__ import annotations

from dataclasses import dataclass

# What an action can be limited to. `everything` is for actions that RAM does not limit to single resources:
# for those, only `*` has an effect.
EVERYTHING = "*"
# OSS takes no region in a RAM policy.
BUCKET = "acs:oss:*:{account}:{bucket}"
BUCKETS = "acs:oss:*:{account}:*"
VPCS = "acs:vpc:{region}:{account}:vpc/*"
VSWITCHES = "acs:vpc:{region}:{account}:vswitch/*"
ROUTE_TABLES = "acs:vpc:{region}:{account}:routetable/*"
EIPS = "acs:vpc:{region}:{account}:eip/*"
INSTANCES = "acs:ecs:{region}:{account}:instance/*"
DISKS = "acs:ecs:{region}:{account}:disk/*"
INTERFACES = "acs:ecs:{region}:{account}:eni/*"
SECURITY_GROUPS = "acs:ecs:{region}:{account}:securitygroup/*"
DOMAIN = "acs:alidns:*:{account}:domain/{zone}"
ROLE = "acs:ram:*:{account}:role/{role}"
ROLES = "acs:ram:*:{account}:role/*"
ROLE_POLICY = "acs:ram:*:{account}:policy/{role}"
ROLE_POLICIES = "acs:ram:*:{account}:policy/*"
IMAGES = "acs:ecs:{region}:{account}:image/*"


@dataclass(frozen=True)
class Right:
    """One action.

    Attributes:
        action: As RAM calls it, for example ``vpc:CreateVpc``.
        on: ARNs with the names ``account``, ``region``, ``bucket``, ``zone`` and ``role`` in braces.
        why: What it is called for.
        preview: Whether a preview needs it too; the deployer needs every one.
    """

    action: str
    on: tuple[str, ...]
    why: str
    preview: bool = False


@dataclass(frozen=True)
class Group:
    """The actions of one subject.

    Attributes:
        subject: What they are about.
        rights: The actions.
        feature: The feature without which none of them is needed, or None.
    """

    subject: str
    rights: tuple[Right, ...]
    feature: str | None = None


def reads(why: str, on: tuple[str, ...], *actions: str) -> tuple[Right, ...]:
    """Returns rights of previews and deployers alike: what the actions are for, on what, the actions."""
    return tuple(Right(action, on, why, preview=True) for action in actions)


def writes(why: str, on: tuple[str, ...], *actions: str) -> tuple[Right, ...]:
    """Returns rights of deployers alone: what the actions are for, on what, the actions."""
    return tuple(Right(action, on, why) for action in actions)
