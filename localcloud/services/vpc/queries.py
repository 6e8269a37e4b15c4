"""What other parts of the cloud may ask about networks."""

from __future__ import annotations

from localcloud.services.state import State
from localcloud.services.vpc.models import Eip, Vpc, VSwitch


class VpcQueries:
    """Read access to the records; the answers must not be changed.

    Args:
        state: All records.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def find_vpc(self, vpc_id: str) -> Vpc | None:
        """Returns a VPC, or None."""
        return self._state.vpcs.get(vpc_id)

    def vpcs(self) -> list[Vpc]:
        """Returns all VPCs, the oldest first."""
        return list(self._state.vpcs.values())

    def eips(self) -> list[Eip]:
        """Returns all EIPs, the oldest first."""
        return list(self._state.eips.values())

    def vswitches(self) -> list[VSwitch]:
        """Returns all vSwitches, the oldest first."""
        return list(self._state.vswitches.values())

    def find_vswitch(self, vswitch_id: str) -> VSwitch | None:
        """Returns a vSwitch, or None."""
        return self._state.vswitches.get(vswitch_id)

    def eip_of_instance(self, instance_id: str) -> Eip | None:
        """Returns the EIP that leads to an instance, or None."""
        return self._state.eip_of(instance_id)
