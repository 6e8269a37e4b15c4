"""Cloud Assistant in an instance that really boots, asked with the official SDK from the operator's place."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as VpcClient

from localcloud.accounts import DEFAULT_ACCOUNT_UID
from localcloud.fabric.netns import namespaces
from localcloud.fabric.netns.naming import API_ADDRESS, Names
from localcloud.home import Home
from localcloud.instances.rootfs import ensure_rootfs
from localcloud.world import running
from tests.localcloud.api.harness import IMAGE, REGION, TYPE, ZONE

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

_Result = TypeVar("_Result")


async def eventually(check: Callable[[], Awaitable[bool]]) -> None:
    """Asks again and again, as a client of the cloud must, until the answer is yes."""
    async with asyncio.timeout(90):
        while True:
            if await check():
                return
            await asyncio.sleep(0.1)


@dataclass
class Desk:
    """An operator who gives commands to one instance."""

    operator: str
    config: Config
    instance: str = ""

    async def call(self, work: Callable[[Any], _Result], kind: type = EcsClient) -> _Result:
        """Calls an API with an official client in the operator's namespace."""
        client = kind(self.config)
        return await asyncio.to_thread(namespaces.inside, self.operator, lambda: work(client))

    async def has_agent(self) -> bool:
        request = models.DescribeCloudAssistantStatusRequest(region_id=REGION, instance_id=[self.instance])
        body = (await self.call(lambda ecs: ecs.describe_cloud_assistant_status(request))).body
        (row,) = body.instance_cloud_assistant_status_set.instance_cloud_assistant_status
        return bool(row.cloud_assistant_status == "true")

    async def start(self, script: str, timeout_s: int = 60) -> str:
        request = models.RunCommandRequest(
            region_id=REGION,
            type="RunShellScript",
            instance_id=[self.instance],
            command_content=base64.b64encode(script.encode()).decode(),
            content_encoding="Base64",
            timeout=timeout_s,
        )
        invoke_id: str = (await self.call(lambda ecs: ecs.run_command(request))).body.invoke_id
        return invoke_id

    async def result(self, invoke_id: str) -> Any:
        request = models.DescribeInvocationResultsRequest(
            region_id=REGION, invoke_id=invoke_id, content_encoding="PlainText"
        )
        body = (await self.call(lambda ecs: ecs.describe_invocation_results(request))).body
        (row,) = body.invocation.invocation_results.invocation_result
        return row

    async def until(self, invoke_id: str, done: Callable[[Any], bool]) -> Any:
        row = await self.result(invoke_id)

        async def look() -> bool:
            nonlocal row
            row = await self.result(invoke_id)
            return done(row)

        await eventually(look)
        return row

    async def run(self, script: str, timeout_s: int = 60) -> Any:
        """Runs a script to its end; returns its result."""
        invoke_id = await self.start(script, timeout_s)
        return await self.until(invoke_id, lambda row: row.invocation_status not in ("Pending", "Running"))

    async def is_in(self, state: str | None) -> bool:
        """Whether the instance has a state; None when it is gone."""
        request = models.DescribeInstancesRequest(region_id=REGION, instance_ids=f'["{self.instance}"]')
        found = (await self.call(lambda ecs: ecs.describe_instances(request))).body.instances.instance
        return state == (found[0].status if found else None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    if os.geteuid() != 0:
        pytest.skip("networks need root; run: sudo make test")
    home = Home(tmp_path_factory.mktemp("cloud"))
    home.make()
    await asyncio.to_thread(ensure_rootfs, print)
    key = next(key for key in home.accounts() if key.account_uid == DEFAULT_ACCOUNT_UID and not key.user_id)
    config = Config(
        access_key_id=key.id,
        access_key_secret=key.secret,
        endpoint=API_ADDRESS,
        protocol="http",
        region_id=REGION,
    )
    async with running(home, "full"):
        desk = Desk(Names(home.prefix).operator, config)
        await order_instance(desk)
        yield desk


async def order_instance(desk: Desk) -> None:
    vpc = vpc_models.CreateVpcRequest(region_id=REGION, cidr_block="10.9.0.0/16")
    vpc_id = (await desk.call(lambda client: client.create_vpc(vpc), VpcClient)).body.vpc_id
    looking = vpc_models.DescribeVpcsRequest(region_id=REGION, vpc_id=vpc_id)

    async def available() -> bool:
        shown = (await desk.call(lambda client: client.describe_vpcs(looking), VpcClient)).body
        return bool(shown.vpcs.vpc[0].status == "Available")

    await eventually(available)
    switch = vpc_models.CreateVSwitchRequest(
        region_id=REGION, vpc_id=vpc_id, cidr_block="10.9.1.0/29", zone_id=ZONE
    )
    switch_id = (await desk.call(lambda client: client.create_vswitch(switch), VpcClient)).body.v_switch_id
    group = models.CreateSecurityGroupRequest(region_id=REGION, vpc_id=vpc_id)
    group_id = (await desk.call(lambda ecs: ecs.create_security_group(group))).body.security_group_id
    order = models.RunInstancesRequest(
        region_id=REGION,
        image_id=IMAGE,
        instance_type=TYPE,
        v_switch_id=switch_id,
        security_group_ids=[group_id],
        http_tokens="required",
        # Holds the boot long enough for the agent to be seen missing.
        user_data=base64.b64encode(b'#cloud-config\nbootcmd: [[sleep, "3"]]\n').decode(),
    )
    answer = await desk.call(lambda ecs: ecs.run_instances(order))
    desk.instance = answer.body.instance_id_sets.instance_id_set[0]


async def test_the_agent_is_there_once_the_system_is_up(desk: Desk) -> None:
    await eventually(lambda: desk.is_in("Running"))
    assert not await desk.has_agent()
    early = await desk.run("true")
    assert (early.invocation_status, early.error_code) == ("Aborted", "ClientNotRunning")
    began = time.monotonic()
    await eventually(desk.has_agent)
    print(f"agent after Running: {time.monotonic() - began:.1f} s")


async def test_a_script_runs_as_root_at_home_by_its_own_interpreter(desk: Desk) -> None:
    began = time.monotonic()
    row = await desk.run("#!/bin/bash\nset -o pipefail\nid -un; pwd; umask; cat; [[ $BASH ]] && echo bash\n")
    print(f"a short command: {time.monotonic() - began:.2f} s")
    assert (row.invocation_status, row.exit_code, row.output) == ("Success", 0, "root\n/root\n0022\nbash\n")
    assert (await desk.run("echo no interpreter named")).output == "no interpreter named\n"


async def test_a_failure_tells_status_and_both_streams(desk: Desk) -> None:
    row = await desk.run("echo out; echo err >&2; exit 3")
    assert (row.invocation_status, row.exit_code, row.output) == ("Failed", 3, "out\nerr\n")


async def test_long_output_is_cut_at_its_beginning(desk: Desk) -> None:
    row = await desk.run("seq 1 20000")
    whole = "".join(f"{number}\n" for number in range(1, 20001))
    assert row.output == whole[-24 * 1024 :]
    assert row.dropped == len(whole) - 24 * 1024


async def test_a_time_out_ends_the_command(desk: Desk) -> None:
    began = time.monotonic()
    row = await desk.run("echo begun; sleep 1001; echo never", timeout_s=10)
    assert 10 <= time.monotonic() - began < 20
    assert (row.invocation_status, row.error_code, row.output) == ("Timeout", "ExecutionTimeout", "begun\n")
    assert "sleep 1001" not in (await desk.run("ps -eo args")).output


async def test_a_command_is_stopped_while_its_output_is_read(desk: Desk) -> None:
    invoke_id = await desk.start("echo begun; sleep 1002")
    row = await desk.until(invoke_id, lambda row: bool(row.output))
    assert (row.invocation_status, row.output) == ("Running", "begun\n")
    stop = models.StopInvocationRequest(region_id=REGION, invoke_id=invoke_id)
    await desk.call(lambda ecs: ecs.stop_invocation(stop))
    assert (await desk.result(invoke_id)).invocation_status == "Terminated"
    assert "sleep 1002" not in (await desk.run("ps -eo args")).output


async def test_releasing_the_instance_ends_its_commands(desk: Desk) -> None:
    invoke_id = await desk.start("sleep 1003")
    await desk.until(invoke_id, lambda row: bool(row.invocation_status == "Running"))
    request = models.DeleteInstanceRequest(instance_id=desk.instance, force=True)
    await desk.call(lambda ecs: ecs.delete_instance(request))
    await eventually(lambda: desk.is_in(None))
    row = await desk.result(invoke_id)
    assert (row.invocation_status, row.error_code) == ("Error", "InstanceReleased")
