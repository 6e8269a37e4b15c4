"""What other parts of the cloud may ask about instances."""

from __future__ import annotations

from localcloud.services.ecs.models import Instance, SecurityGroup
from localcloud.services.state import State


class EcsQueries:
    """Read access to the records; the answers must not be changed.

    Args:
        state: All records.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def find_instance(self, instance_id: str) -> Instance | None:
        """Returns an instance, or None."""
        return self._state.instances.get(instance_id)

    def instances(self) -> list[Instance]:
        """Returns all instances, whatever their status, the oldest first."""
        return list(self._state.instances.values())

    def security_groups(self) -> list[SecurityGroup]:
        """Returns all security groups, the oldest first."""
        return list(self._state.security_groups.values())

    def running_instances(self) -> list[Instance]:
        """Returns the instances that are Running."""
        return [item for item in self._state.instances.values() if item.status == "Running"]

    def instance_by_private_ip(self, vpc_id: str, private_ip: str) -> Instance | None:
        """Returns the instance with a private address in a VPC, whatever its status, or None."""
        return next(
            (
                item
                for item in self._state.instances.values()
                if item.vpc_id == vpc_id and item.private_ip == private_ip
            ),
            None,
        )
