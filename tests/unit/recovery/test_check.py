"""What stops a preview or update, and what it says."""

from __future__ import annotations

import pytest

from infra.recovery.check import UnsettledError, missing, require_settled
from infra.recovery.state import parse
from tests.unit.recovery.world import GUARD, NAMING, deployment, found, pending, resource

KNOWN = [("eip", "eip"), ("vpc", "vpc"), ("instance", "i")]
COMMAND = "python -m infra.recovery --stack dev"


def test_a_settled_stack_goes_on() -> None:
    require_settled(parse(deployment(resource("vpc", "vpc-1"))), [found("vpc", "vpc-1", used=True)], NAMING)
    require_settled(parse({}), [], NAMING)


def test_orphans_are_named_with_the_one_command() -> None:
    listed = [found("vpc", "vpc-2"), found("eip", "eip-2", tags={})]
    with pytest.raises(UnsettledError) as caught:
        require_settled(parse(deployment(operations=[pending("creating", "vpc")])), listed, NAMING)
    text = str(caught.value)
    assert "eip-2 (the eip oss-proxy-dev-eip, not tagged yet), vpc-2 (the vpc oss-proxy-dev-vpc)" in text
    assert "make them a second time; nothing was created or changed." in text
    assert f"Fix: {COMMAND}, which" in text


def test_a_stack_of_the_same_name_elsewhere_is_told_apart_and_no_deletion_is_offered() -> None:
    listed = [found("vpc", "vpc-2", used=True), found("instance", "i-2", within=["vsw-2"])]
    with pytest.raises(UnsettledError) as caught:
        require_settled(parse({}), listed, NAMING)
    text = str(caught.value)
    assert "i-2" in text
    assert "vpc-2" in text
    assert "a stack of the same name whose state is elsewhere" in text
    assert COMMAND not in text


def test_an_interruption_that_left_no_orphan_stops_too() -> None:
    state = parse(deployment(resource("vpc", "vpc-1"), operations=[pending("deleting", "vpc")]))
    with pytest.raises(UnsettledError, match="was interrupted while deleting proxy-vpc") as caught:
        require_settled(state, [], NAMING)
    assert f"Fix: {COMMAND}, which finds out" in str(caught.value)


def test_a_destroy_that_was_left_half_done_stops_until_the_state_is_true_again() -> None:
    half = deployment(resource("vpc", "vpc-1"), resource("eip", "eip-1"))
    with pytest.raises(UnsettledError) as caught:
        require_settled(parse(half), [found("eip", "eip-1")], NAMING)
    text = str(caught.value)
    assert "does not list any more: vpc-1" in text
    assert f"Fix: {COMMAND}, which makes the state true again" in text
    require_settled(parse(half), None, NAMING)
    # Complete, as it was before somebody else took something away: `--refresh` is Pulumi's word for that.
    require_settled(parse({"resources": [*half["resources"], GUARD]}), [], NAMING)


def test_what_the_state_knows_and_the_cloud_does_not_list_is_only_told() -> None:
    state = parse(deployment(resource("vpc", "vpc-1"), resource("eip", "eip-1"), resource("instance", "i-1")))
    (told,) = missing(state, [found("eip", "eip-1"), found("instance", "i-1")], NAMING)
    assert "the stack dev: vpc-1." in told
    assert COMMAND in told
    assert missing(state, [found(role, f"{id_}-1") for role, id_ in KNOWN], NAMING) == []
