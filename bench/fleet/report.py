"""What came of the days, as text. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bench.fleet.judge import Verdict
from bench.fleet.model import Played
from bench.fleet.scenarios import Scenario

BEGIN, END = "<!-- fleet -->\n", "<!-- /fleet -->\n"
_TITLES = (
    "rule and day",
    "instances",
    "not served",
    "too few for",
    "taken back",
    "added",
    "spare",
    "failed",
    "verdict",
)

Row = tuple[Scenario, Played, Verdict]


def cells(row: Row) -> tuple[str, ...]:
    """Returns a row's values in the order of the titles."""
    scenario, played, verdict = row
    serving = [sample.serving for sample in played.samples]
    words = [word for word, is_so in (("starves", verdict.starved), ("flaps", verdict.flapped)) if is_so]
    return (
        scenario.name,
        f"{min(serving)} to {max(serving)}",
        f"{verdict.lost_share:.3%}",
        f"{verdict.short_seconds:,} s",
        f"{verdict.turns}",
        f"{verdict.added:,}",
        f"{verdict.spare:.0%}",
        f"{played.failures}",
        " and ".join(words) or "holds",
    )


def lines(rows: Sequence[Row]) -> list[str]:
    """Returns the table for a terminal."""
    table = [_TITLES, *map(cells, rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(_TITLES))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in table
    ]


def block(rows: Sequence[Row]) -> str:
    """Returns the page's part between its markers."""
    table = [_TITLES, ("---", *["---:"] * (len(_TITLES) - 1)), *map(cells, rows)]
    return BEGIN + "".join(f"| {' | '.join(line)} |\n" for line in table) + END


def with_block(page: str, text: str) -> str:
    """Returns the page with another block.

    Raises:
        ValueError: It has not the markers.
    """
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"no {BEGIN.strip()} and {END.strip()} in the page")
    return before + text + after
