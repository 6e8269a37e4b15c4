"""A fabric that makes nothing: API services alone, without root, networks or instances that boot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from localcloud.fabric.protocol import InstanceSpec, SecurityPolicy, VpcSpec, VSwitchSpec

COMMAND_S = 0.1


class NullFabric:
    """Says yes to everything, and does nothing.

    That goes for commands, too: each takes `COMMAND_S`, succeeds and prints nothing, so that programs which
    change instances through Cloud Assistant can be run to their end, and their handling of faults tested,
    where nothing boots. What a command does is proved only by instances that boot.
    """

    async def create_vpc(self, vpc: VpcSpec) -> None:
        """Makes nothing."""

    async def delete_vpc(self, vpc_id: str) -> None:
        """Removes nothing."""

    async def create_vswitch(self, vswitch: VSwitchSpec) -> None:
        """Makes nothing."""

    async def delete_vswitch(self, vswitch_id: str) -> None:
        """Removes nothing."""

    async def start_instance(self, instance: InstanceSpec) -> None:
        """Boots nothing."""

    async def stop_instance(self, instance_id: str, *, force: bool = False) -> None:
        """Stops nothing."""

    async def delete_instance(self, instance_id: str) -> None:
        """Removes nothing."""

    async def set_security(self, instance_id: str, policy: SecurityPolicy) -> None:
        """Filters nothing."""

    async def bind_eip(self, eip: str, instance_id: str, bandwidth_mbps: int) -> None:
        """Routes nothing."""

    async def unbind_eip(self, eip: str) -> None:
        """Unroutes nothing."""

    async def agent_answers(self, instance_id: str) -> bool:
        """Says that it does."""
        return True

    async def run_command(
        self,
        instance_id: str,
        argv: Sequence[str],
        stdin: bytes,
        timeout_s: float,
        on_output: Callable[[bytes], None] | None = None,
    ) -> tuple[int, bytes]:
        """Runs nothing, and says that it went well."""
        await asyncio.sleep(COMMAND_S)
        return 0, b""
