"""What is read from an exported state, and how it is mended."""

from __future__ import annotations

from infra.recovery.state import parse, settled
from tests.unit.recovery.world import GUARD, deployment, pending, resource, urn


def test_a_state_tells_whose_it_is_and_what_it_knows() -> None:
    state = parse(deployment(resource("vpc", "vpc-1"), resource("vpc", "vpc-0", delete=True)))
    assert (state.project, state.stack) == ("oss-proxy", "dev")
    assert state.guard == {"account_uid": "1234567890123456", "region": "cn-x"}
    # What only waits for its deletion is known too.
    assert state.ids == {"1234567890123456", "vpc-1", "vpc-0"}
    assert state.ids_of({"alicloud:vpc/network:Network"}) == ["vpc-1", "vpc-0"]
    assert state.interrupted == []


def test_an_empty_state_tells_nothing() -> None:
    for empty in ({}, {"resources": None, "pending_operations": None}):
        state = parse(empty)
        assert (state.project, state.stack, state.guard, state.ids) == ("", "", {}, frozenset())


def test_what_was_interrupted_is_told_but_not_what_the_asking_update_has_begun() -> None:
    own = [
        {"type": "creating", "resource": {"urn": "urn::a", "type": "pulumi:pulumi:Stack", "custom": False}},
        {
            "type": "creating",
            "resource": {"urn": "urn::b", "type": "pulumi:providers:alicloud", "custom": True},
        },
        {
            "type": "creating",
            "resource": {"urn": "urn::c", "type": "oss-proxy:infra:Network", "custom": False},
        },
    ]
    operations = [*own, pending("creating", "vpc"), pending("deleting", "eip")]
    half = resource("instance", "i-1", pendingReplacement=True)
    state = parse(deployment(half, operations=operations))
    assert state.interrupted == ["creating proxy-vpc", "deleting proxy-eip", "replacing proxy-instance"]


def test_a_settled_state_has_nothing_half_replaced_and_nobody_depends_on_it() -> None:
    before = deployment(
        resource("vpc", "vpc-1"),
        resource("instance", "i-1", pendingReplacement=True),
        resource("eip-association", "e", pendingReplacement=True, dependencies=[urn("instance")]),
        resource(
            "eip",
            "eip-1",
            dependencies=[urn("vpc"), urn("instance")],
            propertyDependencies={"a": [urn("instance")], "b": [urn("vpc")], "c": None},
        ),
        operations=[pending("creating", "instance")],
    )
    after = settled(before)
    guard, vpc, eip = after["resources"]
    assert (guard, vpc) == (GUARD, resource("vpc", "vpc-1"))
    assert eip["dependencies"] == [urn("vpc")]
    assert eip["propertyDependencies"] == {"a": [], "b": [urn("vpc")], "c": []}
    assert parse(after).interrupted == []
    assert len(before["resources"]) == 5
