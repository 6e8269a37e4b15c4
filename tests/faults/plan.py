"""What is tried: a case is one fault at one call of a phase; a life strings a case of each phase together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal, get_args

Phase = Literal["up", "change", "destroy"]
Kind = Literal["throttle", "error", "lost-answer", "kill"]
PHASES: tuple[Phase, ...] = get_args(Phase)
KINDS: tuple[Kind, ...] = get_args(Kind)

Call = Mapping[str, Any]
Recording = Mapping[Phase, Sequence[Call]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One fault.

    Attributes:
        phase: The command during which it is ordered.
        action: The operation with its service, ``vpc:CreateVpc``.
        occurrence: Which of the operation's calls of that phase it strikes, from 1.
        kind: What happens to that call; ``kill``: the engine is killed when the call was carried out.
    """

    phase: Phase
    action: str
    occurrence: int = 1
    kind: Kind

    def __str__(self) -> str:
        return f"{self.phase:7}  {self.kind:11}  {self.action} #{self.occurrence}"


@dataclass(frozen=True, kw_only=True)
class Life:
    """A stack from nothing to nothing, with at most one case in each phase."""

    cases: tuple[Case, ...]

    def case_of(self, phase: Phase) -> Case | None:
        """The case of a phase, or None where that phase is left in peace."""
        return next((case for case in self.cases if case.phase == phase), None)


def name_of(call: Call) -> str:
    """The operation of a recorded call, with its service."""
    return f"{call['service']}:{call['action']}"


def matrix(recording: Recording) -> list[Case]:
    """All cases: each mutating call, and of each reading operation the first call, with each kind."""
    cases: list[Case] = []
    read: set[str] = set()
    for phase in PHASES:
        seen: Counter[str] = Counter()
        for call in recording[phase]:
            action = name_of(call)
            seen[action] += 1
            if not call["mutating"] and action in read:
                continue
            read.add(action)
            cases += [Case(phase=phase, action=action, occurrence=seen[action], kind=kind) for kind in KINDS]
    return cases


def lives(cases: Iterable[Case]) -> list[Life]:
    """Puts cases together so that a stack is made as seldom as they allow."""
    by_phase: dict[Phase, list[Case]] = {phase: [] for phase in PHASES}
    for case in cases:
        by_phase[case.phase].append(case)
    return [
        Life(cases=tuple(case for case in together if case is not None))
        for together in zip_longest(*by_phase.values())
    ]
