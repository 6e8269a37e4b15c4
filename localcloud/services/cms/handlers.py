"""The actions of CloudMonitor."""

from __future__ import annotations

from localcloud.services.cms import contacts, rules
from localcloud.services.context import Handler

ACTIONS: dict[str, Handler] = {**contacts.ACTIONS, **rules.ACTIONS}
