"""What the stand-in cloud can do, what it was asked to do, and what it could not.

An action that nobody implemented answers like the cloud (an error with a code), which a client may
hide or retry. The list kept here is where such a gap shows.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from typing import Any

_log = logging.getLogger("localcloud.coverage")


class Coverage:
    """Counts calls per service and action, and remembers the unknown ones."""

    def __init__(self) -> None:
        self._declared: dict[str, set[str]] = {}
        self._calls: Counter[tuple[str, str]] = Counter()
        self._unknown: Counter[tuple[str, str]] = Counter()

    def declare(self, service: str, actions: Iterable[str]) -> None:
        """Adds actions that a service implements.

        Args:
            service: The service's name, for example ``ecs``.
            actions: The action names, for example ``RunInstances``.
        """
        self._declared.setdefault(service, set()).update(actions)

    def record(self, service: str, action: str, known: bool) -> None:
        """Counts one call.

        Args:
            service: The service that was asked.
            action: The action asked for.
            known: Whether the service implements it; an unknown one is logged the first time.
        """
        self._calls[service, action] += 1
        if known:
            return
        self._unknown[service, action] += 1
        if self._unknown[service, action] == 1:
            _log.warning(
                "unknown action %s:%s: the caller got the cloud's error; add a handler if a program needs it",
                service,
                action,
            )

    def as_dict(self) -> dict[str, Any]:
        """Returns the whole list, sorted.

        Returns:
            ``{"actions": {service: [action]}, "calls": {service: {action: count}}, "unknown": {...}}``,
            where ``calls`` holds every call and ``unknown`` only those to actions nobody implements.
        """
        return {
            "actions": {service: sorted(names) for service, names in sorted(self._declared.items())},
            "calls": _by_service(self._calls),
            "unknown": _by_service(self._unknown),
        }


def _by_service(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    grouped: dict[str, dict[str, int]] = {}
    for (service, action), count in sorted(counts.items()):
        grouped.setdefault(service, {})[action] = count
    return grouped
