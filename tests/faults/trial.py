"""Lives a life: makes a stack, lets each case's fault strike it, and sees that it comes right each time."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.plan import PHASES, Case, Life, Phase
from tests.faults.shape import Shape, difference
from tests.faults.stack import QUIET, FaultyStack, Killed, new_stack
from tests.support.project import STACK, Result

# The one command that the program tells to run.
RECOVERY = re.compile(r"Fix: (python -m infra\.recovery --stack \S+?),")


@dataclass
class Trial:
    """How a case went.

    Attributes:
        case: The case.
        story: What happened, in a few words each.
        fault: What was wrong; empty when nothing was.
        tried: Whether it was begun.
        seconds: How long it took.
    """

    case: Case
    story: list[str] = field(default_factory=list)
    fault: str = ""
    tried: bool = False
    seconds: float = 0.0

    def __str__(self) -> str:
        verdict = "FAILED" if self.fault else "ok"
        return f"{verdict:6}  {self.case}: {', '.join(self.story)} ({self.seconds:.0f} s)"


def passed(output: str) -> frozenset[str]:
    """Returns the cases that a run's output tells to have gone right, each as its own text."""
    return frozenset(re.findall(r"^ok      (.+?): .* \(\d+ s\)$", output, re.MULTILINE))


def live(life: Life, shapes: Callable[[], Mapping[Phase, Shape]]) -> list[Trial]:
    """Lives a life in a cloud of its own.

    Args:
        life: The cases.
        shapes: Tells what the cloud holds after each phase when nothing fails; may wait for that.

    Returns:
        How each case went; those after one that failed were not tried.
    """
    trials = [Trial(case) for case in life.cases]
    last = trials[0]
    try:
        with (
            tempfile.TemporaryDirectory(prefix="oss-proxy-faults-") as folder,
            new_stack(Path(folder)) as stack,
        ):
            if life.case_of("up") is None:
                _must(stack.run("up"), "the first up")
            settled: Phase = "up"
            for last in sorted(trials, key=lambda trial: PHASES.index(trial.case.phase)):
                settled = "change" if last.case.phase == "change" else settled
                _try(stack, last)
                _same(stack.shape(), shapes()[settled], "that")
            _must(stack.run("destroy"), "the final destroy")
            _same(stack.shape(), shapes()["destroy"], "the final destroy")
    except Exception as error:
        last.tried = True
        last.fault = f"{type(error).__name__}: {error}"
    return trials


def _try(stack: FaultyStack, trial: Trial) -> None:
    case, began = trial.case, time.monotonic()
    trial.tried = True
    try:
        outcome = stack.run_with(case)
        if isinstance(outcome, Killed):
            trial.story.append("killed")
            _after_kill(stack, trial, outcome)
        else:
            trial.story.append(_told(outcome))
            result = stack.run("up")
            # A deletion that failed half way may leave a state that no update can go on from.
            if outcome.code != 0 and RECOVERY.search(result.text):
                result = _recover(stack, trial, result)
            _must(result, "the next up")
        _must(stack.project.pulumi("up", *QUIET, "--expect-no-changes"), "the up after it")
    finally:
        trial.seconds = time.monotonic() - began


def _after_kill(stack: FaultyStack, trial: Trial, killed: Killed) -> None:
    if killed.survivors:
        raise AssertionError(f"the engine was survived by {killed.survivors}")
    _must(stack.project.pulumi("cancel", "--yes", STACK), "pulumi cancel")
    result = stack.run("up")
    if RECOVERY.search(result.text):
        result = _recover(stack, trial, result)
    _must(result, "the next up")
    left = json.loads(stack.project.must("stack", "export"))["deployment"].get("pending_operations")
    assert not left, left


def _recover(stack: FaultyStack, trial: Trial, refused: Result) -> Result:
    told = RECOVERY.search(refused.text)
    assert told is not None, refused.text
    assert refused.code != 0, refused.text
    done = _must(stack.operator(*told[1].split(), "--yes"), told[1])
    trial.story.append(f"up refused, {done.text.count('not in the state: ')} orphans deleted")
    return stack.run("up")


def _told(result: Result) -> str:
    if "Traceback" in result.text:
        raise AssertionError(f"the fault was not told plainly:\n{result.text}")
    return "got through" if result.code == 0 else "refused"


def _must(result: Result, what: str) -> Result:
    if result.code != 0:
        raise AssertionError(f"{what} ended with {result.code}:\n{result.text}")
    return result


def _same(found: Shape, wanted: Shape, what: str) -> None:
    if differing := difference(found, wanted):
        raise AssertionError(f"after {what} there are {differing}")
