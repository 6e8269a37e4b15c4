"""Runs lives side by side, and tells how many calls and faults were tried."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from tests.faults.plan import Case, Recording, lives
from tests.faults.record import Record, record
from tests.faults.trial import Trial, live

Choose = Callable[[Recording], Sequence[Case]]


@dataclass(frozen=True)
class Outcome:
    """What a run found."""

    record: Record
    trials: Sequence[Trial]
    seconds: float

    @property
    def failed(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.fault]

    def __str__(self) -> str:
        calls = [call for phase in self.record.calls.values() for call in phase]
        changing = sum(call["mutating"] for call in calls)
        struck = sum(len(trial.case.targets) for trial in self.trials)
        killed = sum(trial.case.kind == "kill" for trial in self.trials)
        return (
            f"{len(calls)} calls recorded, {changing} of them changing something; "
            f"{struck} faults in {len(self.trials)} cases, {killed} of them killed engines; "
            f"{len(self.failed)} cases failed; {self.seconds:.0f} s"
        )


def run(
    choose: Choose, *, beforehand: Sequence[Case] = (), jobs: int, tell: Callable[[str], None]
) -> Outcome:
    """Records the calls, and tries cases.

    Args:
        choose: Chooses cases from the calls.
        beforehand: Cases that are tried whatever the calls are.
        jobs: How many lives there are at a time.
        tell: Is told each case when its life has ended.
    """
    began = time.monotonic()
    trials: list[Trial] = []
    pool = ThreadPoolExecutor(jobs)
    try:
        recording = pool.submit(record)

        def begin(cases: Sequence[Case]) -> set[Future[list[Trial]]]:
            waiting = lives(cases)
            tell(f"{len(cases)} cases in {len(waiting)} lives, {jobs} at a time")
            return {pool.submit(live, life, lambda: recording.result().shapes) for life in waiting}

        running = begin(beforehand)
        running |= begin(choose(recording.result().calls))
        while running:
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for trial in (trial for life in ended for trial in life.result()):
                if trial.tried:
                    trials.append(trial)
                    tell(f"{trial}\n{trial.fault}".rstrip())
                else:
                    # The one before it failed, which says nothing of this one.
                    running |= begin([trial.case])
    finally:
        # When it is interrupted, the lives that have begun end, and take their clouds away.
        pool.shutdown(cancel_futures=True)
    return Outcome(recording.result(), trials, time.monotonic() - began)
