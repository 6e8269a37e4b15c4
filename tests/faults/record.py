"""A life without a fault: which calls its phases make, and what the cloud holds after each."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.faults.plan import PHASES, Call, Phase
from tests.faults.shape import Shape
from tests.faults.stack import new_stack


@dataclass(frozen=True)
class Record:
    """What was seen, by phase."""

    calls: dict[Phase, list[Call]]
    shapes: dict[Phase, Shape]


def record() -> Record:
    """Lives it, in a cloud of its own.

    Raises:
        AssertionError: A phase failed.
    """
    calls: dict[Phase, list[Call]] = {}
    shapes: dict[Phase, Shape] = {}
    with tempfile.TemporaryDirectory(prefix="oss-proxy-faults-") as folder, new_stack(Path(folder)) as stack:
        for phase in PHASES:
            before = stack.last_call()
            result = stack.run(phase)
            if result.code != 0:
                raise AssertionError(f"without any fault, {phase} ended with {result.code}:\n{result.text}")
            calls[phase] = list(stack.calls(before))
            shapes[phase] = stack.shape()
    return Record(calls, shapes)
