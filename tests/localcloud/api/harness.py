"""A cloud on a loopback port with official clients, and a fabric that remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as VpcClient

from localcloud.accounts import AccessKey, Accounts
from localcloud.coverage import Coverage
from localcloud.fabric.null import NullFabric
from localcloud.fabric.protocol import FabricError, InstanceSpec, SecurityPolicy, VpcSpec, VSwitchSpec
from localcloud.faults import Faults
from localcloud.ram.authority import RamAuthority
from localcloud.services.cloud import ApiServices
from localcloud.services.context import Delays

REGION = "cn-hangzhou"
ZONE = "cn-hangzhou-k"
IMAGE = "debian_13_2_x64_20G_alibase_20260910.vhd"
TYPE = "ecs.u1-c1m2.large"

# Long enough to ask for a state before it passes, on a busy machine too.
AT_LEISURE = Delays(vpc_s=0.2, vswitch_s=0.2, eip_s=0.2, instance_s=0.2, command_s=0.2, failed_start_s=0.2)

_Result = TypeVar("_Result")


class RecordingFabric(NullFabric):
    """Remembers the calls; fails or waits where a test says so."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.fails: set[str] = set()
        self.gates: dict[str, asyncio.Event] = {}
        self.agents_down: set[str] = set()
        self.folders_missing: set[str] = set()
        self.output: Sequence[bytes] = ()
        self.exit_code = 0
        self.times_out = False
        self.ended_early: list[str] = []

    async def create_vpc(self, vpc: VpcSpec) -> None:
        await self._note("create_vpc", vpc)

    async def delete_vpc(self, vpc_id: str) -> None:
        await self._note("delete_vpc", vpc_id)

    async def create_vswitch(self, vswitch: VSwitchSpec) -> None:
        await self._note("create_vswitch", vswitch)

    async def delete_vswitch(self, vswitch_id: str) -> None:
        await self._note("delete_vswitch", vswitch_id)

    async def start_instance(self, instance: InstanceSpec) -> None:
        await self._note("start_instance", instance)

    async def stop_instance(self, instance_id: str, *, force: bool = False) -> None:
        await self._note("stop_instance", instance_id, force)

    async def delete_instance(self, instance_id: str) -> None:
        await self._note("delete_instance", instance_id)

    async def set_security(self, instance_id: str, policy: SecurityPolicy) -> None:
        await self._note("set_security", instance_id, policy)

    async def bind_eip(self, eip: str, instance_id: str, bandwidth_mbps: int) -> None:
        await self._note("bind_eip", eip, instance_id, bandwidth_mbps)

    async def unbind_eip(self, eip: str) -> None:
        await self._note("unbind_eip", eip)

    async def agent_answers(self, instance_id: str) -> bool:
        return instance_id not in self.agents_down

    async def run_command(
        self,
        instance_id: str,
        argv: Sequence[str],
        stdin: bytes,
        timeout_s: float,
        on_output: Callable[[bytes], None] | None = None,
    ) -> tuple[int, bytes]:
        if on_output is None:
            return int(argv[-1] in self.folders_missing), b""
        for part in self.output:
            on_output(part)
        try:
            await self._note("run_command", instance_id, argv, stdin, timeout_s)
        except asyncio.CancelledError:
            self.ended_early.append(instance_id)
            raise
        if self.times_out:
            raise TimeoutError
        return self.exit_code, b""

    async def _note(self, name: str, *args: Any) -> None:
        self.calls.append((name, *args))
        if name in self.gates:
            await self.gates[name].wait()
        if name in self.fails:
            raise FabricError(f"{name} is broken")

    def named(self, name: str) -> list[tuple[Any, ...]]:
        """The arguments of all calls with a name."""
        return [call[1:] for call in self.calls if call[0] == name]


