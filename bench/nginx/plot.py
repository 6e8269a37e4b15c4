"""The plot of the ratios, the same bytes for the same numbers."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from bench.nginx.measure import Row
from bench.nginx.setups import OURS, VENDOR


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draws a group of bars for each load: every setup's speed as a share of the vendor's form, as SVG.

    Raises:
        ModuleNotFoundError: There is no matplotlib, which only this needs (`make bench-nginx` installs it).
    """
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    # Otherwise identifiers are random, and letters become outlines.
    matplotlib.rcParams.update({"svg.hashsalt": "oss-proxy", "svg.fonttype": "none", "font.size": 9})
    cases = list(dict.fromkeys(row.case for row in rows))
    setups = list(dict.fromkeys(row.setup for row in rows))
    figure, axes = pyplot.subplots(figsize=(9, 1.1 * len(cases) + 1.2))
    height = 0.86 / len(setups)
    for number, setup in enumerate(setups):
        own = [row for row in rows if row.setup == setup]
        places = [cases.index(row.case) + (number - (len(setups) - 1) / 2) * height for row in own]
        shares = [statistics.median(row.of_vendor) for row in own]
        spread = [
            [share - min(row.of_vendor) for share, row in zip(shares, own, strict=True)],
            [max(row.of_vendor) - share for share, row in zip(shares, own, strict=True)],
        ]
        axes.barh(
            places,
            shares,
            height,
            label=setup,
            color="0.6" if setup == VENDOR else f"C{number}",
            edgecolor="black" if setup == OURS else "none",
            xerr=spread,
            error_kw={"elinewidth": 0.8, "ecolor": "0.25"},
        )
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_yticks(range(len(cases)), [case.name.replace(", each", ",\neach") for case in cases])
    axes.invert_yaxis()
    axes.set_xlabel(
        "requests or bytes per second, as a share of the vendor's form (line: range of the rounds)"
    )
    axes.legend(loc="best", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
