"""A booted instance reads a private object by its RAM role, with nothing but what metadata tells it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.localcloud import LocalCloud

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

BUCKET, REGION = "role-bucket", "cn-hangzhou"
MAKE = """
import base64, json, os, time
from alibabacloud_ecs20140526 import models as ecs
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_ram20150501 import models as ram
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client as Vpc

REGION = "cn-hangzhou"


def client(kind, **more):
    return kind(Config(
        access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        region_id=REGION,
        **more,
    ))


def document(**statement):
    return json.dumps({"Version": "1", "Statement": [{"Effect": "Allow", **statement}]})


rights = client(Ram, endpoint="ram.aliyuncs.com")
trust = document(Action="sts:AssumeRole", Principal={"Service": ["ecs.aliyuncs.com"]})
rights.create_role(ram.CreateRoleRequest(role_name="reader", assume_role_policy_document=trust))
reads = document(Action="oss:GetObject", Resource="acs:oss:*:*:role-bucket/public/*")
rights.create_policy(ram.CreatePolicyRequest(policy_name="reads", policy_document=reads))
rights.attach_policy_to_role(
    ram.AttachPolicyToRoleRequest(role_name="reader", policy_name="reads", policy_type="Custom")
)
net = client(Vpc)
vpc_id = net.create_vpc(vpc.CreateVpcRequest(region_id=REGION, cidr_block="172.16.0.0/12")).body.vpc_id
while True:
    shown = net.describe_vpc_attribute(vpc.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=vpc_id))
    if shown.body.status == "Available":
        break
    time.sleep(0.1)
switch_id = net.create_vswitch(vpc.CreateVSwitchRequest(
    region_id=REGION, vpc_id=vpc_id, cidr_block="172.16.9.0/24", zone_id="cn-hangzhou-k"
)).body.v_switch_id
hosts = client(Ecs)
group_id = hosts.create_security_group(
    ecs.CreateSecurityGroupRequest(region_id=REGION, vpc_id=vpc_id)
).body.security_group_id
made = hosts.run_instances(ecs.RunInstancesRequest(
    region_id=REGION,
    image_id="debian_13_2_x64_20G_alibase_20260910.vhd",
    instance_type="ecs.u1-c1m2.large",
    v_switch_id=switch_id,
    security_group_ids=[group_id],
    ram_role_name="reader",
    http_tokens="required",
    user_data=base64.b64encode(b"#cloud-config\\npackage_update: false\\n").decode(),
)).body.instance_id_sets.instance_id_set[0]
while True:
    request = ecs.DescribeInstancesRequest(region_id=REGION, instance_ids=json.dumps([made]))
    (shown,) = hosts.describe_instances(request).body.instances.instance
    if shown.status == "Running":
        break
    assert shown.status in ("Pending", "Starting"), shown.status
    time.sleep(0.5)
print(made)
"""
READ = """
import base64, hashlib, hmac, json, sys, urllib.error, urllib.request
from email.utils import formatdate

METADATA = "http://100.100.100.200/latest/"
TOKEN = "X-aliyun-ecs-metadata-token"


def ask(url, headers=None, method="GET"):
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=headers or {}, method=method), timeout=10
        ) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


folder = METADATA + "meta-data/ram/security-credentials/"
without = ask(folder)[0]
token = ask(METADATA + "api/token", {TOKEN + "-ttl-seconds": "60"}, "PUT")[1]
role = ask(folder, {TOKEN: token})[1]
told = json.loads(ask(folder + role, {TOKEN: token})[1])


def read(key):
    date = formatdate(usegmt=True)
    line = "x-oss-security-token:" + told["SecurityToken"]
    text = "GET\\n\\n\\n" + date + "\\n" + line + "\\n/role-bucket/" + key
    digest = hmac.digest(told["AccessKeySecret"].encode(), text.encode(), "sha1")
    headers = {
        "Date": date,
        "x-oss-security-token": told["SecurityToken"],
        "Authorization": "OSS " + told["AccessKeyId"] + ":" + base64.b64encode(digest).decode(),
    }
    return ask("http://role-bucket.oss-cn-hangzhou-internal.aliyuncs.com/" + key, headers)


print(json.dumps([without, role, told["Code"], read("public/a.txt"), read("private/a.txt")[0]]))
"""


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    if os.geteuid() != 0:
        pytest.skip("networks need root; run: sudo make test")
    cloud = LocalCloud(tmp_path / "home")
    cloud.cli("up", timeout_s=600)
    yield cloud
    cloud.cli("down")


def test_an_instance_reads_by_its_role(cloud: LocalCloud, tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("by role")
    cloud.cli("oss", "mb", BUCKET, "--region", REGION)
    for key in ("public/a.txt", "private/a.txt"):
        cloud.cli("oss", "put", str(source), BUCKET, key)
    made = cloud.run("operator", [sys.executable, "-c", MAKE])
    assert made.returncode == 0, made.stderr.decode()
    instance = made.stdout.decode().strip()
    booted = cloud.run(instance, ["cloud-init", "status", "--wait", "--format=json"])
    assert booted.returncode == 0, booted.stdout.decode()
    done = cloud.run(instance, ["python3", "-c", READ])
    assert done.returncode == 0, done.stderr.decode()
    without, role, code, read, refused = json.loads(done.stdout)
    assert (without, role, code) == (403, "reader", "Success")
    assert (read, refused) == ([200, "by role"], 403)