class Clock:
    """The cloud's time: the real one, moved by what a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Cloud:
    """A running cloud and official clients for it."""

    services: ApiServices
    accounts: Accounts
    fabric: RecordingFabric
    coverage: Coverage
    faults: Faults
    clock: Clock
    key: AccessKey
    stranger: AccessKey
    loop: asyncio.AbstractEventLoop
    port: int
    ram: RamAuthority
    _clients: dict[tuple[type, str], Any] = field(default_factory=dict)

    @property
    def ecs(self) -> EcsClient:
        return self.client(EcsClient)

    @property
    def vpc(self) -> VpcClient:
        return self.client(VpcClient)

    @property
    def sts(self) -> StsClient:
        return self.client(StsClient)

    def client(self, kind: type[_Result], key: AccessKey | None = None, secret: str = "") -> _Result:
        key = key or self.key
        config = Config(
            access_key_id=key.id,
            access_key_secret=secret or key.secret,
            endpoint=f"127.0.0.1:{self.port}",
            protocol="http",
            region_id=REGION,
        )
        return self._clients.setdefault((kind, key.id + secret), kind(config))  # type: ignore[call-arg]

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Runs something on the cloud's own loop and waits for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=20)

    def settle(self) -> None:
        """Waits until the cloud has nothing left to do."""
        self.run(self.services.settle())

    def hold(self, name: str) -> Callable[[], None]:
        """Makes the fabric wait in a method; the answer lets it go on."""
        gate = self.fabric.gates[name] = asyncio.Event()

        def let_go() -> None:
            del self.fabric.gates[name]
            self.loop.call_soon_threadsafe(gate.set)

        return let_go

    # The chain that most tests need, each step with what it rests on.

    def make_vpc(self, cidr: str = "10.0.0.0/16", **more: Any) -> str:
        request = vpc_models.CreateVpcRequest(region_id=REGION, cidr_block=cidr, **more)
        made: str = self.vpc.create_vpc(request).body.vpc_id
        self.settle()
        return made

    def make_vswitch(self, vpc_id: str, cidr: str = "10.0.1.0/24", **more: Any) -> str:
        request = vpc_models.CreateVSwitchRequest(
            **{"region_id": REGION, "vpc_id": vpc_id, "cidr_block": cidr, "zone_id": ZONE, **more}
        )
        made: str = self.vpc.create_vswitch(request).body.v_switch_id
        self.settle()
        return made

    def make_group(self, vpc_id: str, **more: Any) -> str:
        request = ecs_models.CreateSecurityGroupRequest(region_id=REGION, vpc_id=vpc_id, **more)
        made: str = self.ecs.create_security_group(request).body.security_group_id
        return made

    def order(self, vswitch_id: str, group_id: str, **more: Any) -> ecs_models.RunInstancesRequest:
        return ecs_models.RunInstancesRequest(
            **{
                "region_id": REGION,
                "image_id": IMAGE,
                "instance_type": TYPE,
                "v_switch_id": vswitch_id,
                "security_group_ids": [group_id],
                **more,
            }
        )

    def make_instance(self, vswitch_id: str, group_id: str, **more: Any) -> str:
        answer = self.ecs.run_instances(self.order(vswitch_id, group_id, **more))
        self.settle()
        made: str = answer.body.instance_id_sets.instance_id_set[0]
        return made

    def delete_instance(self, instance_id: str) -> None:
        self.ecs.delete_instance(ecs_models.DeleteInstanceRequest(instance_id=instance_id, force=True))
        self.settle()

    def delete_group(self, group_id: str) -> None:
        request = ecs_models.DeleteSecurityGroupRequest(region_id=REGION, security_group_id=group_id)
        self.ecs.delete_security_group(request)

    def instance(self, instance_id: str) -> Any:
        request = ecs_models.DescribeInstancesRequest(region_id=REGION, instance_ids=f'["{instance_id}"]')
        found = self.ecs.describe_instances(request).body.instances.instance
        return found[0] if found else None

    def eip(self, allocation_id: str) -> Any:
        request = vpc_models.DescribeEipAddressesRequest(region_id=REGION, allocation_id=allocation_id)
        found = self.vpc.describe_eip_addresses(request).body.eip_addresses.eip_address
        return found[0] if found else None


@dataclass
class Site:
    """A VPC, a vSwitch and a security group that are ready for instances."""

    vpc: str
    vswitch: str
    group: str
