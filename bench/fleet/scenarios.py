"""The days that are played: the chosen rule, rules that are wrong, and days that go wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.fleet.judge import Verdict, judge
from bench.fleet.model import HOUR, MINUTE, Day, Fleet, Played, Rule
from bench.fleet.simulate import Simulation

SEED = 1
# OSS answers a third of what the evening asks for, for an hour.
_THROTTLED = Day(throttled=(18 * HOUR, 19 * HOUR), throttled_qps=1500)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A rule and a day, and what is expected of them: a test holds it to that."""

    name: str
    rule: Rule = field(default_factory=Rule)
    fleet: Fleet = field(default_factory=Fleet)
    day: Day = field(default_factory=Day)
    starves: bool = False
    flaps: bool = False


CHOSEN = Scenario(name="bandwidth, target 60 %, the defaults")
SCENARIOS = (
    CHOSEN,
    Scenario(name="the same, a zone lost at 19:00", day=Day(zone_lost=19 * HOUR)),
    Scenario(name="the same, OSS throttles 18:00 to 19:00", day=_THROTTLED, starves=True),
    Scenario(name="that, with at least 200 instances", fleet=Fleet(smallest=200), day=_THROTTLED),
    Scenario(name="target 95 %, 30 min cooldown", rule=Rule(target=0.95, cooldown=30 * MINUTE), starves=True),
    Scenario(name="CPU, target 60 %", rule=Rule(metric="cpu"), starves=True),
    Scenario(
        name="1 min for both ways, no cooldown",
        rule=Rule(out_minutes=1, in_minutes=1, cooldown=0),
        flaps=True,
    ),
)


def play(scenario: Scenario, seed: int = SEED) -> tuple[Played, Verdict]:
    """Plays a scenario's day and judges it."""
    played = Simulation(scenario.rule, scenario.fleet, scenario.day, seed).run()
    return played, judge(played)
