"""Alarms on, changed, tampered with and off, and the runbook's commands, on the real engine and provider."""

from __future__ import annotations

import json
import re
import shlex
import sys
from typing import Any

import pytest

from tests.support.project import Project

# What an administrator does beside the program, with the official client.
MONITOR = """
import json, os, sys

from alibabacloud_cms20190101 import models
from alibabacloud_cms20190101.client import Client
from alibabacloud_credentials.client import Client as Credentials
from alibabacloud_tea_openapi.models import Config

client = Client(Config(credential=Credentials(), region_id=sys.argv[1], ca=os.environ["REQUESTS_CA_BUNDLE"]))
client._endpoint = f"metrics.{sys.argv[1]}.aliyuncs.com"
match sys.argv[2:]:
    case ["group", name]:
        client.put_contact_group(models.PutContactGroupRequest(contact_group_name=name))
    case ["off", rule]:
        client.disable_metric_rules(models.DisableMetricRulesRequest(rule_id=[rule]))
    case ["remove", rule]:
        client.delete_metric_rules(models.DeleteMetricRulesRequest(id=[rule]))
    case ["list"]:
        rules = client.describe_metric_rule_list(models.DescribeMetricRuleListRequest(page_size=100))
        print(json.dumps(rules.body.to_map()["Alarms"]["Alarm"]))
"""


def monitor(stack: Project, *words: str) -> str:
    region = stack.setting("alicloud:region")
    done = stack.cloud.run("operator", [sys.executable, "-c", MONITOR, region, *words])
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def rules(stack: Project) -> dict[str, Any]:
    """The alert rules by what they are for."""
    listed = json.loads(monitor(stack, "list"))
    return {rule["RuleName"].removeprefix("oss-proxy-dev-alarm-"): rule for rule in listed}


def condition(rule: dict[str, Any]) -> tuple[str, ...]:
    ((level, found),) = rule["Escalations"].items()
    return level, found["Statistics"], found["ComparisonOperator"], found["Threshold"]


@pytest.fixture
def watched(stack: Project) -> Project:
    """The stack with alarms asked for, and somebody to tell."""
    monitor(stack, "group", "ops")
    stack.change({"alarms": "true", "alarmContactGroups": ["ops"]})
    return stack


def test_nobody_to_tell_is_refused_before_anything_is_made(stack: Project) -> None:
    stack.change({"alarms": "true", "alarmContactGroups": ["nobody"]})
    for command in (("preview",), ("up", "--yes", "--skip-preview")):
        result = stack.pulumi(*command)
        assert result.code != 0
        assert "no contact group nobody" in result.text
        assert "Traceback" not in result.text
    assert stack.cloud.status()["vpcs"] == []


def test_alarms_come_change_are_mended_and_go(watched: Project) -> None:
    watched.must("up", "--yes", "--skip-preview")
    outputs, made = watched.outputs(), rules(watched)
    instance = [{"instanceId": outputs["instance_id"]}]
    assert {name: json.loads(rule["Resources"]) for name, rule in made.items() if name != "bandwidth"} == {
        "cpu": instance,
        "instance-down": instance,
        "oss-errors": [{"BucketName": outputs["bucket"]}],
    }
    assert made["bandwidth"]["Resources"].startswith('[{"instanceId":"eip-')
    assert {name: condition(rule) for name, rule in made.items()} == {
        "bandwidth": ("Warn", "Average", "GreaterThanOrEqualToThreshold", "80"),
        "cpu": ("Warn", "Average", "GreaterThanOrEqualToThreshold", "90"),
        "instance-down": ("Critical", "Average", "LessThanOrEqualToThreshold", "0"),
        "oss-errors": ("Warn", "Value", "GreaterThanOrEqualToThreshold", "5"),
    }
    assert {name for name, rule in made.items() if rule["NoDataPolicy"] == "INSUFFICIENT_DATA"} == {
        "instance-down"
    }
    for rule in made.values():
        assert (rule["ContactGroups"], rule["EnableState"]) == ("ops", True)
        assert {"Key": "stack", "Value": "dev"} in rule["Labels"]["Labels"]
    assert {alarm["name"] for alarm in watched.cloud.status()["alarms"]} == {
        f"oss-proxy-dev-alarm-{name}" for name in made
    }

    watched.must("up", "--yes", "--skip-preview", "--expect-no-changes")
    watched.must("refresh", "--yes", "--skip-preview", "--expect-no-changes")

    watched.change({"alarmBandwidthPercent": 60})
    watched.must("up", "--yes", "--skip-preview")
    changed = rules(watched)
    assert condition(changed["bandwidth"])[-1] == "60"
    assert {name for name in made if changed[name]["GmtUpdate"] != made[name]["GmtUpdate"]} == {"bandwidth"}

    monitor(watched, "off", made["instance-down"]["RuleId"])
    monitor(watched, "remove", made["cpu"]["RuleId"])
    watched.must("refresh", "--yes", "--skip-preview")
    watched.must("up", "--yes", "--skip-preview")
    mended = rules(watched)
    assert mended.keys() == made.keys()
    assert mended["instance-down"]["EnableState"] is True

    watched.change({"alarms": None, "alarmContactGroups": None})
    watched.must("up", "--yes", "--skip-preview")
    assert rules(watched) == {}
    assert watched.outputs()["instance_id"] == outputs["instance_id"]
    assert watched.cloud.status()["coverage"]["unknown"] == {}


def test_the_runbooks_replacement_keeps_the_addresses_and_takes_the_alarms_along(watched: Project) -> None:
    watched.must("up", "--yes", "--skip-preview")
    before = watched.outputs()
    found = re.search(r"`pulumi (up [^`]*--replace [^`]*)`", before["runbook"])
    assert found is not None
    watched.must(*shlex.split(found[1]), "--yes", "--skip-preview")

    after = watched.outputs()
    assert after["instance_id"] != before["instance_id"]
    assert [after[key] for key in ("public_ip", "private_ip")] == [
        before[key] for key in ("public_ip", "private_ip")
    ]
    assert after["instance_id"] in after["runbook"]
    for name in ("cpu", "instance-down"):
        assert json.loads(rules(watched)[name]["Resources"]) == [{"instanceId": after["instance_id"]}]
    watched.must("destroy", "--yes", "--skip-preview")
    assert rules(watched) == {}
    assert watched.cloud.status()["coverage"]["unknown"] == {}
