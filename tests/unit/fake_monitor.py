"""CloudMonitor in memory, where the program calls its API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OK = {"Success": True, "Code": "200"}


@dataclass
class FakeMonitor:
    """One account's contact groups and alert rules; `answers` are given instead, by action."""

    groups: list[str] = field(default_factory=lambda: ["ops", "云账号报警联系人"])
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def call(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((action, params))
        if action in self.answers:
            return self.answers[action]
        match action:
            case "DescribeContactGroupList":
                size = params["PageSize"]
                start = (params["PageNumber"] - 1) * size
                return {**OK, "ContactGroups": {"ContactGroup": self.groups[start : start + size]}}
            case "PutResourceMetricRule":
                self.rules[params["RuleId"]] = {"EnableState": True, **params}
            case "EnableMetricRules":
                for rule_id in params["RuleId"]:
                    self.rules[rule_id]["EnableState"] = True
            case "DescribeMetricRuleList":
                found = self.rules.get(params["RuleIds"])
                return {"Success": True, "Code": 200, "Alarms": {"Alarm": [found] if found else []}}
            case "DeleteMetricRules":
                if self.rules.pop(params["Id"][0], None) is None:
                    return {"Success": False, "Code": "ResourceNotFound", "Message": "not found"}
            case _:
                raise AssertionError(action)
        return dict(OK)
