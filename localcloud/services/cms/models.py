"""The records of alert rules and contact groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

# The group that CloudMonitor makes for every account. Source: the answer of ListContactGroup,
# https://github.com/AlibabaCloudDocs/cms (2021-03-12); what it is called on an account of the
# international site is not known.
DEFAULT_CONTACT = "云账号报警联系人"

Level = Literal["Critical", "Warn", "Info"]
LEVELS: tuple[Level, ...] = ("Critical", "Warn", "Info")


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """What makes a rule raise an alert of one level.

    Attributes:
        statistics: Which value of the metric is judged, for example ``Average``.
        comparison_operator: For example ``GreaterThanThreshold``.
        threshold: A number, as the caller wrote it.
        times: How many times in a row it must be so.
    """

    statistics: str
    comparison_operator: str
    threshold: str
    times: int


@dataclass(kw_only=True)
class MetricRule:
    """An alert rule. Nothing here measures: its state is always that there is no data.

    Attributes:
        rule_id: Chosen by the caller.
        resources: JSON text: a list of objects, each the dimensions of one watched resource.
        contact_groups: Who is told.
        period_s: The length of one judged period.
        silence_s: How long nobody is told again while the alert lasts.
        no_data_policy: What it means when there is no data.
        labels: Shown in what people are told.
    """

    rule_id: str
    account_uid: str
    name: str
    namespace: str
    metric: str
    resources: str
    contact_groups: tuple[str, ...]
    escalations: dict[Level, Escalation]
    period_s: int
    silence_s: int
    effective_interval: str
    no_data_policy: str
    created: datetime
    changed: datetime
    labels: dict[str, str] = field(default_factory=dict)
    enabled: bool = True


@dataclass(kw_only=True)
class ContactGroup:
    """People who are told together."""

    name: str
    account_uid: str
    description: str
    contacts: tuple[str, ...]
    created: datetime
    changed: datetime
