"""The plot of the days, the same bytes for the same numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from bench.fleet.model import HOUR, MINUTE, TICK, Played
from bench.fleet.report import Row

_COLUMNS = 2


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draws each day as instances over time, with what the rule did below, as SVG.

    Raises:
        ModuleNotFoundError: There is no matplotlib, which only this needs (`make bench-fleet` installs it).
    """
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot
    from matplotlib.lines import Line2D

    # Otherwise identifiers are random, and letters become outlines.
    matplotlib.rcParams.update({"svg.hashsalt": "oss-proxy", "svg.fonttype": "none", "font.size": 9})
    height = -(-(len(rows) + 1) // _COLUMNS)
    figure, grid = pyplot.subplots(height, _COLUMNS, figsize=(10, 2.3 * height), sharex=True, sharey=True)
    places = list(grid.flat)
    for (scenario, played, verdict), axes in zip(rows, places, strict=False):
        lines = _sampled(played, 5 * MINUTE)
        axes.plot(
            lines[0], lines[1], color="C0", linewidth=1.2, label="instances that serve (fewest in 5 min)"
        )
        axes.plot(lines[0], lines[2], color="black", linewidth=0.8, label="needed, if full (most in 5 min)")
        hours, serving, needed = _sampled(played, MINUTE)
        short = [few < many for few, many in zip(serving, needed, strict=True)]
        axes.fill_between(
            hours, serving, needed, where=short, color="C3", alpha=0.6, linewidth=0, label="too few"
        )
        for sign, color, height_of in ((1, "C2", -30), (-1, "C1", -60)):
            # One line with gaps: hundreds of lines of their own are a file ten times as large.
            marks = [one.second / HOUR for one in played.activities if one.change * sign > 0]
            across = [hour for mark in marks for hour in (mark, mark, math.nan)]
            up = [level for _ in marks for level in (height_of - 11, height_of + 11, math.nan)]
            axes.plot(across, up, color=color, linewidth=0.5)
        word = " and ".join(
            word for word, is_so in (("starves", verdict.starved), ("flaps", verdict.flapped)) if is_so
        )
        axes.set_title(f"{scenario.name}: {word or 'holds'}", fontsize=9)
    places[0].set_xticks(range(0, 25, 4))
    places[0].set_xlim(0, 24)
    places[0].set_yticks(range(0, 401, 100))
    for axes in places[len(rows) :]:
        axes.axis("off")
    handles, labels = places[0].get_legend_handles_labels()
    handles += [Line2D([], [], color=color, linewidth=3) for color in ("C2", "C1")]
    places[len(rows)].legend(
        handles, [*labels, "the rule adds", "the rule removes"], loc="center", fontsize=9
    )
    figure.supxlabel("hour of the day")
    figure.supylabel("instances")
    figure.tight_layout()
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)


def _sampled(played: Played, seconds: int) -> tuple[list[float], list[int], list[float]]:
    """Hours, the fewest serving and the most needed in each part of the day, so that no gap is left out."""
    step = seconds // TICK
    parts = [played.samples[at : at + step] for at in range(0, len(played.samples), step)]
    return (
        [round(part[0].second / HOUR, 4) for part in parts],
        [min(sample.serving for sample in part) for part in parts],
        [max(sample.needed for sample in part) for part in parts],
    )
