"""CloudMonitor's alert rules and contact groups, asked with the official client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_cms20190101 import models
from alibabacloud_cms20190101.client import Client

from tests.localcloud.api.harness import Cloud

DEFAULT_GROUP = "云账号报警联系人"
CPU: dict[str, Any] = {
    "rule_id": "r-1",
    "rule_name": "busy",
    "namespace": "acs_ecs_dashboard",
    "metric_name": "CPUUtilization",
    "resources": '[{"instanceId":"i-1"}]',
    "contact_groups": DEFAULT_GROUP,
    "period": "60",
    "silence_time": 3600,
}


def level(**more: Any) -> models.PutResourceMetricRuleRequestEscalationsWarn:
    return models.PutResourceMetricRuleRequestEscalationsWarn(
        **{
            "statistics": "Average",
            "comparison_operator": "GreaterThanThreshold",
            "threshold": "90",
            "times": 3,
            **more,
        }
    )


def put(cloud: Cloud, key: Any = None, warn: Any = None, **more: Any) -> Any:
    escalations = models.PutResourceMetricRuleRequestEscalations(warn=warn or level())
    request = models.PutResourceMetricRuleRequest(**{**CPU, "escalations": escalations, **more})
    return cloud.client(Client, key).put_resource_metric_rule(request).body


def listed(cloud: Cloud, key: Any = None, **more: Any) -> list[Any]:
    answer = cloud.client(Client, key).describe_metric_rule_list(models.DescribeMetricRuleListRequest(**more))
    found: list[Any] = answer.body.alarms.alarm
    return found


def delete(cloud: Cloud, *ids: str) -> Any:
    return cloud.client(Client).delete_metric_rules(models.DeleteMetricRulesRequest(id=list(ids))).body


def test_a_rule_is_made_shown_changed_and_removed(cloud: Cloud) -> None:
    labels = [models.PutResourceMetricRuleRequestLabels(key="stack", value="dev")]
    assert put(cloud, labels=labels, no_data_policy="INSUFFICIENT_DATA").success is True
    (rule,) = listed(cloud, rule_ids="r-1,r-2")
    assert (rule.rule_name, rule.namespace, rule.metric_name) == (
        "busy",
        "acs_ecs_dashboard",
        "CPUUtilization",
    )
    assert (rule.resources, rule.contact_groups) == ('[{"instanceId":"i-1"}]', DEFAULT_GROUP)
    assert (rule.period, rule.silence_time, rule.effective_interval) == ("60", 3600, "00:00-23:59")
    assert (rule.enable_state, rule.alert_state) == (True, "INSUFFICIENT_DATA")
    assert rule.no_data_policy == "INSUFFICIENT_DATA"
    warn = rule.escalations.warn
    assert (warn.statistics, warn.comparison_operator, warn.threshold, warn.times) == (
        *("Average", "GreaterThanThreshold"),
        *("90", 3),
    )
    assert rule.escalations.critical is None
    assert [(one.key, one.value) for one in rule.labels.labels] == [("stack", "dev")]

    put(cloud, warn=level(threshold="95"))
    (rule,) = listed(cloud)
    assert rule.escalations.warn.threshold == "95"
    assert rule.no_data_policy == "KEEP_LAST_STATE"

    assert delete(cloud, "r-1").success is True
    assert listed(cloud) == []


def test_a_rule_that_is_gone_is_told_without_an_error(cloud: Cloud) -> None:
    answer = delete(cloud, "r-none")
    assert (answer.success, answer.code) == (False, "ResourceNotFound")


def test_a_rule_is_switched_off_and_on_and_stays_so_when_it_is_changed(
    cloud: Cloud, refused: Callable[..., Any]
) -> None:
    client = cloud.client(Client)
    put(cloud)
    client.disable_metric_rules(models.DisableMetricRulesRequest(rule_id=["r-1"]))
    put(cloud, warn=level(threshold="95"))
    assert [rule.enable_state for rule in listed(cloud)] == [False]
    assert listed(cloud, enable_state=True) == []
    client.enable_metric_rules(models.EnableMetricRulesRequest(rule_id=["r-1"]))
    assert [rule.enable_state for rule in listed(cloud, enable_state=True)] == [True]
    unknown = models.EnableMetricRulesRequest(rule_id=["r-none"])
    refused("ResourceNotFound", 404, client.enable_metric_rules, unknown)


def test_rules_belong_to_an_account(cloud: Cloud) -> None:
    put(cloud)
    put(cloud, cloud.stranger, rule_name="theirs")
    assert [rule.rule_name for rule in listed(cloud)] == ["busy"]
    assert [rule.rule_name for rule in listed(cloud, cloud.stranger)] == ["theirs"]


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"rule_id": ""}, "MissingParameter", 400),
        ({"contact_groups": "nobody"}, "ContactGroupNotExists", 404),
        ({"contact_groups": f"{DEFAULT_GROUP},nobody"}, "ContactGroupNotExists", 404),
        ({"namespace": "acs_nothing"}, "ParameterInvalid", 400),
        ({"metric_name": "memory_usedutilization"}, "ParameterInvalid", 400),
        ({"resources": "i-1"}, "ParameterInvalid", 400),
        ({"resources": "[]"}, "ParameterInvalid", 400),
        ({"resources": '[{"BucketName":"b"}]'}, "ParameterInvalid", 400),
        ({"resources": '[{"instanceId":""}]'}, "ParameterInvalid", 400),
        ({"period": "90"}, "ParameterInvalid", 400),
        ({"period": "30"}, "InvalidParameter", 400),
        ({"silence_time": 60}, "InvalidParameter", 400),
        ({"effective_interval": "24:00-25:00"}, "ParameterInvalid", 400),
        ({"no_data_policy": "PANIC"}, "InvalidParameter", 400),
        ({"webhook": "http://192.0.2.1/"}, "UnsupportedParameter", 400),
        ({"escalations": models.PutResourceMetricRuleRequestEscalations()}, "ParameterInvalid", 400),
        ({"warn": level(statistics="Value")}, "ParameterInvalid", 400),
        ({"warn": level(comparison_operator=">")}, "ParameterInvalid", 400),
        ({"warn": level(threshold="much")}, "InvalidParameter", 400),
        ({"warn": level(times=None)}, "ParameterInvalid", 400),
    ],
)
def test_a_rule_that_makes_no_sense(
    cloud: Cloud, refused: Callable[..., Any], changes: dict[str, Any], code: str, status: int
) -> None:
    refused(code, status, lambda: put(cloud, **changes))
    assert listed(cloud) == []


def test_groups_are_made_listed_by_pages_and_removed(cloud: Cloud, refused: Callable[..., Any]) -> None:
    client = cloud.client(Client)
    client.put_contact_group(
        models.PutContactGroupRequest(contact_group_name="ops", contact_names=[DEFAULT_GROUP])
    )

    def names(**page: int) -> list[str]:
        answer = client.describe_contact_group_list(models.DescribeContactGroupListRequest(**page)).body
        assert answer.total == 2
        found: list[str] = answer.contact_groups.contact_group
        assert [group.name for group in answer.contact_group_list.contact_group] == found
        return found

    assert names() == [DEFAULT_GROUP, "ops"]
    assert names(page_size=1, page_number=2) == ["ops"]
    put(cloud, contact_groups="ops")
    stranger = cloud.client(Client, cloud.stranger)
    theirs = stranger.describe_contact_group_list(models.DescribeContactGroupListRequest()).body
    assert theirs.contact_groups.contact_group == [DEFAULT_GROUP]

    unknown = models.PutContactGroupRequest(contact_group_name="dev", contact_names=["nobody"])
    refused("ContactNotExists", 404, client.put_contact_group, unknown)
    remove = models.DeleteContactGroupRequest(contact_group_name="ops")
    client.delete_contact_group(remove)
    refused("ContactGroupNotExists", 404, client.delete_contact_group, remove)
