"""How to build what was sized, with what the program can do and without what it cannot. Pure."""

from __future__ import annotations

import math

from infra.sizing import costs
from infra.sizing.demand import Demand
from infra.sizing.limits import (
    DNS_WEIGHTS,
    DNS_WEIGHTS_PAID,
    EIP_MBPS,
    EIPS,
    NLB_BACKENDS,
    NLB_VIP_GBPS,
    NLB_ZONE_MBPS,
    PUBLIC_GBPS,
)
from infra.sizing.plan import Plan, Terms

ZONES = 2
FLEET_MISSING = "A stack of this program is one instance; a fleet in one stack is not built."


def lines(wanted: Demand, chosen: Plan, terms: Terms) -> list[str]:
    """Returns what to do, in the order in which to try it."""
    done = costs.bandwidth(wanted, chosen, terms)
    if chosen.instances == 1:
        return [
            f"One stack does it: instanceType {chosen.machine.id}, bandwidthBilling {terms.billing}, {done}.",
            "It is one instance in one zone; replacing it is a gap.",
        ]
    return [
        FLEET_MISSING,
        *_one(wanted, chosen, terms),
        *_stacks(wanted, chosen, terms, done),
        *_balancer(wanted, chosen, terms),
        *_beyond(chosen),
    ]


def _one(wanted: Demand, chosen: Plan, terms: Terms) -> list[str]:
    needed = math.ceil(wanted.mbps / terms.load)
    most = EIP_MBPS["PayByBandwidth"]
    if terms.billing == "PayByTraffic" and chosen.without_eip == 1 and needed <= most:
        return [f"- First: bandwidthBilling PayByBandwidth, bandwidthMbps {needed}: then one stack does it."]
    return []


def _stacks(wanted: Demand, chosen: Plan, terms: Terms, done: str) -> list[str]:
    count = chosen.instances
    lines = [
        f"- Today: {count:,} stacks beside each other with the same bucket, each {chosen.machine.id} with "
        f"{done}, in two zones or more (zoneId), behind one name with an A record for each address.",
        "  Set these records by hand: dnsZone refuses a name that another stack has. DNS knows no health: a "
        "stack that is away keeps its share of clients until its record goes.",
        "  Certificates: tls provided. With acme the authority's question for a shared name may reach "
        "another stack.",
    ]
    if count > DNS_WEIGHTS:
        lines.append(
            f"  Alibaba Cloud DNS weighs {DNS_WEIGHTS} records of a name in its free edition, "
            f"{DNS_WEIGHTS_PAID} in the paid ones; above that take several names, or a CDN."
        )
    if count > EIPS:
        lines.append(f"  An account has {EIPS} EIPs by default: ask for more.")
    if wanted.mbps > PUBLIC_GBPS[terms.billing] * 1000:
        lines.append(
            f"  {wanted.mbps / 1000:,.3g} Gbit/s go out. Public addresses of ECS in a region are held to "
            f"{PUBLIC_GBPS[terms.billing]} Gbit/s together ({terms.billing}) until the account asks for "
            "more; ask whether EIPs are too."
        )
    if terms.cache_hits:
        lines.append("  Each instance has a cache of its own: fewer hits than one cache of all would have.")
    return lines


def _balancer(wanted: Demand, chosen: Plan, terms: Terms) -> list[str]:
    zones = math.ceil(wanted.mbps / (NLB_ZONE_MBPS * terms.load))
    known = "" if chosen.machine.network_gbps else "at least (their network bandwidth is not known here) "
    own = f"the EIPs of {ZONES} zones" if zones <= ZONES else "an Internet Shared Bandwidth"
    return [
        f"- A fleet behind a load balancer (NLB) would take {known}{chosen.without_eip:,} of these "
        f"instances, and {own}, {math.ceil(wanted.mbps / terms.load):,} Mbit/s: an NLB's EIPs are "
        f"pay-by-traffic, {NLB_ZONE_MBPS} Mbit/s for each zone.",
        "  Stacks as they are do not fit behind one: each has a VPC of its own, an NLB's servers are in one.",
    ]


def _beyond(chosen: Plan) -> list[str]:
    # Sources: https://help.aliyun.com/en/cdn/user-guide/configure-an-origin-server and
    # .../back-to-origin-routing-overview (2026-11-24), and of the addresses (2026-04-01)
    # https://www.alibabacloud.com/help/en/cdn/support/query-ip-addresses-of-pops-for-a-cdn-domain
    fleets = math.ceil(chosen.instances / NLB_BACKENDS)
    lines = [
        "- A CDN in front takes what it has cached off all of this, and spreads the rest over several "
        "origins by weight. Its addresses change, and Alibaba Cloud tells them to accounts with 1 Gbit/s and "
        "more alone: for others allowedCidrs has to be open. Its CDN also reads a private bucket without "
        "this proxy.",
    ]
    if fleets > 1:
        lines.append(
            f"- {chosen.instances:,} instances are more than one NLB takes ({NLB_BACKENDS} by default, "
            f"{NLB_VIP_GBPS} Gbit/s for each zone): {fleets} fleets, and DNS weights between their NLBs. "
            "OSS's limits are the account's and stay the same."
        )
    return lines
