"""Rules and contact groups as CloudMonitor shows them.

Source: the SDK's models of the answers (alibabacloud_cms20190101 4.0.10, 2026-11-24), which tell the types.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from localcloud.services.cms.models import ContactGroup, MetricRule

# Said of every rule: nothing is measured here.
ALERT_STATE = "INSUFFICIENT_DATA"


def rule_view(rule: MetricRule) -> dict[str, Any]:
    """Returns an alert rule."""
    return {
        "RuleId": rule.rule_id,
        "RuleName": rule.name,
        "Namespace": rule.namespace,
        "MetricName": rule.metric,
        "Resources": rule.resources,
        "Dimensions": rule.resources,
        "ContactGroups": ",".join(rule.contact_groups),
        "Escalations": {
            level: {
                "Statistics": found.statistics,
                "ComparisonOperator": found.comparison_operator,
                "Threshold": found.threshold,
                "Times": found.times,
            }
            for level, found in rule.escalations.items()
        },
        "Period": str(rule.period_s),
        "SilenceTime": rule.silence_s,
        "EffectiveInterval": rule.effective_interval,
        "NoEffectiveInterval": "",
        "NoDataPolicy": rule.no_data_policy,
        "EnableState": rule.enabled,
        "AlertState": ALERT_STATE,
        "Labels": {"Labels": [{"Key": key, "Value": value} for key, value in rule.labels.items()]},
        "SourceType": "METRIC",
        "MailSubject": "",
        "Webhook": "",
        "GroupId": "",
        "GroupName": "",
        "GmtCreate": _milliseconds(rule.created),
        "GmtUpdate": str(_milliseconds(rule.changed)),
    }


def group_view(group: ContactGroup) -> dict[str, Any]:
    """Returns a contact group."""
    return {
        "Name": group.name,
        "Describe": group.description,
        "Contacts": {"Contact": list(group.contacts)},
        "EnableSubscribed": False,
        "EnabledWeeklyReport": False,
        "CreateTime": _milliseconds(group.created),
        "UpdateTime": _milliseconds(group.changed),
    }


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
