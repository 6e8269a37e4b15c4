"""The actions of RAM that are about roles and custom policies."""

from __future__ import annotations

from localcloud.services.context import Handler
from localcloud.services.ram import attachments, policies, roles, tags, versions

ACTIONS: dict[str, Handler] = {
    **roles.ACTIONS,
    **policies.ACTIONS,
    **versions.ACTIONS,
    **attachments.ACTIONS,
    **tags.ACTIONS,
}
