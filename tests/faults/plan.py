"""What is tried: a case is a fault at calls of one phase; a life strings a case of each phase together."""

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
# Those that a client meets by calling again.
PASSING: tuple[Kind, ...] = ("throttle", "error", "lost-answer")

Call = Mapping[str, Any]
Recording = Mapping[Phase, Sequence[Call]]


@dataclass(frozen=True, kw_only=True)
class Target:
    """A call that is struck.

    Attributes:
        action: The operation with its service, ``vpc:CreateVpc``.
        occurrence: Which of the operation's calls of its phase it is, from 1.
    """

    action: str
    occurrence: int = 1

    def __str__(self) -> str:
        return f"{self.action} #{self.occurrence}"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One fault, at one call or at many.

    Attributes:
        phase: The command during which it is ordered.
        kind: What happens to the calls; ``kill``: the engine is killed when the call was carried out.
        targets: The calls.
    """

    phase: Phase
    kind: Kind
    targets: tuple[Target, ...]

    def __str__(self) -> str:
        where = str(self.targets[0]) if len(self.targets) == 1 else f"each of {len(self.targets)} changes"
        return f"{self.phase:7}  {self.kind:11}  {where}"

    def orders(self) -> list[tuple[str, int]]:
        """The operations to strike, each with how many of its calls pass first."""
        # A struck call is made again, so that of many each one comes a call later than without a fault.
        again = 2 if len(self.targets) > 1 else 1
        return [(target.action, again * (target.occurrence - 1)) for target in self.targets]


@dataclass(frozen=True, kw_only=True)
class Life:
    """A stack from nothing to nothing, with at most one case in each phase."""

    cases: tuple[Case, ...]

    def case_of(self, phase: Phase) -> Case | None:
        """The case of a phase, or None where that phase is left in peace."""
        return next((case for case in self.cases if case.phase == phase), None)


def case(phase: Phase, kind: Kind, action: str, occurrence: int = 1) -> Case:
    """A case with one target."""
    return Case(phase=phase, kind=kind, targets=(Target(action=action, occurrence=occurrence),))


def targets_of(calls: Sequence[Call]) -> list[tuple[Target, bool]]:
    """The calls of a phase as targets, each with whether it may change something."""
    seen: Counter[str] = Counter()
    found = []
    for call in calls:
        action = f"{call['service']}:{call['action']}"
        seen[action] += 1
        found.append((Target(action=action, occurrence=seen[action]), bool(call["mutating"])))
    return found


def matrix(recording: Recording) -> list[Case]:
    """All cases: each changing call, and of each reading operation one call, with each kind.

    A reading operation is tried in that of its phases where the fewest calls are: so lives are full.
    """
    chosen: dict[Phase, list[Target]] = {phase: [] for phase in PHASES}
    reads: dict[Target, list[Phase]] = {}
    for phase in PHASES:
        for target, mutating in targets_of(recording[phase]):
            if mutating:
                chosen[phase].append(target)
            elif target.occurrence == 1:
                reads.setdefault(target, []).append(phase)
    for target, phases in sorted(reads.items(), key=lambda read: len(read[1])):
        chosen[min(phases, key=lambda phase: len(chosen[phase]))].append(target)
    return [
        Case(phase=phase, kind=kind, targets=(target,))
        for phase, targets in chosen.items()
        for target in targets
        for kind in KINDS
    ]


def storms(recording: Recording) -> list[Case]:
    """Few cases that strike much: all changing calls of a phase at once, with each kind but a kill."""
    return [
        Case(
            phase=phase,
            kind=kind,
            targets=tuple(target for target, mutating in targets_of(recording[phase]) if mutating),
        )
        for kind in PASSING
        for phase in PHASES
    ]


def lives(cases: Iterable[Case]) -> list[Life]:
    """Puts cases together so that a stack is made as seldom as they allow."""
    by_phase: dict[Phase, list[Case]] = {phase: [] for phase in PHASES}
    for one in cases:
        by_phase[one.phase].append(one)
    return [
        Life(cases=tuple(one for one in together if one is not None))
        for together in zip_longest(*by_phase.values())
    ]
