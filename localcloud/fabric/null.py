"""A fabric that makes nothing: API services alone, without root, networks or instances that boot."""

from __future__ import annotations

from collections.abc import Sequence

from localcloud.fabric.protocol import (
    FabricError,
    InstanceSpec,
    SecurityPolicy,
    VpcSpec,
    VSwitchSpec,
)


class NullFabric:
    """Says yes to everything that can be pretended, and refuses what cannot."""

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

    async def run_command(
        self, instance_id: str, argv: Sequence[str], stdin: bytes, timeout_s: float
    ) -> tuple[int, bytes]:
        """Cannot be pretended.

        Raises:
            FabricError: Always; an invented exit status would be a lie.
        """
        raise FabricError(
            f"no command can run in {instance_id}: instances do not boot in API-only mode; "
            "start localcloud as root (localcloud up) for instances that do"
        )
