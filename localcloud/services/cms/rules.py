"""Alert rules: kept for the account, whichever region's endpoint was asked, and shown; never judged."""

from __future__ import annotations

from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import missing_parameter
from localcloud.services.cms.contacts import DONE, groups_of
from localcloud.services.cms.errors import contact_group_not_found, rule_not_found
from localcloud.services.cms.models import MetricRule
from localcloud.services.cms.requests import read_rule
from localcloud.services.cms.views import ALERT_STATE, rule_view
from localcloud.services.context import Call, Handler


async def put_resource_metric_rule(call: Call) -> Answer:
    """Makes the rule with this id, or changes it: the caller chooses the id.

    Raises:
        ApiError: ``ContactGroupNotExists``, and the errors of ``requests.read_rule``.
    """
    wanted, uid, now = read_rule(call.params), call.key.account_uid, call.env.now()
    groups = groups_of(call)
    for name in wanted["contact_groups"]:
        if name not in groups:
            raise contact_group_not_found(name)
    rules, key = call.env.state.metric_rules, (uid, wanted["rule_id"])
    known = rules.get(key)
    rules[key] = MetricRule(
        **wanted,
        account_uid=uid,
        enabled=known.enabled if known else True,
        created=known.created if known else now,
        changed=now,
    )
    return DONE


async def enable_metric_rules(call: Call) -> Answer:
    """Switches rules on.

    Raises:
        ApiError: ``ResourceNotFound``.
    """
    return _switch(call, enabled=True)


async def disable_metric_rules(call: Call) -> Answer:
    """Switches rules off.

    Raises:
        ApiError: ``ResourceNotFound``.
    """
    return _switch(call, enabled=False)


async def delete_metric_rules(call: Call) -> Answer:
    """Removes rules. One that is not there is told in the body of an answer that is no error.

    Source: what the alicloud provider (v1.285.0) looks for after this action, in its resource
    alicloud_cms_group_metric_rule.
    """
    rules, uid = call.env.state.metric_rules, call.key.account_uid
    gone = [rules.pop((uid, rule_id), None) for rule_id in _ids(call, "Id")]
    if not any(gone):
        missing = rule_not_found()
        return {"Success": False, "Code": missing.code, "Message": missing.message}
    return DONE


async def describe_metric_rule_list(call: Call) -> Answer:
    """Lists the caller's rules; of ``RuleIds`` that do not exist nothing is said."""
    params, found = call.params, _own(call)
    if ids := params.text("RuleIds"):
        found = [rule for rule in found if rule.rule_id in ids.split(",")]
    if name := params.text("RuleName"):
        found = [rule for rule in found if name in rule.name]
    if namespace := params.text("Namespace"):
        found = [rule for rule in found if rule.namespace == namespace]
    if metric := params.text("MetricName"):
        found = [rule for rule in found if rule.metric == metric]
    if params.text("EnableState"):
        found = [rule for rule in found if rule.enabled is params.flag("EnableState")]
    if state := params.text("AlertState"):
        found = found if state == ALERT_STATE else []
    size = params.integer("PageSize", 10, low=1, high=100)
    start = (params.integer("Page", 1, low=1) - 1) * size
    return {
        "Success": True,
        "Code": 200,
        "Total": str(len(found)),
        "Alarms": {"Alarm": [rule_view(rule) for rule in found[start : start + size]]},
    }


async def describe_metric_rule_targets(call: Call) -> Answer:
    """Lists what else a rule tells, besides people: nothing, as nothing can be added.

    Raises:
        ApiError: ``ResourceNotFound``.
    """
    _find(call, call.params.require("RuleId"))
    return {**DONE, "Targets": {"Target": []}}


def _own(call: Call) -> list[MetricRule]:
    uid = call.key.account_uid
    return [rule for rule in call.env.state.metric_rules.values() if rule.account_uid == uid]


def _find(call: Call, rule_id: str) -> MetricRule:
    rule = call.env.state.metric_rules.get((call.key.account_uid, rule_id))
    if rule is None:
        raise rule_not_found()
    return rule


def _ids(call: Call, parameter: str) -> list[str]:
    ids = call.params.items(parameter)
    if not ids:
        raise missing_parameter(f"{parameter}.N")
    return ids


def _switch(call: Call, *, enabled: bool) -> Answer:
    for rule in [_find(call, rule_id) for rule_id in _ids(call, "RuleId")]:
        rule.enabled = enabled
    return DONE


ACTIONS: dict[str, Handler] = {
    "DeleteMetricRules": delete_metric_rules,
    "DescribeMetricRuleList": describe_metric_rule_list,
    "DescribeMetricRuleTargets": describe_metric_rule_targets,
    "DisableMetricRules": disable_metric_rules,
    "EnableMetricRules": enable_metric_rules,
    "PutResourceMetricRule": put_resource_metric_rule,
}
