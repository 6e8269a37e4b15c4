"""What the program registers, in previews and updates, with which inputs and options."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
import yaml

from tests.unit.fakes import ACCOUNT_UID, FakeBucket, FakeCloud
from tests.unit.recorder import UNKNOWN, Answers, Deployment, deploy

EGRESS = ("tcp-80", "tcp-443", "tcp-53", "udp-53", "udp-123", "rest")
RESOURCES = [
    ("proxy-account", "pulumi-python:dynamic:AccountGuard"),
    ("proxy-bucket-guard", "pulumi-python:dynamic:BucketGuard"),
    ("proxy-vpc", "alicloud:vpc/network:Network"),
    ("proxy-vswitch", "alicloud:vpc/switch:Switch"),
    ("proxy-security-group", "alicloud:ecs/securityGroup:SecurityGroup"),
    ("proxy-ingress-198.51.100.0-24", "alicloud:ecs/securityGroupRule:SecurityGroupRule"),
    *((f"proxy-egress-{role}", "alicloud:ecs/securityGroupRule:SecurityGroupRule") for role in EGRESS),
    ("proxy-bucket-policy", "pulumi-python:dynamic:BucketPolicy"),
    ("proxy-eip", "alicloud:ecs/eipAddress:EipAddress"),
    ("proxy-instance", "alicloud:ecs/instance:Instance"),
    ("proxy-eip-association", "alicloud:ecs/eipAssociation:EipAssociation"),
    ("proxy-configuration", "pulumi-python:dynamic:Configuration"),
    ("proxy-account-last", "pulumi-python:dynamic:AccountGuard"),
    ("proxy-bucket-guard-last", "pulumi-python:dynamic:BucketGuard"),
]

Run = Callable[..., Deployment]


@pytest.fixture
def run(values: dict[str, str], cloud: FakeCloud) -> Run:
    def run(
        changes: dict[str, str] | None = None, answers: Answers | None = None, **kwargs: Any
    ) -> Deployment:
        return deploy({**values, **(changes or {})}, answers, **kwargs)

    return run


@pytest.mark.parametrize("preview", [True, False])
def test_preview_and_update_register_the_same_resources(run: Run, preview: bool) -> None:
    assert sorted(run(preview=preview).resources) == sorted(RESOURCES)


def test_every_network_gets_one_rule_for_the_listen_port_and_nothing_else(run: Run) -> None:
    made = run({"allowedCidrs": '["198.51.100.0/24", "203.0.113.7/32"]', "listenPort": "8080"})
    rules = [one for one in made.registrations if one.name.startswith("proxy-ingress-")]
    assert {rule.inputs["cidrIp"] for rule in rules} == {"198.51.100.0/24", "203.0.113.7/32"}
    for rule in rules:
        assert rule.inputs["type"] == "ingress"
        assert rule.inputs["policy"] == "accept"
        assert rule.inputs["ipProtocol"] == "tcp"
        assert rule.inputs["portRange"] == "8080/8080"
        assert rule.inputs["nicType"] == "intranet"


def test_the_instance_is_hardened_and_has_the_chosen_address(run: Run) -> None:
    inputs = run()["proxy-instance"].inputs
    assert inputs["privateIp"] == "172.16.0.1"
    assert inputs["httpTokens"] == "required"
    assert inputs["httpEndpoint"] == "enabled"
    assert inputs["systemDiskEncrypted"] is True
    assert inputs["systemDiskCategory"] == "cloud_essd"
    assert inputs["systemDiskPerformanceLevel"] == "PL0"
    assert inputs["internetMaxBandwidthOut"] == 0
    assert inputs["securityGroups"] == ["proxy-security-group-id"]
    assert inputs["userData"].startswith("#cloud-config\n")
    assert not {"password", "kmsEncryptedPassword", "keyName", "roleName"} & inputs.keys()


def test_a_changed_user_data_neither_replaces_nor_reboots_the_instance(run: Run) -> None:
    request = run()["proxy-instance"].request
    assert set(request.replaceOnChanges) == {"imageId", "privateIp", "vswitchId"}
    assert request.deleteBeforeReplace
    assert "userData" in request.ignoreChanges


def test_the_running_instance_gets_the_files_of_the_first_boot(run: Run) -> None:
    made = run({"listenPort": "8080"})
    inputs = made["proxy-configuration"].inputs
    assert inputs["instance_id"] == "proxy-instance-id"
    first_boot = yaml.safe_load(made["proxy-instance"].inputs["userData"])["write_files"]
    brought = [*inputs["files"], inputs["nginx_conf"]]
    assert [(file["path"], _unpacked(file)) for file in first_boot] == [
        (file["path"], file["content"]) for file in brought
    ]
    assert "listen 8080 default_server " in inputs["nginx_conf"]["content"]


def _unpacked(file: dict[str, str]) -> str:
    if "encoding" not in file:
        return file["content"]
    return gzip.decompress(base64.b64decode(file["content"])).decode()


def test_in_the_end_a_key_that_the_policy_allows_is_asked_for(run: Run) -> None:
    probe = run({"objectPrefixes": '["图片/"]', "listenPort": "8080"})["proxy-configuration"].inputs["probe"]
    assert probe["bucket_host"] == "oss-proxy-dev.oss-cn-hangzhou-internal.aliyuncs.com"
    assert probe["key"] == "图片/.oss-proxy-probe"
    assert probe["listen_port"] == 8080
    assert probe["proxy_path"] == "/readyz"


def test_the_configuration_is_brought_once_the_policy_lets_the_instance_in(run: Run) -> None:
    assert {"proxy-bucket-policy", "proxy-instance"} <= run()["proxy-configuration"].dependencies


def test_another_network_is_another_vpc(run: Run) -> None:
    made = run()
    assert list(made["proxy-vpc"].request.replaceOnChanges) == ["cidrBlock"]
    assert made["proxy-vswitch"].request.deleteBeforeReplace


@pytest.mark.parametrize(
    ("setting", "name", "ignored"),
    [
        ({"imageId": ""}, "proxy-instance", ["userData", "securityEnhancementStrategy", "imageId"]),
        ({"imageId": "m-mine"}, "proxy-instance", ["userData", "securityEnhancementStrategy"]),
        ({"zoneId": ""}, "proxy-vswitch", ["zoneId"]),
        ({"zoneId": "cn-hangzhou-h"}, "proxy-vswitch", []),
    ],
)
def test_what_the_owner_did_not_choose_stays_as_it_was(
    run: Run, setting: dict[str, str], name: str, ignored: list[str]
) -> None:
    assert list(run(setting)[name].request.ignoreChanges) == ignored


def test_a_chosen_image_and_zone_are_not_looked_up(run: Run) -> None:
    made = run({"imageId": "m-mine", "zoneId": "cn-hangzhou-h"})
    assert [token for token, _ in made.calls] == ["alicloud:index/getCallerIdentity:getCallerIdentity"]
    assert made["proxy-instance"].inputs["imageId"] == "m-mine"
    assert made["proxy-vswitch"].inputs["zoneId"] == "cn-hangzhou-h"


def test_the_eip_is_paid_by_traffic_and_capped(run: Run) -> None:
    inputs = run({"bandwidthMbps": "50"})["proxy-eip"].inputs
    assert inputs["internetChargeType"] == "PayByTraffic"
    assert inputs["bandwidth"] == "50"


def test_the_eip_outlives_the_instance(run: Run) -> None:
    made = run()
    assert "proxy-instance" not in made["proxy-eip"].dependencies
    association = made["proxy-eip-association"]
    assert association.request.deleteBeforeReplace
    assert association.inputs["allocationId"] == "proxy-eip-id"
    assert association.inputs["instanceId"] == "proxy-instance-id"


@pytest.mark.parametrize("preview", [True, False])
def test_everything_comes_after_the_first_guards_and_before_the_last(run: Run, preview: bool) -> None:
    made = run(preview=preview)
    names = {name for name, _ in RESOURCES}

    def before(name: str) -> set[str]:
        direct = made[name].dependencies & names
        return direct.union(*(before(one) for one in direct)) if direct else set()

    assert made["proxy-account"].dependencies == set()
    assert before("proxy-bucket-guard") == {"proxy-account"}
    for name in names - {"proxy-account", "proxy-bucket-guard"}:
        assert "proxy-bucket-guard" in before(name), name
    last = {"proxy-account-last", "proxy-bucket-guard-last"}
    assert before("proxy-account-last") == names - last
    assert before("proxy-bucket-guard-last") == names - {"proxy-bucket-guard-last"}


def test_the_policy_is_there_before_the_instance_boots_and_does_not_wait_for_it(run: Run) -> None:
    made = run()
    assert "proxy-bucket-policy" in made["proxy-instance"].dependencies
    assert "proxy-instance" not in made["proxy-bucket-policy"].dependencies


def test_children_belong_to_their_component(run: Run) -> None:
    made = run()
    for name, type_ in RESOURCES:
        if type_.startswith("alicloud:"):
            assert made[name].parent.split("::")[2].startswith("pulumi:pulumi:Stack$oss-proxy:infra:"), name


def test_no_provider_code_is_secret_and_all_of_it_is_a_reference(run: Run) -> None:
    # A secret would need an encryption key in the stack file; code by value would drift from the checkout.
    for one in run().registrations:
        if one.type.startswith("pulumi-python:"):
            assert isinstance(one.inputs["__provider"], str)
            assert len(one.inputs["__provider"]) < 200


def test_a_first_preview_shows_the_policy_although_its_vpc_is_unknown(run: Run) -> None:
    made = run(preview=True)
    assert made["proxy-bucket-policy"].inputs["policy"] == UNKNOWN
    shown = json.loads(made.outputs["policy_preview"])
    condition = shown["Statement"][0]["Condition"]
    assert condition["StringEquals"] == {"acs:SourceVpc": ["<VPC id: known after creation>"]}
    assert condition["IpAddress"] == {"acs:SourceIp": ["172.16.0.1"]}
    assert "listen 80 default_server " in made.outputs["nginx_config"]


def test_an_update_exports_what_scripts_need(run: Run) -> None:
    made = run({"listenPort": "8080"})
    policy = json.loads(made.outputs["bucket_policy"])
    assert policy["Statement"][0]["Condition"]["StringEquals"] == {"acs:SourceVpc": ["proxy-vpc-id"]}
    assert made.outputs["policy_preview"] == made.outputs["bucket_policy"]
    for text in ("bucket_policy", "policy_preview", "nginx_config", "runbook", "access", "access_facts"):
        del made.outputs[text]
    assert made.outputs == {
        "account_uid": ACCOUNT_UID,
        "bucket": "oss-proxy-dev",
        "certificate": "none: clients come by plain HTTP",
        "configuration": "0123456789abcdef",
        "dns_records": "",
        "image_id": "debian_13_2_x64_20G_alibase_20260910.vhd",
        "instance_id": "proxy-instance-id",
        "internal_endpoint": "oss-cn-hangzhou-internal.aliyuncs.com",
        "private_ip": "172.16.0.1",
        "public_ip": "203.0.113.9",
        "url": "http://203.0.113.9:8080/",
        "vpc_id": "proxy-vpc-id",
    }


def test_names_and_tags_carry_project_and_stack(run: Run) -> None:
    made = run()
    assert made["proxy-vpc"].inputs["vpcName"] == "oss-proxy-dev-vpc"
    for name in ("proxy-vpc", "proxy-vswitch", "proxy-security-group", "proxy-eip", "proxy-instance"):
        assert made[name].inputs["tags"] == {"managed-by": "pulumi", "project": "oss-proxy", "stack": "dev"}


def refused(run: Run, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(pulumi.RunError) as caught:
        run(*args, **kwargs)
    return str(caught.value)


def test_faulty_settings_are_told_without_a_trace_and_before_any_call(run: Run) -> None:
    answers = Answers()
    assert "oss-proxy:listenPort" in refused(run, {"listenPort": "0"}, answers)
    assert answers.calls == []


@pytest.mark.parametrize(
    ("bucket", "words"),
    [
        (FakeBucket(owner_uid="9999999999999999"), "belongs to account 9999999999999999"),
        (FakeBucket(region="cn-beijing"), "is in cn-beijing, the stack in cn-hangzhou"),
        (FakeBucket(internal_endpoint="oss-cn-hzjbp-a-internal.aliyuncs.com"), "oss-cn-hzjbp-a-internal"),
        (FakeBucket(internal_endpoint=""), "names no internal endpoint"),
    ],
)
def test_a_bucket_that_does_not_fit(run: Run, cloud: FakeCloud, bucket: FakeBucket, words: str) -> None:
    cloud.buckets["oss-proxy-dev"] = bucket
    assert words in refused(run)


def test_a_bucket_that_does_not_exist(run: Run) -> None:
    assert "the bucket nobodys-bucket does not exist" in refused(run, {"bucketName": "nobodys-bucket"})


def test_credentials_of_two_accounts(run: Run) -> None:
    text = refused(run, answers=Answers(account_uid="9999999999999999"))
    assert "9999999999999999" in text
    assert ACCOUNT_UID in text


def test_no_image_and_no_zone(run: Run) -> None:
    assert "imageId" in refused(run, answers=Answers(images=()))
    assert "instanceType" in refused(run, answers=Answers(zones=()))


@pytest.mark.parametrize("category", ["cloud_auto", "cloud_essd_entry"])
def test_a_zone_is_found_for_the_disks_that_the_lookup_of_zones_does_not_know(
    run: Run, category: str
) -> None:
    made = run({"systemDiskCategory": category})
    assert made["proxy-vswitch"].inputs["zoneId"] == "cn-hangzhou-k"
    zones = dict(made.calls)["alicloud:index/getZones:getZones"]
    assert "availableDiskCategory" not in zones
    types = dict(made.calls)["alicloud:ecs/getInstanceTypes:getInstanceTypes"]
    assert types["systemDiskCategory"] == category
    assert category in refused(run, {"systemDiskCategory": category}, Answers(zones_with_disk=()))
