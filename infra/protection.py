"""Deletion protection: what the stack remembers of it, and what is refused because of it. Pure.

With the setting ``deletionProtection`` the cloud refuses to release the instance and the EIP, and Pulumi
marks what they stand on as protected, so that a destroy or a replacement is refused in the preview. Two
cases are left, and both would otherwise fail half way, with the EIP already taken from the instance:

- The update that takes the protection off and replaces something. Pulumi allows it. The cloud does not,
  because the instance that it is told to release still has the protection.
- A destroy without its preview. Pulumi then refuses each protected resource by itself, and deletes the rest.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from infra.errors import ProgramError

# The settings that replace a protected resource when they change; docs/changes.md says which.
REPLACING = (
    "vpcCidr",
    "vswitchCidr",
    "privateIp",
    "zoneId",
    "imageId",
    "systemDiskCategory",
    "bandwidthBilling",
)


class ProtectedError(ProgramError):
    """The stack's deletion protection is on."""


def record(values: Mapping[str, object]) -> dict[str, Any]:
    """Returns what the state remembers of the settings, by their keys."""
    return {
        "protected": bool(values["deletionProtection"]),
        "replacing": {key: str(values[key]) for key in REPLACING},
    }


def refusal(olds: Mapping[str, Any], news: Mapping[str, Any]) -> str | None:
    """Returns why an update would fail half way, or None.

    Args:
        olds: The record of the last update; empty where there was none.
        news: The record of this one.
    """
    if not olds.get("protected") or news["protected"]:
        return None
    changed = {
        key: before
        for key, before in olds["replacing"].items()
        # An emptied zone or image stays what it is.
        if news["replacing"].get(key, "") not in (before, "")
    }
    if not changed:
        return None
    back = "; ".join(
        f"pulumi config set oss-proxy:{key} {shlex.quote(before)}" for key, before in changed.items()
    )
    return (
        f"deletionProtection is taken off, and this update changes {', '.join(changed)}, which replaces what "
        "the cloud protects until then. Nothing was changed. Fix: take the protection off by itself "
        f"({back}; pulumi up), then change the rest."
    )


def remembered(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what an update records.

    While the protection is on, nothing that is protected changes: an update that wanted to has failed, and
    what it wanted must not be remembered as done. Without protection nothing needs to be remembered, and no
    preview shows a change of it.
    """
    if not news.get("protected"):
        return {**news, "replacing": {}}
    return {**news, "replacing": olds["replacing"]} if olds.get("protected") else dict(news)


def require_unprotected(recorded: Mapping[str, Any]) -> None:
    """Checks that the last update left no protection.

    Raises:
        ProtectedError: When it did.
    """
    if recorded.get("protected"):
        raise ProtectedError(
            "the stack's deletionProtection is on",
            consequence="nothing was deleted.",
            fix="pulumi config set oss-proxy:deletionProtection false; pulumi up; then pulumi destroy.",
        ) from None
