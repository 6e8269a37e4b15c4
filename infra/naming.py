"""Names and tags that the cloud shows. Pure.

Pulumi's logical names are not made here: they never leave the program.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from infra.errors import ProgramError

# What VPC, vSwitch, security group, instance and EIP all accept: a letter first, then letters, digits,
# `.`, `_` and `-`. Source: the provider's pages of these resources (v1.285.0).
PHYSICAL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{1,127}")

# The strictest of the services: ECS forbids only `acs:` in front.
# Source: https://help.aliyun.com/en/vpc/developer-reference/api-vpc-2016-04-28-tagresources-vpc and
# https://help.aliyun.com/en/ecs/developer-reference/api-ecs-2014-05-26-runinstances (2026-11-23)
TAG_VALUE_MAX_CHARACTERS = 128
_NOT_IN_FRONT = ("aliyun", "acs:")
_NOT_WITHIN = ("http://", "https://")
_DIGEST_CHARACTERS = 8


class NamingError(ProgramError):
    """A name that the cloud would not accept."""


def require_tag_value(text: str) -> None:
    """Checks the value of a tag; none is fine.

    Raises:
        ValueError: When the cloud would not accept it, or people could not read it.
    """
    if len(text) > TAG_VALUE_MAX_CHARACTERS or not text.isprintable() or text != text.strip():
        raise ValueError(
            f"must have at most {TAG_VALUE_MAX_CHARACTERS} printable characters, no space first or last"
        )
    if text.lower().startswith(_NOT_IN_FRONT) or any(word in text.lower() for word in _NOT_WITHIN):
        raise ValueError(
            "is no value of a tag: it must not begin with `aliyun` or `acs:`, nor hold `http://` or `https://`"
        )


def shortened(name: str, most: int, *, plain: str = "") -> str:
    """Returns a name of at most so many characters, as it is where it can be.

    Args:
        name: The whole name.
        most: How many characters it may have, more than 9.
        plain: The same without characters that may not be in it; empty where all may.

    Returns:
        The name, or as much of it as there is room for, and a digest of the whole.
    """
    kept = plain or name
    if kept == name and len(name) <= most:
        return name
    digest = sha256(name.encode()).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{kept[: most - _DIGEST_CHARACTERS - 1]}-{digest}"


@dataclass(frozen=True, kw_only=True)
class Naming:
    """Makes the names and tags of one stack.

    Attributes:
        project: Pulumi's project name.
        stack: Pulumi's stack name.
        owner: Who answers for the stack, for the tag of that name; empty for no such tag.
    """

    project: str
    stack: str
    owner: str = ""

    def physical(self, role: str) -> str:
        """Returns the name that the cloud shows for a resource, ``PROJECT-STACK-ROLE``.

        Raises:
            NamingError: When the cloud would not accept it.
        """
        name = f"{self.project}-{self.stack}-{role}"
        if not PHYSICAL_NAME.fullmatch(name):
            raise NamingError(
                f"{name!r} is no name for a cloud resource: 2 to 128 letters, digits, `.`, `_` and `-`, "
                "a letter first",
                fix="choose a shorter or plainer stack name: pulumi stack init NAME.",
            )
        return name

    def tags(self) -> dict[str, str]:
        """Returns the tags of every resource that takes tags; orphans are found by them."""
        tags = {"managed-by": "pulumi", **self.identity()}
        return {**tags, "owner": self.owner} if self.owner else tags

    def identity(self) -> dict[str, str]:
        """Returns the tags that tell this stack from every other one."""
        return {"project": self.project, "stack": self.stack}
