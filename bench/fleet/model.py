"""What is played: the scaling rule, the fleet, the day, and what comes of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

MINUTE, HOUR, DAY = 60, 3600, 86_400
# Requests come in lots of this many seconds.
TICK = 15


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A target tracking rule of Auto Scaling, and its group's cooldown.

    Auto Scaling looks once a minute, and acts after so many minutes in a row: 3 for more, 15 for fewer. It
    adds as many as are missing, rounded up, and removes as many as are too many, rounded down.
    Source: https://www.alibabacloud.com/help/en/auto-scaling/latest/target-tracking-scaling-rule (2026-02-28)

    The cooldown begins when the last instance of an activity is in the group, or gone, and meanwhile nothing
    is done for a metric. Source: https://www.alibabacloud.com/help/doc-detail/25912.htm (2026-01-15)

    New instances report nothing for 300 seconds by default. Source: the provider's page
    website/docs/r/ess_scaling_rule.html.markdown (2026-11-24)

    Not documented, and taken for the worst: that nothing lies between too much and too little but the target.
    That a cooldown is 300 seconds is a choice.

    Attributes:
        target: The wanted mean of the metric over the instances, from 0 to 1.
        out_minutes, in_minutes: Minutes in a row above and below it (ScaleOutEvaluationCount and
            ScaleInEvaluationCount).
        cooldown: Of the group, in seconds (DefaultCooldown).
        warmup: Seconds in which a new instance does not count for the metric (EstimatedInstanceWarmup).
        metric: ``bandwidth`` (VpcInternetTx) or ``cpu`` (CpuUtilization).
    """

    target: float = 0.6
    out_minutes: int = 3
    in_minutes: int = 15
    cooldown: float = 300
    warmup: float = 300
    metric: str = "bandwidth"


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The instances, and what happens to them.

    Attributes:
        smallest, largest: The group's bounds; an NLB has 400 servers by default.
        takes: Requests per second that fill an instance: 1 MiB each, 200 Mbit/s.
        cpu_share: How busy an instance's processors are then: 2 vCPUs, and a ms for each.
        created: Seconds until a new instance is in the group, from and to.
        boots: Seconds from then until it serves, from and to.
        drains: Seconds until an instance that is taken out is gone.
        fails_every: Mean seconds until an instance fails.
        noticed: Seconds until the load balancer sends nothing more to a failed one.
        replaced: Seconds until Auto Scaling begins to replace it.
        zones: Over how many it is spread.
        patience: Seconds that a request waits for its turn before the client gives up.
    """

    smallest: int = 60
    largest: int = 400
    takes: float = 23.0
    cpu_share: float = 0.012
    created: tuple[float, float] = (30, 60)
    boots: tuple[float, float] = (60, 120)
    drains: float = 60
    fails_every: float = 10 * DAY
    noticed: float = 15
    replaced: float = 120
    zones: int = 3
    patience: float = 10


@dataclass(frozen=True, kw_only=True)
class Day:
    """What comes.

    Attributes:
        least, most: Requests per second at night and in the evening.
        bursts: How many times a day suddenly more come.
        burst: How many times the usual then.
        burst_seconds: For how long.
        zone_lost: When a zone goes for good, in seconds from the beginning; negative for never.
        oss_qps: What OSS answers the account, per second.
        throttled: From when to when OSS answers less, in seconds.
        throttled_qps: How much then.
    """

    least: float = 900
    most: float = 3900
    bursts: int = 4
    burst: float = 1.4
    burst_seconds: float = 20 * MINUTE
    zone_lost: float = -1
    oss_qps: float = 10_000
    throttled: tuple[float, float] = (-1, -1)
    throttled_qps: float = 10_000


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The fleet at one tick: instances that are needed, and that serve; requests that were not served."""

    second: int
    needed: float
    serving: int
    lost: float


@dataclass(frozen=True, kw_only=True)
class Activity:
    """A decision of the rule: when, with how many instances, and by how many."""

    second: float
    size: int
    change: int


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of a day.

    Attributes:
        samples: Of each tick.
        activities: What the rule did.
        asked, lost, refused: Requests: all, those that the fleet did not serve, and those that OSS refused.
        failures: Instances that failed.
    """

    samples: tuple[Sample, ...]
    activities: tuple[Activity, ...]
    asked: float
    lost: float
    refused: float
    failures: int
