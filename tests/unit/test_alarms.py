"""The alarms: what is registered, how CloudMonitor is spoken to, and when a difference is one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_credentials.client import Client as CredentialsClient
from alibabacloud_credentials.models import Config as CredentialsConfig

from infra import sdk_rpc
from infra.alarms import monitor, rules
from infra.alarms.down import DownAlarmProvider, rule_id, rule_of
from infra.errors import CloudError
from localcloud.services.cms.metrics import METRICS
from tests.unit.fake_monitor import FakeMonitor
from tests.unit.fakes import FakeCloud
from tests.unit.recorder import UNKNOWN, Deployment, deploy

ON = {"alarms": "true", "alarmContactGroups": '["ops"]'}
ALARMS = [
    ("proxy-alarm-bandwidth", "alicloud:cms/alarm:Alarm"),
    ("proxy-alarm-cpu", "alicloud:cms/alarm:Alarm"),
    ("proxy-alarm-instance-down", "pulumi-python:dynamic:DownAlarm"),
    ("proxy-alarm-oss-errors", "alicloud:cms/alarm:Alarm"),
]


def of_alarms(made: Deployment) -> list[tuple[str, str]]:
    return sorted(resource for resource in made.resources if "-alarm-" in resource[0])


def test_none_unless_asked_for(values: dict[str, str], cloud: FakeCloud) -> None:
    assert of_alarms(deploy(values)) == []
    assert cloud.monitor.calls == []


@pytest.mark.parametrize("preview", [True, False])
def test_each_is_registered_below_the_component_between_the_guards(
    values: dict[str, str], cloud: FakeCloud, preview: bool
) -> None:
    made = deploy({**values, **ON}, preview=preview)
    assert of_alarms(made) == ALARMS
    for name, _ in ALARMS:
        assert made[name].parent.split("::")[2] == "pulumi:pulumi:Stack$oss-proxy:infra:Alarms"
        assert "proxy-bucket-guard" in made[name].dependencies
        assert name in made["proxy-account-last"].dependencies
    if preview:
        assert made["proxy-alarm-cpu"].inputs["metricDimensions"] == UNKNOWN
        assert made["proxy-alarm-oss-errors"].inputs["metricDimensions"] != UNKNOWN


def test_what_the_provider_is_asked_for(values: dict[str, str], cloud: FakeCloud) -> None:
    made = deploy({**values, **ON, "alarmBandwidthPercent": "65"})
    shared = {
        "contactGroups": ["ops"],
        "period": 60,
        "silenceTime": 3600,
        "tags": {"managed-by": "pulumi", "project": "oss-proxy", "stack": "dev"},
    }
    expected = {
        "cpu": ("acs_ecs_dashboard", "CPUUtilization", "instanceId", "proxy-instance-id", "Average", "90"),
        "bandwidth": (
            "acs_vpc_eip",
            "net_out.rate_percentage",
            "instanceId",
            "proxy-eip-id",
            "Average",
            "65",
        ),
        "oss-errors": ("acs_oss_dashboard", "ServerErrorRate", "BucketName", "oss-proxy-dev", "Value", "5"),
    }
    for role, (namespace, metric, dimension, name, statistics, threshold) in expected.items():
        assert made[f"proxy-alarm-{role}"].inputs == {
            **shared,
            "name": f"oss-proxy-dev-alarm-{role}",
            "project": namespace,
            "metric": metric,
            "metricDimensions": f'[{{"{dimension}":"{name}"}}]',
            "escalationsWarn": {
                "comparisonOperator": ">=",
                "statistics": statistics,
                "threshold": threshold,
                "times": 5,
            },
        }


@pytest.mark.parametrize("alarm", [rules.CPU, rules.OSS_ERRORS, rules.INSTANCE_DOWN, rules.bandwidth(80)])
def test_the_metrics_are_those_that_cloudmonitor_lists(alarm: rules.Alarm) -> None:
    metric = METRICS[alarm.namespace][alarm.metric]
    assert alarm.statistics in metric.statistics
    (watched,) = json.loads(rules.watched(alarm.watches, "x"))
    assert set(watched) == set(metric.dimensions)
    assert rules.PERIOD_S % metric.period_s == 0


PROPS: dict[str, Any] = {
    "region": "cn-hangzhou",
    "rule_id": rule_id("cn-hangzhou", "oss-proxy-dev-alarm-instance-down"),
    "rule_name": "oss-proxy-dev-alarm-instance-down",
    "instance_id": "i-1",
    "contact_groups": ["ops", "dba"],
    "labels": {"stack": "dev"},
}
PROVIDER = DownAlarmProvider()


@pytest.fixture
def service(cloud: FakeCloud) -> FakeMonitor:
    return cloud.monitor


class TestTheAlarmForAnInstanceThatIsDown:
    def test_missing_data_is_the_alarm(self, service: FakeMonitor) -> None:
        PROVIDER.create(PROPS)
        assert service.rules[PROPS["rule_id"]] == {
            "RuleId": PROPS["rule_id"],
            "RuleName": "oss-proxy-dev-alarm-instance-down",
            "Namespace": "acs_ecs_dashboard",
            "MetricName": "CPUUtilization",
            "Resources": '[{"instanceId":"i-1"}]',
            "ContactGroups": "ops,dba",
            "Escalations": {
                "Critical": {
                    "Statistics": "Average",
                    "ComparisonOperator": "LessThanOrEqualToThreshold",
                    "Threshold": "0",
                    "Times": 5,
                }
            },
            "Period": "60",
            "SilenceTime": 3600,
            "NoDataPolicy": "INSUFFICIENT_DATA",
            "Labels": [{"Key": "stack", "Value": "dev"}],
            "EnableState": True,
        }

    def test_its_id_is_always_the_same_and_no_other_stacks(self) -> None:
        ids = {rule_id(region, name) for region in ("cn-hangzhou", "cn-beijing") for name in ("a", "b")}
        assert len(ids) == 4
        assert all(len(one) == 40 and int(one, 16) for one in ids)

    def test_a_rule_left_by_an_update_that_was_killed_is_taken_over(self, service: FakeMonitor) -> None:
        PROVIDER.create(PROPS)
        PROVIDER.create(PROPS)
        assert list(service.rules) == [PROPS["rule_id"]]

    def test_nothing_changed_is_no_difference_also_when_read_back(self, service: FakeMonitor) -> None:
        made = PROVIDER.create(PROPS)
        assert made.outs is not None
        assert PROVIDER.diff(made.id, made.outs, PROPS).changes is False
        # CloudMonitor's own spelling of the same.
        rule = service.rules[PROPS["rule_id"]]
        rule["Resources"] = '[ {"instanceId": "i-1"} ]'
        rule["Escalations"]["Critical"].update({"Threshold": "0.0", "Times": "5"})
        read = PROVIDER.read(made.id, made.outs)
        assert PROVIDER.diff(made.id, read.outs, PROPS).changes is False

    @pytest.mark.parametrize(
        "change",
        [
            {"instance_id": "i-2"},
            {"contact_groups": ["ops"]},
            {"rule_name": "other"},
            {"labels": {"stack": "prod"}},
            {"instance_id": object()},
        ],
    )
    def test_a_setting_that_changed_is_written(self, service: FakeMonitor, change: dict[str, Any]) -> None:
        made = PROVIDER.create(PROPS)
        assert made.outs is not None
        found = PROVIDER.diff(made.id, made.outs, {**PROPS, **change})
        assert (found.changes, found.replaces) == (True, [])

    @pytest.mark.parametrize(
        "tampered",
        [
            {"EnableState": False},
            {"NoDataPolicy": "KEEP_LAST_STATE"},
            {"ContactGroups": "nobody"},
            {"Period": 300},
        ],
    )
    def test_what_others_changed_is_mended(self, service: FakeMonitor, tampered: dict[str, Any]) -> None:
        made = PROVIDER.create(PROPS)
        assert made.outs is not None
        service.rules[PROPS["rule_id"]].update(tampered)
        read = PROVIDER.read(made.id, made.outs)
        assert PROVIDER.diff(made.id, read.outs, PROPS).changes is True
        assert PROVIDER.update(made.id, read.outs, PROPS).outs == made.outs
        assert PROVIDER.read(made.id, made.outs).outs == made.outs

    def test_a_removed_rule_is_gone_and_removing_it_again_is_fine(self, service: FakeMonitor) -> None:
        made = PROVIDER.create(PROPS)
        assert made.outs is not None
        PROVIDER.delete(made.id, made.outs)
        assert service.rules == {}
        PROVIDER.delete(made.id, made.outs)
        assert PROVIDER.read(made.id, made.outs).id == ""


class TestContactGroups:
    def test_all_pages_are_read(self) -> None:
        service = FakeMonitor(groups=[f"group-{number}" for number in range(250)])
        monitor.require_contact_groups(service, ["group-249", "group-0"])
        assert [params["PageNumber"] for _, params in service.calls] == [1, 2, 3]

    def test_one_that_does_not_exist_is_named_with_those_that_do(
        self, values: dict[str, str], cloud: FakeCloud
    ) -> None:
        with pytest.raises(monitor.ContactGroupError) as caught:
            monitor.require_contact_groups(cloud.monitor, ["ops", "ghosts"])
        assert "no contact group ghosts; it has ops, 云账号报警联系人" in str(caught.value)
        assert "oss-proxy:alarmContactGroups" in caught.value.fix
        with pytest.raises(Exception, match="no contact group ghosts"):
            deploy({**values, **ON, "alarmContactGroups": '["ghosts"]'})


def test_a_refusal_in_an_answer_without_an_error_is_one(service: FakeMonitor) -> None:
    refusal = {"Success": False, "Code": "403", "Message": "Quotas exceeded."}
    service.answers = {"PutResourceMetricRule": refusal, "DeleteMetricRules": refusal}
    with pytest.raises(CloudError, match=r"cms:PutResourceMetricRule failed: 403 Quotas exceeded\."):
        monitor.put_rule(service, rule_of(PROPS))
    with pytest.raises(CloudError, match="cms:DeleteMetricRules failed"):
        monitor.delete_rule(service, "r-1")


def test_cloudmonitor_has_a_host_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = CredentialsClient(
        CredentialsConfig(type="access_key", access_key_id="LTAIexample", access_key_secret="secret")
    )
    monkeypatch.setattr(sdk_rpc, "credentials_client", lambda: keys)
    client = sdk_rpc.RpcClient(sdk_rpc.CMS, "cn-hangzhou")
    assert client._client._endpoint == "metrics.cn-hangzhou.aliyuncs.com"
