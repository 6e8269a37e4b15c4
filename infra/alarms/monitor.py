"""The calls to CloudMonitor that the provider cannot make.

The provider's alarm resource neither looks whether a contact group exists nor says what missing data means.
Source: PutResourceMetricRule, DescribeMetricRuleList, DeleteMetricRules and DescribeContactGroupList of
https://www.alibabacloud.com/help/en/cms/cloudmonitor-1-0/developer-reference/ (2026-11-24).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from infra.errors import CloudError, ProgramError

PAGE_SIZE = 100
MAX_PAGES = 20
_GONE = frozenset({"404", "ResourceNotFound"})


class ContactGroupError(ProgramError):
    """A contact group that alarms are to be sent to does not exist."""


class Rpc(Protocol):
    """Calls actions of CloudMonitor."""

    def call(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Calls an action; returns the answer's body."""


def require_contact_groups(rpc: Rpc, wanted: Sequence[str]) -> None:
    """Checks that there is somebody to tell.

    Raises:
        ContactGroupError: When a group does not exist.
        CloudError: When the list could not be read.
    """
    known = _contact_groups(rpc)
    missing = [name for name in wanted if name not in known]
    if missing:
        raise ContactGroupError(
            f"CloudMonitor knows no contact group {', '.join(missing)}; it has {', '.join(known) or 'none'}",
            consequence="nobody would hear of an alarm; nothing was created or changed.",
            fix="make it in CloudMonitor's console under Alerts > Alert Contacts, or set "
            "oss-proxy:alarmContactGroups to groups that exist.",
        )


def find_rule(rpc: Rpc, rule_id: str) -> dict[str, Any] | None:
    """Returns an alert rule, or None where it does not exist.

    Raises:
        CloudError: When it could not be read.
    """
    answer = _done(rpc, "DescribeMetricRuleList", {"RuleIds": rule_id})
    found: list[dict[str, Any]] = (answer.get("Alarms") or {}).get("Alarm") or []
    return next((rule for rule in found if rule.get("RuleId") == rule_id), None)


def put_rule(rpc: Rpc, rule: Mapping[str, Any]) -> None:
    """Makes the alert rule with this ``RuleId``, or changes it, and switches it on.

    Raises:
        CloudError: When CloudMonitor refuses it.
    """
    _done(rpc, "PutResourceMetricRule", rule)
    _done(rpc, "EnableMetricRules", {"RuleId": [rule["RuleId"]]})


def delete_rule(rpc: Rpc, rule_id: str) -> None:
    """Removes an alert rule; none is fine.

    Raises:
        CloudError: When CloudMonitor refuses it.
    """
    answer = rpc.call("DeleteMetricRules", {"Id": [rule_id]})
    if str(answer.get("Code")) not in _GONE:
        _judge("DeleteMetricRules", answer)


def _contact_groups(rpc: Rpc) -> list[str]:
    known: list[str] = []
    for number in range(1, MAX_PAGES + 1):
        answer = _done(rpc, "DescribeContactGroupList", {"PageNumber": number, "PageSize": PAGE_SIZE})
        page = (answer.get("ContactGroups") or {}).get("ContactGroup") or []
        known += page
        if len(page) < PAGE_SIZE:
            break
    return known


def _done(rpc: Rpc, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
    answer = rpc.call(action, params)
    _judge(action, answer)
    return answer


def _judge(action: str, answer: Mapping[str, Any]) -> None:
    # CloudMonitor tells some refusals in an answer whose HTTP status is 200.
    if str(answer.get("Success", True)).lower() == "false":
        raise CloudError(
            f"cms:{action} failed: {answer.get('Code')} {answer.get('Message')}",
            consequence="the alarm is not as it should be.",
            fix="look the code up in CloudMonitor's API reference, then run the command again.",
        )
