"""What is paid, as quantities of 30 days. Pure. No prices: they differ by region, and change."""

from __future__ import annotations

import math

from infra.sizing.demand import Demand
from infra.sizing.limits import LCU_GB_HOUR, LCU_NEW_PER_SECOND
from infra.sizing.plan import Plan, Terms

HOURS = 720


def lines(wanted: Demand, chosen: Plan, terms: Terms) -> list[str]:
    """Returns the terms of the bill, each with its quantity."""
    count, missed = chosen.instances, 1 - terms.cache_hits
    traffic = (
        f"{wanted.gb_month:,.0f} GB out"
        if terms.billing == "PayByTraffic"
        else f"{count:,} rents of the bandwidth set, {_setting(wanted, chosen, terms)} Mbit/s each"
    )
    return [
        "Paid in 30 days (look the prices up; docs/cost.md):",
        f"  ECS         {count * HOURS:,} hours of {chosen.machine.id}, and of its system disk",
        f"  EIP         {traffic}",
        f"  OSS         {wanted.requests_month * missed / 1e6:,.1f} million requests; storage as without the "
        "proxy; traffic to the proxy is free",
        *_balancer(wanted, count),
    ]


def bandwidth(wanted: Demand, chosen: Plan, terms: Terms) -> str:
    """Returns the setting that the plan leads to, for each stack."""
    return f"bandwidthMbps {_setting(wanted, chosen, terms)}"


def _setting(wanted: Demand, chosen: Plan, terms: Terms) -> int:
    return min(int(chosen.eip.limit), max(1, math.ceil(wanted.mbps / chosen.instances / terms.load)))


def _balancer(wanted: Demand, count: int) -> list[str]:
    if count == 1:
        return []
    units = max(wanted.gb_month / HOURS / LCU_GB_HOUR, wanted.requests / wanted.peak / LCU_NEW_PER_SECOND)
    return [
        f"  NLB         with a fleet: by the hour, and about {units:,.0f} capacity units on average (a GB in "
        f"an hour, or {LCU_NEW_PER_SECOND} new connections per second, one for each request at worst)",
    ]
