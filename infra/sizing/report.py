"""The plan as text. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from infra.sizing import costs, ways
from infra.sizing.demand import Demand
from infra.sizing.plan import ACCOUNT, Part, Plan, Terms
from infra.sizing.units import MIB


def report(wanted: Demand, terms: Terms, chosen: Plan, others: Sequence[Plan]) -> str:
    """Returns all that the command says.

    Args:
        wanted: What is asked for.
        terms: What the plan was made under.
        chosen: The plan of the instance type that was asked about.
        others: Plans of other types, for comparison.
    """
    return "\n".join(
        (
            *_asked(wanted, terms),
            "",
            *_parts(chosen),
            "",
            *_verdict(chosen, terms),
            "",
            *_types(chosen, others),
            "",
            *ways.lines(wanted, chosen, terms),
            "",
            *costs.lines(wanted, chosen, terms),
        )
    )


def brief(number: float) -> str:
    """Returns a number with three digits, or all before the point."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def human(size: int) -> str:
    """Returns a size as people read it."""
    for unit, name in ((2**30, "GiB"), (MIB, "MiB"), (2**10, "KiB")):
        if size >= unit:
            return f"{size / unit:,.4g} {name}"
    return f"{size} B"


def _asked(wanted: Demand, terms: Terms) -> list[str]:
    return [
        f"Asked for: {brief(wanted.requests)} requests per second at the busiest, {human(wanted.size)} each: "
        f"{wanted.mbps:,.0f} Mbit/s on the wire,",
        f"{wanted.gb_month:,.0f} GB in 30 days. The busiest second is {wanted.peak:.3g} times the mean. "
        f"Clients take {terms.client_mbps:g} Mbit/s each.",
    ]


def _parts(chosen: Plan) -> list[str]:
    kind = chosen.machine
    head = f"{'':30}{'asked':>12}{'one has':>12} {'':11}{'alone for':>10}"
    head += f"{f'full, with {chosen.instances}':>17}{'carries':>10}"
    rows = [f"{kind.id}: {kind.cores} vCPUs, {kind.memory_gib:g} GiB", head]
    rows += [_row(part, chosen) for part in chosen.parts]
    if kind.network_gbps is None:
        rows.append("The type's network bandwidth is not known here; --network-gbps adds it.")
    return rows


def _row(part: Part, chosen: Plan) -> str:
    share = part.share(chosen.instances)
    alone = "account" if part.of == ACCOUNT else f"{part.instances(chosen.load):,}"
    row = f"{part.name:<30}{part.demand:>12,.0f}{part.limit:>12,.0f} {part.unit:<11}{alone:>10}"
    return f"{row}{share:>16.0%} {'x' + brief(1 / share):>10}" if share else row


def _verdict(chosen: Plan, terms: Terms) -> list[str]:
    first = chosen.first
    lines = [
        f"Instances: {chosen.instances:,}, planned for {chosen.load:.0%} of each one's limits. Full first: "
        f"{first.name}, at {brief(1 / first.share(chosen.instances))} times what is asked.",
        f"Processor time: {terms.cost.request:g} us for a request and {terms.cost.mib:g} us for a MiB "
        f"({terms.cost.origin}; --cpu-us REQUEST,MIB).",
    ]
    for part in chosen.beyond:
        lines.append(
            f"NOT POSSIBLE AS ASKED: {part.name}: {part.share(1):.0%}. It is the account's, whatever the "
            "number of instances: ask Alibaba Cloud for more, answer from caches, or split buckets over "
            "accounts."
        )
    return lines


def _types(chosen: Plan, others: Sequence[Plan]) -> list[str]:
    rows = [f"{'Instance types':<22}{'vCPUs':>6}{'GiB':>6}{'Gbit/s':>8}{'instances':>11}  full first"]
    for one in (chosen, *(other for other in others if other.machine.id != chosen.machine.id)):
        network = "?" if one.machine.network_gbps is None else f"{one.machine.network_gbps:g}"
        rows.append(
            f"{one.machine.id:<22}{one.machine.cores:>6}{one.machine.memory_gib:>6g}{network:>8}"
            f"{one.instances:>11,}  {one.first.name}"
        )
    return rows
