"""The day as events on simpy's clock: lots of requests, looks of the rule, boots, failures."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from random import Random
from typing import Any

import simpy

from bench.fleet.load import Load
from bench.fleet.model import DAY, MINUTE, TICK, Activity, Day, Fleet, Played, Rule, Sample

Events = Generator[simpy.Event, Any, None]


@dataclass(eq=False)
class Instance:
    """One instance of the group.

    Attributes:
        zone: Where it is.
        joined: When it came into the group.
        serving: Whether it answers.
        sent_to: Whether the load balancer sends it requests.
        failed: Whether it is lost; the load balancer may not know yet.
    """

    zone: int
    joined: float
    serving: bool = False
    sent_to: bool = False
    failed: bool = False


class Simulation:
    """A fleet through a day.

    Args:
        rule: How it is scaled.
        fleet: What its instances are like.
        day: What comes.
        seed: The same seed is the same day, whatever the rule.
    """

    def __init__(self, rule: Rule, fleet: Fleet, day: Day, seed: int) -> None:
        self._rule, self._fleet, self._day = rule, fleet, day
        # Apart, so that what a rule does changes no arrivals.
        self._load = Load(day, Random(f"{seed} load"))  # noqa: S311 - chance, not a secret
        self._dice = Random(f"{seed} fleet")  # noqa: S311 - chance, not a secret
        self._clock = simpy.Environment()
        self._group: list[Instance] = []
        self._pending = 0
        self._acting_until = 0.0
        self._backlog = 0.0
        self._used: list[float] = []
        self._samples: list[Sample] = []
        self._activities: list[Activity] = []
        self._asked = self._lost = self._refused = 0.0
        self._failures = 0
        self._zone_gone = False

    def run(self) -> Played:
        """Plays the day."""
        first = math.ceil(self._load.rate(0) / (self._fleet.takes * self._rule.target))
        for number in range(min(max(first, self._fleet.smallest), self._fleet.largest)):
            self._began(Instance(zone=number % self._fleet.zones, joined=-DAY, serving=True, sent_to=True))
        for process in (self._requests(), self._looks(), self._zone()):
            self._clock.process(process)
        self._clock.run(until=DAY)
        return Played(
            samples=tuple(self._samples),
            activities=tuple(self._activities),
            asked=self._asked,
            lost=self._lost,
            refused=self._refused,
            failures=self._failures,
        )

    # --- Requests -----------------------------------------------------------------------------------

    def _requests(self) -> Events:
        while True:
            now = self._clock.now
            came, oss = self._load.lot(now), self._load.oss(now) * TICK
            admitted = min(came, oss)
            sent_to = [one for one in self._group if one.sent_to]
            serving = sum(one.serving for one in sent_to)
            # What goes to instances that failed is lost until the load balancer finds out.
            astray = admitted * (1 - serving / len(sent_to)) if sent_to else admitted
            room = serving * self._fleet.takes * TICK
            waiting = self._backlog + admitted - astray
            served = min(waiting, room)
            self._backlog = min(waiting - served, serving * self._fleet.takes * self._fleet.patience)
            lost = astray + waiting - served - self._backlog
            self._asked, self._lost = self._asked + came, self._lost + lost
            self._refused += came - admitted
            # A refused request costs the processors about what another costs, and sends nothing.
            self._used.append(served + (came - admitted if self._rule.metric == "cpu" else 0.0))
            needed = min(self._load.rate(now), self._load.oss(now)) / self._fleet.takes
            self._samples.append(Sample(second=int(now), needed=needed, serving=serving, lost=lost))
            yield self._clock.timeout(TICK)

    # --- The rule -----------------------------------------------------------------------------------

    def _looks(self) -> Events:
        above = below = 0
        while True:
            self._used.clear()
            yield self._clock.timeout(MINUTE)
            metric = self._metric()
            above = above + 1 if metric > self._rule.target else 0
            below = below + 1 if metric < self._rule.target else 0
            if self._pending or self._clock.now < self._acting_until:
                continue
            size = len(self._group)
            wanted = size * metric / self._rule.target
            if above >= self._rule.out_minutes:
                self._act(max(min(math.ceil(wanted), self._fleet.largest) - size, 0))
            elif below >= self._rule.in_minutes:
                self._act(-max(min(math.floor(size - wanted), size - self._fleet.smallest), 0))

    def _metric(self) -> float:
        counted = [one for one in self._group if self._clock.now - one.joined >= self._rule.warmup]
        if not counted:
            return 0.0
        full = self._fleet.takes * MINUTE
        # All that serve share the load; those that do not are counted with nothing.
        serving = sum(one.serving for one in self._group) or 1
        mean = sum(self._used) / serving / full * sum(one.serving for one in counted) / len(counted)
        return mean * (self._fleet.cpu_share if self._rule.metric == "cpu" else 1.0)

    def _act(self, change: int) -> None:
        if change == 0:
            return
        self._activities.append(Activity(second=self._clock.now, size=len(self._group), change=change))
        if change > 0:
            self._pending += change
            for _ in range(change):
                self._clock.process(self._new(counted=True))
            return
        # The oldest go first.
        gone = self._group[:-change]
        self._pending += len(gone)
        for one in gone:
            one.sent_to = one.serving = False
            self._group.remove(one)
            self._clock.process(self._drain())

    def _finished(self) -> None:
        self._pending -= 1
        if not self._pending:
            self._acting_until = self._clock.now + self._rule.cooldown

    # --- Instances ----------------------------------------------------------------------------------

    def _new(self, *, counted: bool) -> Events:
        yield self._clock.timeout(self._dice.uniform(*self._fleet.created))
        places = range(1 if self._zone_gone else 0, self._fleet.zones)
        zone = min(places, key=lambda place: sum(one.zone == place for one in self._group))
        one = Instance(zone=zone, joined=self._clock.now)
        self._group.append(one)
        if counted:
            self._finished()
        yield self._clock.timeout(self._dice.uniform(*self._fleet.boots))
        if one in self._group and not one.failed:
            one.serving = one.sent_to = True
            self._clock.process(self._fails(one))

    def _began(self, one: Instance) -> None:
        self._group.append(one)
        self._clock.process(self._fails(one))

    def _drain(self) -> Events:
        yield self._clock.timeout(self._fleet.drains)
        self._finished()

    def _fails(self, one: Instance) -> Events:
        yield self._clock.timeout(self._dice.expovariate(1 / self._fleet.fails_every))
        if one.serving:
            self._failed(one)

    def _failed(self, one: Instance) -> None:
        self._failures += 1
        one.serving, one.failed = False, True
        self._clock.process(self._replaced(one))

    def _replaced(self, one: Instance) -> Events:
        yield self._clock.timeout(self._fleet.noticed)
        one.sent_to = False
        yield self._clock.timeout(self._fleet.replaced)
        if one in self._group:
            self._group.remove(one)
            self._clock.process(self._new(counted=False))

    def _zone(self) -> Events:
        if self._day.zone_lost < 0:
            return
        yield self._clock.timeout(self._day.zone_lost)
        self._zone_gone = True
        for one in self._group:
            if one.zone == 0 and not one.failed:
                self._failed(one)
