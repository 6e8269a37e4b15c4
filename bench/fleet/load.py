"""How many requests come, from second to second. Pure, but for the dice that it is given."""

from __future__ import annotations

import math
from random import Random

from bench.fleet.model import DAY, HOUR, MINUTE, TICK, Day

# At night least, in the evening most.
_EVENING = 20 * HOUR
_RISE = 2 * MINUTE


class Load:
    """The arrivals of a day.

    Args:
        day: What comes.
        dice: Where bursts and chance are from.
    """

    def __init__(self, day: Day, dice: Random) -> None:
        self._day, self._dice = day, dice
        # One in each part of the day, so that they do not pile up.
        part = DAY / max(day.bursts, 1)
        last = max(part - day.burst_seconds - HOUR, 0)
        self.bursts = [number * part + HOUR / 2 + dice.uniform(0, last) for number in range(day.bursts)]

    def rate(self, second: float) -> float:
        """The mean requests per second at that time."""
        wave = (1 + math.cos(2 * math.pi * (second - _EVENING) / DAY)) / 2
        curve = wave * math.sqrt(wave)
        usual = self._day.least + (self._day.most - self._day.least) * curve
        return usual * (
            1 + (self._day.burst - 1) * max((self._in(second - at) for at in self.bursts), default=0.0)
        )

    def lot(self, second: float) -> float:
        """The requests of one tick; by chance, as many clients of their own make it."""
        mean = self.rate(second) * TICK
        return max(0.0, self._dice.gauss(mean, math.sqrt(mean)))

    def oss(self, second: float) -> float:
        """What OSS answers at that time, in requests per second."""
        begin, end = self._day.throttled
        return self._day.throttled_qps if begin <= second < end else self._day.oss_qps

    def _in(self, since: float) -> float:
        """How much of a burst is there, so long after its beginning: from 0 to 1."""
        if not 0 <= since < self._day.burst_seconds + _RISE:
            return 0.0
        return min(1.0, since / _RISE, (self._day.burst_seconds + _RISE - since) / _RISE)
