"""The measured rows as text: lines on the terminal, a page of Markdown, and the README's ratios. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from bench.nginx.goals import Goal
from bench.nginx.measure import Row
from bench.nginx.setups import CACHED, DIRECT, OURS, VENDOR

COMMAND = "make bench-nginx"
BEGIN, END = "<!-- performance -->\n", "<!-- /performance -->\n"

_WIDTHS = (22, 10, 9, 9, 9, 9, 10, 7, 10, 7)
_TITLES = (
    "",
    "per second",
    "of direct",
    "of vendor",
    "p50 ms",
    "p99 ms",
    "CPU us",
    "MB",
    "written B",
    "failed",
)


@dataclass(frozen=True)
class Facts:
    """Where and how it was measured.

    Attributes:
        machine: Processors, memory, kernel.
        network: What connected client, proxy and origin.
        nginx: The version of the nginx that ran.
        day: When, as a date.
        load_before, load_after: The machine's load of one minute, before the first turn and after the last.
        rounds, seconds: How many turns each setup had under each load, and how long each was.
    """

    machine: str
    network: str
    nginx: str
    day: str
    load_before: float
    load_after: float
    rounds: int
    seconds: int


def cells(row: Row) -> tuple[str, ...]:
    """The row's values in the order of the titles."""
    speed = row.median(lambda turn: turn.load.speed(row.case))
    answered = row.case.unit == "requests"
    return (
        row.setup,
        f"{speed:,.0f}" if answered else f"{speed / 2**20:,.0f} MiB",
        f"{statistics.median(row.of_direct):.2f}",
        f"{statistics.median(row.of_vendor):.2f}",
        f"{1000 * row.median(lambda turn: turn.load.p50):.2f}" if answered else "-",
        f"{1000 * row.median(lambda turn: turn.load.p99):.2f}" if answered else "-",
        f"{row.cpu_each():,.1f}",
        f"{max(turn.memory_mb for turn in row.turns):.0f}",
        f"{row.written_each():,.0f}",
        str(row.failed),
    )


def head(title: str) -> str:
    """The head of one load's table on the terminal."""
    return f"\n{title}\n" + _line(_TITLES)


def line(row: Row) -> str:
    """The row as a line on the terminal."""
    return _line(cells(row))


def page(facts: Facts, rows: Sequence[Row], wanted: Sequence[Goal], notes: Iterable[str]) -> str:
    """The whole page of Markdown."""
    busy = max(facts.load_before, facts.load_after - 4) > 1
    parts = [
        "# Performance\n",
        f"`{COMMAND}` measured this and wrote the page, the plot and the README's ratios.\n",
        f"{facts.machine}; {facts.network}; nginx {facts.nginx}; {facts.day}; "
        f"load {facts.load_before:.1f} before, {facts.load_after:.1f} after; "
        f"medians of {facts.rounds} rounds of {facts.seconds} s each."
        + (" **The machine did other work meanwhile.**" if busy else "")
        + "\n",
        "![Speed as a share of the vendor's form](performance.svg)\n",
        "## Goals\n",
        _markdown(("", "measured", ""), [(goal.name, goal.value, goal.answer) for goal in wanted]),
        "## What was measured\n",
        _METHOD,
    ]
    for case, group in groupby(rows, key=lambda row: row.case):
        unit = "MiB" if case.unit == "bytes" else "request"
        titles = ("", *_TITLES[1:6], f"CPU us per {unit}", "memory MB", f"written B per {unit}", "failed")
        parts += [f"### {case.name}\n", _markdown(titles, [cells(row) for row in group])]
    parts += ["### Slow readers and a large object\n", "".join(f"- {note}\n" for note in notes)]
    return "\n".join(parts)


_METHOD = f"""\
- *{OURS}*: the rendered configuration as an instance gets it, with limits, header rules and the log on. Only
  paths, addresses and the limits' numbers differ. *{CACHED}*: the same with the cache on, and the object in
  it.
- *{VENDOR}*: the configuration in OSS's documentation for a reverse proxy on ECS, over HTTP. *variable
  proxy_pass*: the form that looks names up anew and keeps no connection. *HAProxy* and *Caddy*: Debian 13's,
  with their logs on. *{DIRECT}*: the origin, an nginx that serves files and logs nothing.
- All stand before the same origin. In each round each is asked in turn, in another order than before, and a
  ratio is one of speeds in the same round. Client (wrk), proxy and origin share the processors and nothing is
  pinned, so ratios say more than numbers.
- *HTTPS*: the same over TLS 1.3, all with an ECDSA P-256 certificate, and with the hybrid key exchange where
  a server has it. New handshakes are wrk's, each with one request; resumed ones are those of eight
  `openssl s_time -reuse`, which tells no latencies; those that were not resumed count as failed.
- CPU time, memory (the most that was seen, shared pages once) and what is written to files are those of the
  proxy's own processes.
"""


def readme_block(facts: Facts, rows: Sequence[Row]) -> str:
    """The README's table: requests or bytes per second as a share of the vendor's form, and of direct."""
    setups = [name for name in dict.fromkeys(row.setup for row in rows) if name != VENDOR]
    table = []
    for case, group in groupby(rows, key=lambda row: row.case):
        shares = {row.setup: f"{statistics.median(row.of_vendor):.2f}" for row in group}
        table.append((case.name, *(shares.get(name, "-") for name in setups)))
    return f"Speed as a share of the vendor's form, {facts.day}:\n\n" + _markdown(("", *setups), table)


def with_block(readme: str, block: str) -> str:
    """The README with another table between its marks.

    Raises:
        ValueError: It has no marks.
    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the README has no {BEGIN.strip()} with an end")
    return before + begin + block + end + after


def _line(values: Sequence[str]) -> str:
    pairs = zip(values, _WIDTHS, strict=True)
    first, width = next(pairs)
    return f"{first:<{width}}" + "".join(f" {value:>{width}}" for value, width in pairs)


def _markdown(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] + ["---:"] * (len(titles) - 1), *rows]
    return "".join(f"| {' | '.join(values)} |\n".replace("|  |", "| |") for values in lines)
