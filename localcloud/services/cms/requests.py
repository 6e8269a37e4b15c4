"""Reading an alert rule from a request.

Source: PutResourceMetricRule in the SDK's text (alibabacloud_cms20190101 4.0.10, 2026-11-24).
"""

from __future__ import annotations

import json
import re
from typing import Any

from localcloud.rpc.errors import not_modelled
from localcloud.rpc.params import Params
from localcloud.services.cms.errors import illegal
from localcloud.services.cms.metrics import METRICS, Metric
from localcloud.services.cms.models import LEVELS, Escalation, Level

OPERATORS = (
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanThreshold",
    "NotEqualToThreshold",
    "EqualToThreshold",
    "GreaterThanYesterday",
    "LessThanYesterday",
    "GreaterThanLastWeek",
    "LessThanLastWeek",
    "GreaterThanLastPeriod",
    "LessThanLastPeriod",
)
NO_DATA_POLICIES = ("KEEP_LAST_STATE", "INSUFFICIENT_DATA", "OK")
DEFAULT_SILENCE_S = 86400
DEFAULT_INTERVAL = "00:00-23:59"

_NOT_MODELLED = (
    "CompositeExpression",
    "EmailSubject",
    "Interval",
    "NoEffectiveInterval",
    "Prometheus",
    "SendOK",
    "Webhook",
)
_PARTS = ("ComparisonOperator", "Statistics", "Threshold", "Times")
_INTERVAL = re.compile(r"([01]?\d|2[0-3]):[0-5]\d-([01]?\d|2[0-3]):[0-5]\d")


def read_rule(params: Params) -> dict[str, Any]:
    """Returns the fields of a ``MetricRule`` that the caller decides.

    Raises:
        ApiError: ``MissingParameter``, ``ParameterInvalid``, ``InvalidParameter``, or
            ``UnsupportedParameter`` for what is not modelled.
    """
    for name in _NOT_MODELLED:
        if params.text(name) or params.group(name):
            raise not_modelled(name, "a rule of one metric, told to contact groups, can be made")
    namespace, name = params.require("Namespace"), params.require("MetricName")
    metric = METRICS.get(namespace, {}).get(name)
    if metric is None:
        raise illegal("MetricName", f"{namespace} has no metric {name} that localcloud knows")
    return {
        "rule_id": params.require("RuleId"),
        "name": params.require("RuleName"),
        "namespace": namespace,
        "metric": name,
        "resources": _resources(params.require("Resources"), metric),
        "contact_groups": tuple(params.require("ContactGroups").split(",")),
        "escalations": _escalations(params.group("Escalations"), metric),
        "period_s": _period(params, metric),
        "silence_s": params.integer("SilenceTime", DEFAULT_SILENCE_S, low=300, high=86400),
        "effective_interval": _interval(params.text("EffectiveInterval", DEFAULT_INTERVAL)),
        "no_data_policy": params.choice("NoDataPolicy", NO_DATA_POLICIES, NO_DATA_POLICIES[0]),
        "labels": {item.require("Key"): item.text("Value") for item in params.groups("Labels")},
    }


def _resources(text: str, metric: Metric) -> str:
    try:
        resources = json.loads(text)
    except ValueError:
        raise illegal("Resources", "is no JSON") from None
    allowed, needed = {"userId", *metric.dimensions}, set(metric.dimensions)
    good = isinstance(resources, list) and all(
        isinstance(item, dict) and needed <= set(item) <= allowed and all(map(_is_text, item.values()))
        for item in resources
    )
    if not good or not resources:
        raise illegal("Resources", f"must be a list of objects with {', '.join(metric.dimensions)}")
    return text


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _escalations(params: Params, metric: Metric) -> dict[Level, Escalation]:
    found: dict[Level, Escalation] = {}
    for level in LEVELS:
        given = params.group(level)
        if not given:
            continue
        missing = [part for part in _PARTS if not given.text(part)]
        if missing:
            raise illegal(f"Escalations.{level}", f"lacks {', '.join(missing)}")
        if given.text("Statistics") not in metric.statistics:
            raise illegal(f"Escalations.{level}.Statistics", f"must be one of {', '.join(metric.statistics)}")
        if given.text("ComparisonOperator") not in OPERATORS:
            raise illegal(f"Escalations.{level}.ComparisonOperator", f"must be one of {', '.join(OPERATORS)}")
        given.number("Threshold", 0)
        found[level] = Escalation(
            statistics=given.text("Statistics"),
            comparison_operator=given.text("ComparisonOperator"),
            threshold=given.text("Threshold"),
            times=given.integer("Times", 1, low=1),
        )
    if not found:
        raise illegal("Escalations", f"needs one of {', '.join(LEVELS)}")
    return found


def _period(params: Params, metric: Metric) -> int:
    period_s = params.integer("Period", metric.period_s, low=metric.period_s)
    if period_s % metric.period_s:
        raise illegal("Period", f"must be a multiple of {metric.period_s}")
    return period_s


def _interval(text: str) -> str:
    if not _INTERVAL.fullmatch(text):
        raise illegal("EffectiveInterval", "must be HH:MM-HH:MM")
    return text
