"""What other parts of the cloud may ask about alert rules."""

from __future__ import annotations

from localcloud.services.cms.models import MetricRule
from localcloud.services.state import State


class CmsQueries:
    """Read access to the records; the answers must not be changed.

    Args:
        state: All records.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def rules(self) -> list[MetricRule]:
        """Returns all alert rules, the oldest first."""
        return list(self._state.metric_rules.values())
