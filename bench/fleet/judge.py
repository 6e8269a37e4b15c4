"""Whether a rule starved the fleet, or flapped. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from bench.fleet.model import MINUTE, TICK, Played

# More than one request in 1,000 unserved, or more than five minutes in a row with too few instances: about
# what a rule that looks for three minutes, with instances that boot for two, can do at best.
LOST_SHARE = 0.001
SHORT_SECONDS = 5 * MINUTE
# A change back within this, of at least this share of the instances; one more or less among hundreds is no
# flapping.
BACK_SECONDS = 15 * MINUTE
BACK_SHARE = 0.01
# A burst that comes just after a removal turns it too: so many are no sign of a bad rule.
BACK_MOST = 20


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is said of a day.

    Attributes:
        lost_share: Requests that the fleet did not serve, of all that OSS would have answered.
        short_seconds: The longest time in a row with fewer instances than were needed.
        turns: How often a change was taken back within a quarter of an hour.
        added: Instances that the rule added in the day.
        spare: Instances beside the needed ones, as a share of those, over the day.
        starved: Whether it had too few.
        flapped: Whether it went to and fro.
    """

    lost_share: float
    short_seconds: int
    turns: int
    added: int
    spare: float

    @property
    def starved(self) -> bool:
        """Whether the fleet had too few instances for too long, or for too many requests."""
        return self.lost_share > LOST_SHARE or self.short_seconds > SHORT_SECONDS

    @property
    def flapped(self) -> bool:
        """Whether it went to and fro."""
        return self.turns > BACK_MOST


def judge(played: Played) -> Verdict:
    """Judges a day."""
    longest = run = 0
    for sample in played.samples:
        run = run + TICK if sample.serving < sample.needed else 0
        longest = max(longest, run)
    needed = sum(sample.needed for sample in played.samples)
    serving = sum(sample.serving for sample in played.samples)
    turns = sum(
        one.change * other.change < 0
        and other.second - one.second < BACK_SECONDS
        and min(abs(one.change), abs(other.change)) >= BACK_SHARE * one.size
        for one, other in pairwise(played.activities)
    )
    return Verdict(
        lost_share=played.lost / (played.asked - played.refused),
        short_seconds=longest,
        turns=turns,
        added=sum(max(activity.change, 0) for activity in played.activities),
        spare=serving / needed - 1,
    )
