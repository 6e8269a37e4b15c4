"""The fault run that continuous integration can afford; `make faults` tries everything."""

from __future__ import annotations

import pytest

from tests.faults import subset
from tests.faults.plan import KINDS, PASSING, PHASES, Recording, Target, case, lives, matrix, storms
from tests.faults.run import run

JOBS = 8


def call(service: str, action: str, *, mutating: bool) -> dict[str, object]:
    return {"service": service, "action": action, "mutating": mutating}


RECORDING: Recording = {
    "up": [
        call("sts", "GetCallerIdentity", mutating=False),
        call("vpc", "TagResources", mutating=True),
        call("vpc", "TagResources", mutating=True),
    ],
    "change": [
        call("sts", "GetCallerIdentity", mutating=False),
        call("oss", "PutBucketPolicy", mutating=True),
    ],
    "destroy": [],
}


def test_every_change_and_each_reading_operation_is_a_case_of_each_kind() -> None:
    cases = matrix(RECORDING)
    assert len(cases) == 4 * len(KINDS)
    where = {(one.phase, one.targets[0]) for one in cases}
    assert where == {
        # Fewer calls are tried here than in the `up`.
        ("change", Target(action="sts:GetCallerIdentity")),
        ("up", Target(action="vpc:TagResources")),
        ("up", Target(action="vpc:TagResources", occurrence=2)),
        ("change", Target(action="oss:PutBucketPolicy")),
    }
    assert case("change", "kill", "oss:PutBucketPolicy") in cases


def test_a_storm_strikes_all_changes_of_a_phase_each_once() -> None:
    storm = storms(RECORDING)[0]
    assert (storm.phase, storm.kind) == ("up", PASSING[0])
    # The first is called again before the second comes.
    assert storm.orders() == [("vpc:TagResources", 0), ("vpc:TagResources", 2)]
    assert case("up", "error", "vpc:TagResources", 2).orders() == [("vpc:TagResources", 1)]


def test_a_life_has_one_case_of_each_phase_at_most() -> None:
    cases = [case("up", "kill", "a:A"), case("up", "kill", "a:B"), case("destroy", "kill", "a:C")]
    first, second = lives(cases)
    assert [one.phase for one in first.cases] == ["up", "destroy"]
    assert second.cases == (cases[1],)
    assert first.case_of(PHASES[1]) is None


@pytest.mark.faults
@pytest.mark.timeout(1500)
def test_each_fault_of_the_subset_comes_right() -> None:
    outcome = run(
        subset.chosen, beforehand=subset.NAMED, jobs=JOBS, tell=lambda line: print(line, flush=True)
    )
    print(outcome)
    assert not outcome.failed, "\n\n".join(f"{trial}\n{trial.fault}" for trial in outcome.failed)
