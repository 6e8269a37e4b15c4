"""From security groups to what is in force on an instance."""

from __future__ import annotations

from collections.abc import Iterable

from localcloud.fabric.protocol import SecurityPolicy, SecurityRule
from localcloud.services.context import Environment
from localcloud.services.ecs.models import Instance, Rule
from localcloud.services.state import State


def policy_of(instance: Instance, state: State) -> SecurityPolicy:
    """Returns what all groups of an instance say together; equal groups give equal policies."""
    groups = [state.security_groups[group_id] for group_id in sorted(instance.security_group_ids)]
    rules = {spelled for group in groups for rule in group.rules for spelled in _spell_out(rule, state)}
    peers = {
        member.private_ip
        for group in groups
        if group.kind == "normal" and group.inner_access == "Accept"
        for member in state.members_of(group.security_group_id)
        if member is not instance
    }
    advanced = any(group.kind == "enterprise" for group in groups)
    return SecurityPolicy(
        rules=tuple(sorted(rules, key=repr)),
        default_egress="drop" if advanced else "accept",
        peers=tuple(sorted(peers)),
    )


async def enforce(env: Environment, instances: Iterable[Instance]) -> None:
    """Puts the rules in force on those of the instances that are running and have not got them yet.

    Raises:
        FabricError: An instance could not be told; those before it have been.
    """
    async with env.security_lock:
        for instance in list(instances):
            if instance.status != "Running" or instance.releasing:
                continue
            policy = policy_of(instance, env.state)
            if policy != instance.security:
                await env.fabric.set_security(instance.instance_id, policy)
                instance.security = policy


def affected_by(security_group_id: str, state: State) -> list[Instance]:
    """Returns the instances whose policy may change with a group's rules or members."""
    naming = {
        group.security_group_id
        for group in state.security_groups.values()
        if any(rule.group_id == security_group_id for rule in group.rules)
    } | {security_group_id}
    return [item for item in state.instances.values() if naming & set(item.security_group_ids)]


def _spell_out(rule: Rule, state: State) -> list[SecurityRule]:
    """Returns one fabric rule per range on the other side: a group stands for its members' addresses."""
    if rule.group_id:
        sides = [f"{member.private_ip}/32" for member in state.members_of(rule.group_id)]
    else:
        sides = [rule.cidr]
    first, _, last = rule.port_range.partition("/")
    return [
        SecurityRule(
            direction=rule.direction,
            policy="accept" if rule.policy == "Accept" else "drop",
            protocol=rule.protocol.lower(),
            from_port=int(first),
            to_port=int(last),
            cidr=side,
            priority=rule.priority,
        )
        for side in sides
    ]
