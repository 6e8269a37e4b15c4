"""The actions of Alidns."""

from __future__ import annotations

from localcloud.services.alidns import domains, records
from localcloud.services.context import Handler

ACTIONS: dict[str, Handler] = {**domains.ACTIONS, **records.ACTIONS}
