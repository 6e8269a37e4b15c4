"""An instance that really boots: user data, metadata, restart, its disk, and commands inside."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace

import pytest
import pytest_asyncio

from localcloud.fabric.netns import namespaces
from localcloud.fabric.netns.fabric import NetnsFabric
from localcloud.fabric.protocol import FabricError, InstanceSpec, SecurityPolicy, VSwitchSpec
from tests.localcloud.net.conftest import Lab, allow, asks, run_in

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

EIP = "203.0.113.30"
USER_DATA = b"""#cloud-config
package_update: true
packages: [nginx]
write_files:
- path: /var/www/html/hello
  content: from the instance
runcmd:
- [sh, -c, "cat /proc/sys/kernel/hostname > /root/first-boot"]
"""


def fabric_of(lab: Lab) -> NetnsFabric:
    assert lab.world.fabric is not None
    return lab.world.fabric


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def instance(lab: Lab) -> InstanceSpec:
    """An instance that serves a file, with a public address; its cloud-init has ended."""
    fabric = fabric_of(lab)
    vpc = await lab.vpc("172.16.0.0/12")
    vswitch = VSwitchSpec(vswitch_id="vsw-1", vpc_id=vpc, zone_id="cn-hangzhou-k", cidr="172.16.1.0/29")
    await fabric.create_vswitch(vswitch)
    spec = InstanceSpec(
        instance_id="i-bp1test0000000000001",
        account_uid="9000000000000001",
        region_id="cn-hangzhou",
        zone_id=vswitch.zone_id,
        vpc_id=vpc,
        vswitch_id=vswitch.vswitch_id,
        vswitch_cidr=vswitch.cidr,
        private_ip="172.16.1.2",
        mac="00:16:3e:0a:0b:0c",
        hostname="proxy-1",
        image_id="debian_13_x64",
        instance_type="ecs.e-c1m1.large",
        user_data=USER_DATA,
        http_tokens_required=True,
        security=SecurityPolicy(rules=(allow(80),)),
    )
    await fabric.start_instance(spec)
    await fabric.bind_eip(EIP, spec.instance_id, 100)
    await inside(lab, spec, "cloud-init status --wait")
    return spec


async def inside(lab: Lab, spec: InstanceSpec, script: str) -> str:
    """Output of a shell script inside the instance, which must succeed."""
    code, output = await fabric_of(lab).run_command(spec.instance_id, ["sh", "-c", script], b"", 120)
    assert code == 0, output.decode()
    return output.decode().strip()


async def test_cloud_init_has_done_all_by_the_clouds_own_source(lab: Lab, instance: InstanceSpec) -> None:
    status = json.loads(await inside(lab, instance, "cloud-init status --format json"))
    assert (status["status"], status["extended_status"]) == ("done", "done")
    assert (status["errors"], status["recoverable_errors"]) == ([], {})
    assert status["datasource"] == "aliyunlocal"
    assert await inside(lab, instance, "cloud-init query instance_id") == instance.instance_id
    assert await inside(lab, instance, "cloud-init query ds.meta_data.hostname") == "proxy-1"
    assert await inside(lab, instance, "cat /root/first-boot; hostname") == "proxy-1\nproxy-1"
    assert await inside(lab, instance, "systemctl is-system-running") == "running"


async def test_the_internet_reaches_what_it_serves(lab: Lab, instance: InstanceSpec) -> None:
    assert await asks(lab.names.internet, f"http://{EIP}/hello") == "from the instance"


async def test_metadata_takes_tokens_only(lab: Lab, instance: InstanceSpec) -> None:
    url = "http://100.100.100.200/latest"
    refused = await inside(lab, instance, f"curl -s -o /dev/null -w '%{{http_code}}' {url}/meta-data/")
    assert refused == "403"
    script = (
        f"T=$(curl -s -X PUT -H 'X-aliyun-ecs-metadata-token-ttl-seconds: 60' {url}/api/token); "
        f'curl -s -H "X-aliyun-ecs-metadata-token: $T" {url}/meta-data/eipv4'
    )
    assert await inside(lab, instance, script) == EIP


async def test_names_and_certificates_are_the_clouds(lab: Lab, instance: InstanceSpec) -> None:
    bucket = "b.oss-cn-hangzhou-internal.aliyuncs.com"
    addresses = await inside(lab, instance, f"getent ahostsv4 {bucket}")
    assert "100.118.28." in addresses
    for scheme in ("http", "https"):
        answered = await inside(
            lab, instance, f"curl -s -o /dev/null -w '%{{http_code}}' {scheme}://{bucket}/key"
        )
        assert answered == "404"
    code, _ = await fabric_of(lab).run_command(
        instance.instance_id,
        ["curl", "-s", "-m", "2", "http://oss-cn-shanghai-internal.aliyuncs.com/"],
        b"",
        10,
    )
    assert code != 0, "another region's internal endpoint resolves, and nothing answers there"


async def test_commands_have_input_output_and_an_end(lab: Lab, instance: InstanceSpec) -> None:
    fabric = fabric_of(lab)
    code, output = await fabric.run_command(
        instance.instance_id, ["sh", "-c", "cat; echo to-stderr >&2; id -un; pwd; exit 3"], b"given\n", 10
    )
    assert (code, output) == (3, b"given\nto-stderr\nroot\n/\n")
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        await fabric.run_command(instance.instance_id, ["sleep", "61"], b"", 0.5)
    assert time.monotonic() - started < 5
    assert "sleep 61" not in await inside(lab, instance, "ps -eo args")


async def test_probe_hosts(lab: Lab, instance: InstanceSpec) -> None:
    networks = lab.networks
    beside = await networks.probe_beside(instance.vpc_id)
    assert await networks.probe_beside(instance.vpc_id) == beside
    assert await asks(beside, f"http://{instance.private_ip}/hello") == "from the instance"
    elsewhere = await networks.probe_elsewhere(instance)
    _, addresses = await run_in(elsewhere, "ip", "-4", "-o", "address", "show", "eth0")
    assert f" {instance.private_ip}/29 " in addresses


async def test_a_restart_from_inside_comes_back(lab: Lab, instance: InstanceSpec) -> None:
    fabric = fabric_of(lab)
    boot = await inside(
        lab, instance, "touch /root/kept; cat /proc/sys/kernel/random/boot_id; ps -o lstart= 1"
    )
    leader = fabric.leader(instance.instance_id)
    await fabric.run_command(instance.instance_id, ["systemctl", "reboot"], b"", 30)
    async with asyncio.timeout(60):
        while True:
            try:
                if fabric.leader(instance.instance_id) != leader:
                    break
            except Exception:  # noqa: S110 - it is down just now
                pass
            await asyncio.sleep(0.05)
    await inside(lab, instance, "cloud-init status --wait")
    assert await inside(lab, instance, "ls /root/kept") == "/root/kept"
    assert boot
    assert await asks(lab.names.internet, f"http://{EIP}/hello") == "from the instance"


async def test_stop_and_start_keep_the_disk_and_do_not_run_user_data_again(
    lab: Lab, instance: InstanceSpec
) -> None:
    fabric = fabric_of(lab)
    await inside(lab, instance, "echo mine > /root/first-boot")
    await fabric.stop_instance(instance.instance_id)
    assert await asks(lab.names.internet, f"http://{EIP}/hello") == "no answer"
    assert not namespaces.exists(lab.names.instance(instance.instance_id))
    with pytest.raises(FabricError, match="not running"):
        await fabric.run_command(instance.instance_id, ["true"], b"", 5)
    await fabric.start_instance(replace(instance, user_data=b"#!/bin/sh\necho changed > /root/first-boot\n"))
    await inside(lab, instance, "cloud-init status --wait")
    assert await inside(lab, instance, "cat /root/first-boot") == "mine"
    assert await asks(lab.names.internet, f"http://{EIP}/hello") == "from the instance"


async def test_deletion_leaves_nothing(lab: Lab, instance: InstanceSpec) -> None:
    from localcloud.instances import cgroups

    fabric = fabric_of(lab)
    group = lab.names.instance(instance.instance_id)
    assert cgroups.processes(group)
    await fabric.unbind_eip(EIP)
    await fabric.delete_instance(instance.instance_id)
    await fabric.delete_vpc(instance.vpc_id)
    assert not any(folder.exists() for folder in cgroups.folders(group))
    assert not namespaces.exists(group)
    assert fabric.vpc_ids == [], "a stranger's VPC goes with the one it mirrors"
    assert fabric.find_guest(instance.vpc_id, instance.private_ip) is None
