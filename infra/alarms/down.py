"""The alarm for an instance that is down, as a resource of our own.

An instance that is gone has no values that a threshold could be compared with. CloudMonitor can take missing
values for the alarm themselves (``NoDataPolicy``), which the provider's resource cannot say.
The rule's id is made from the stack's name: an update that was killed finds its rule again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from infra.alarms import monitor
from infra.alarms.rules import INSTANCE_DOWN, PERIOD_S, SILENCE_S, TIMES, watched
from infra.reporting import PlainProvider
from infra.sdk_rpc import CMS, RpcClient

# Source: PutResourceMetricRule, in the SDK's text (alibabacloud_cms20190101 4.0.10, 2026-11-24).
MISSING_DATA_IS_AN_ALARM = "INSUFFICIENT_DATA"
_LEVEL = "Critical"
_OPERATORS = {">=": "GreaterThanOrEqualToThreshold", "<=": "LessThanOrEqualToThreshold"}
_KEYS = ("region", "rule_id", "rule_name", "instance_id", "contact_groups", "labels")


class DownAlarmProvider(PlainProvider):
    """Writes the rule and compares it. Pickled by reference into the state, so it holds nothing."""

    serialize_as_secret_always = False

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compares what CloudMonitor holds, as last seen, with what it is to hold."""
        moved = [key for key in ("region", "rule_id") if olds[key] != news[key]]
        known = isinstance(news["instance_id"], str)
        changed = not known or olds.get("rule") != _essence(rule_of(news)) or olds["labels"] != news["labels"]
        return DiffResult(changes=bool(moved) or changed, replaces=moved)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Makes the rule; adopts it when an update that was killed did that already.

        Raises:
            CloudError: When CloudMonitor refuses it.
        """
        return CreateResult(props["rule_id"], _put(props))

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Writes the rule anew, and switches it on.

        Raises:
            CloudError: When CloudMonitor refuses it.
        """
        return UpdateResult(_put(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Shows what CloudMonitor holds; a removed rule counts as gone.

        Raises:
            CloudError: When it could not be read.
        """
        found = monitor.find_rule(_rpc(props), props["rule_id"])
        if found is None:
            return ReadResult("", {})
        kept = {key: value for key, value in props.items() if key != "__provider"}
        return ReadResult(id_, {**kept, "rule": _essence(found)})

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Removes the rule; gone already is fine.

        Raises:
            CloudError: When CloudMonitor refuses it.
        """
        monitor.delete_rule(_rpc(props), props["rule_id"])


class DownAlarm(Resource, name="DownAlarm"):
    """Tells when an instance is stopped, released, lost or halted.

    Args:
        name: The logical name.
        region: The instance's region.
        rule_name: The name that CloudMonitor shows; one in the account and region.
        instance_id: The instance.
        contact_groups: Who is told.
        labels: Shown in what they are told.
        opts: Pulumi's options.
    """

    def __init__(
        self,
        name: str,
        *,
        region: str,
        rule_name: str,
        instance_id: pulumi.Input[str],
        contact_groups: Sequence[str],
        labels: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "region": region,
            "rule_id": rule_id(region, rule_name),
            "rule_name": rule_name,
            "instance_id": instance_id,
            "contact_groups": list(contact_groups),
            "labels": dict(labels),
            # Set by the provider; named here to be an output.
            "rule": None,
        }
        super().__init__(DownAlarmProvider(), name, props, opts)


def rule_id(region: str, rule_name: str) -> str:
    """Returns the rule's id, which is one in the account: 40 hexadecimal digits, as CloudMonitor's own."""
    return hashlib.sha256(f"{region}/{rule_name}".encode()).hexdigest()[:40]


def rule_of(props: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the rule as PutResourceMetricRule takes it.

    Args:
        props: The resource's inputs.
    """
    return {
        "RuleId": props["rule_id"],
        "RuleName": props["rule_name"],
        "Namespace": INSTANCE_DOWN.namespace,
        "MetricName": INSTANCE_DOWN.metric,
        "Resources": watched(INSTANCE_DOWN.watches, props["instance_id"]),
        "ContactGroups": ",".join(props["contact_groups"]),
        "Escalations": {
            _LEVEL: {
                "Statistics": INSTANCE_DOWN.statistics,
                "ComparisonOperator": _OPERATORS[INSTANCE_DOWN.operator],
                "Threshold": str(INSTANCE_DOWN.threshold),
                "Times": TIMES,
            }
        },
        "Period": str(PERIOD_S),
        "SilenceTime": SILENCE_S,
        "NoDataPolicy": MISSING_DATA_IS_AN_ALARM,
        "Labels": [{"Key": key, "Value": value} for key, value in sorted(props["labels"].items())],
    }


def _put(props: dict[str, Any]) -> dict[str, Any]:
    rule = rule_of(props)
    monitor.put_rule(_rpc(props), rule)
    return {**{key: props[key] for key in _KEYS}, "rule": _essence(rule)}


def _essence(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what must not differ, in one spelling: CloudMonitor may write numbers and JSON its own way."""
    level = (rule.get("Escalations") or {}).get(_LEVEL) or {}
    watching = [item.get("instanceId", "") for item in json.loads(rule.get("Resources") or "[]")]
    return {
        "name": rule.get("RuleName"),
        "instances": watching,
        "contact_groups": str(rule.get("ContactGroups")).split(","),
        "condition": " ".join(
            [
                *(str(rule.get(key)) for key in ("Namespace", "MetricName")),
                *(str(level.get(key)) for key in ("Statistics", "ComparisonOperator")),
                f"{float(level.get('Threshold') or 'nan'):g}",
                f"{level.get('Times')}x{rule.get('Period')}s",
            ]
        ),
        "no_data_policy": rule.get("NoDataPolicy"),
        "enabled": str(rule.get("EnableState", True)).lower(),
    }


def _rpc(props: Mapping[str, Any]) -> RpcClient:
    return RpcClient(CMS, props["region"])
