"""Names and tags that the cloud shows. Pure.

Pulumi's logical names are not made here: they never leave the program.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from infra.errors import ProgramError

# What VPC, vSwitch, security group, instance and EIP all accept: a letter first, then letters, digits,
# `.`, `_` and `-`. Source: the provider's pages of these resources (v1.285.0).
PHYSICAL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{1,127}")


class NamingError(ProgramError):
    """A name that the cloud would not accept."""


@dataclass(frozen=True, kw_only=True)
class Naming:
    """Makes the names and tags of one stack.

    Attributes:
        project: Pulumi's project name.
        stack: Pulumi's stack name.
    """

    project: str
    stack: str

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
        return {"managed-by": "pulumi", **self.identity()}

    def identity(self) -> dict[str, str]:
        """Returns the tags that tell this stack from every other one."""
        return {"project": self.project, "stack": self.stack}
