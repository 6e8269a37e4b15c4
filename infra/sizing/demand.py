"""What clients ask for. Pure.

Any two of busiest rate, mean size and volume of a month give the third, by how much the busiest second is
above the month's mean.
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.sizing.errors import SizingError

GB = 10**9
MONTH_SECONDS = 30 * 86_400
# The busiest second over the month's mean. An assumption; a site of one time zone has about this.
PEAK = 4.0
# On the wire beside the object: the answer's head, and the heads of its packets (66 B with each 1,448).
HEAD_BYTES = 600
PACKETS = 1.046


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What is asked for.

    Attributes:
        requests: In the busiest second.
        size: Of the mean answer, in bytes.
        gb_month: Objects' bytes of 30 days, in GB (10^9 bytes, as it is metered).
        peak: The busiest second over the month's mean.
    """

    requests: float
    size: int
    gb_month: float
    peak: float

    @property
    def mbps(self) -> float:
        """The busiest second on the wire, in Mbit/s."""
        return self.requests * (self.size + HEAD_BYTES) * PACKETS * 8 / 1e6

    @property
    def requests_month(self) -> float:
        """Requests of 30 days."""
        return self.gb_month * GB / self.size


def demand(
    *, requests: float | None, size: int | None, gb_month: float | None, peak: float | None = None
) -> Demand:
    """Completes what was given.

    Raises:
        SizingError: Too little was given, or what was given cannot be.
    """
    over = PEAK if peak is None else peak
    if requests is not None and size is not None:
        if gb_month is None:
            return Demand(
                requests=requests, size=size, gb_month=requests / over * size * MONTH_SECONDS / GB, peak=over
            )
        return _whole(requests, size, gb_month, peak)
    if gb_month is not None and size is not None:
        return Demand(
            requests=gb_month * GB / size / MONTH_SECONDS * over, size=size, gb_month=gb_month, peak=over
        )
    if gb_month is not None and requests is not None:
        mean = round(gb_month * GB / (requests / over * MONTH_SECONDS))
        if mean < 1:
            raise SizingError(
                f"{gb_month:g} GB a month at {requests:g} requests per second are less than a byte each",
                fix="check --gb-month and --requests, or give --size.",
            )
        return Demand(requests=requests, size=mean, gb_month=gb_month, peak=over)
    raise SizingError(
        "too little is known to size anything",
        fix="give two of --requests (per second, at the busiest), --size and --gb-month.",
    )


def _whole(requests: float, size: int, gb_month: float, peak: float | None) -> Demand:
    over = requests * size * MONTH_SECONDS / (gb_month * GB)
    if over < 1:
        raise SizingError(
            f"{requests:g} requests of {size:,} B per second are at most "
            f"{requests * size * MONTH_SECONDS / GB:,.0f} GB in 30 days, and {gb_month:,.0f} GB were given",
            fix="give --requests of the busiest second, or leave one of the three out.",
        )
    if peak is not None:
        raise SizingError(
            "--requests, --size and --gb-month say already how the busiest second compares to the mean",
            fix="leave --peak out, or one of them.",
        )
    return Demand(requests=requests, size=size, gb_month=gb_month, peak=over)
