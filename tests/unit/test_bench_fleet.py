"""The simulated fleet: the chosen rule holds, wrong ones do not, and the page says what came out."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bench.fleet import plot, report
from bench.fleet.judge import Verdict, judge
from bench.fleet.model import DAY, TICK, Activity, Day, Fleet, Played, Rule, Sample
from bench.fleet.scenarios import CHOSEN, SCENARIOS, Scenario, play
from bench.fleet.simulate import Simulation
from tests.support.project import ROOT

QUIET = Day(least=500, most=500, bursts=0)
NEVER_FAILS = Fleet(fails_every=1e12, smallest=1)


@cache
def played(scenario: Scenario) -> tuple[Played, Verdict]:
    return play(scenario)


def row(scenario: Scenario) -> report.Row:
    return (scenario, *played(scenario))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_rule_does_what_is_said_of_it(scenario: Scenario) -> None:
    verdict = played(scenario)[1]
    assert (verdict.starved, verdict.flapped) == (scenario.starves, scenario.flaps), verdict


@pytest.mark.parametrize("seed", [2, 3])
def test_the_chosen_rule_holds_on_other_days_too(seed: int) -> None:
    verdict = play(CHOSEN, seed)[1]
    assert not (verdict.starved or verdict.flapped), verdict


def test_the_same_seed_is_the_same_day_and_another_is_another() -> None:
    quick = Scenario(name="quick", day=Day(least=100, most=200), fleet=Fleet(smallest=5))
    assert play(quick, 5) == play(quick, 5)
    assert play(quick, 5) != play(quick, 6)


def test_a_rule_does_not_change_what_comes() -> None:
    # But for the failures, everything that comes is the same for the chosen and the hasty rule.
    assert played(SCENARIOS[0])[0].asked == played(SCENARIOS[-1])[0].asked


def test_a_steady_fleet_is_left_alone_at_its_target() -> None:
    """500 requests per second, 23 fill an instance: 37 at 60 %, and nothing is lost."""
    result = Simulation(Rule(), NEVER_FAILS, QUIET, 1).run()
    assert {sample.serving for sample in result.samples} <= {36, 37, 38}
    assert (result.lost, result.failures) == (0, 0)
    assert len(result.samples) == DAY // TICK
    assert result.asked == pytest.approx(500 * DAY, rel=0.001)


def test_what_oss_refuses_is_not_the_fleets_loss() -> None:
    throttled = Day(least=500, most=500, bursts=0, throttled=(0, DAY), throttled_qps=100)
    result = Simulation(Rule(), NEVER_FAILS, throttled, 1).run()
    assert result.refused == pytest.approx(400 * DAY, rel=0.001)
    assert result.lost == 0
    # Refused answers carry nothing: the rule by bandwidth takes the fleet down to what OSS lets through.
    assert min(sample.serving for sample in result.samples) <= 8


def test_a_failed_instance_is_replaced_and_costs_what_was_sent_to_it() -> None:
    often = Fleet(fails_every=DAY / 4, smallest=1)
    result = Simulation(Rule(), often, QUIET, 1).run()
    assert result.failures > 50
    assert 0 < result.lost < result.failures * 500 / 20 * 2 * TICK
    assert result.samples[-1].serving >= 30


def test_the_group_keeps_its_bounds() -> None:
    bounded = Simulation(Rule(), Fleet(smallest=30, largest=32, fails_every=1e12), QUIET, 1).run()
    assert {sample.serving for sample in bounded.samples} == {32}


def flat(serving: list[int], activities: list[Activity]) -> Played:
    samples = tuple(
        Sample(second=n * TICK, needed=10, serving=count, lost=0) for n, count in enumerate(serving)
    )
    return Played(samples=samples, activities=tuple(activities), asked=1e6, lost=0, refused=0, failures=0)


def test_the_judge_counts_gaps_in_a_row_and_changes_taken_back() -> None:
    gap = 300 // TICK
    assert not judge(flat([10] + [9] * gap + [10] + [9] * gap, [])).starved
    assert judge(flat([10] + [9] * (gap + 1), [])).starved
    to_and_fro = [Activity(second=60 * n, size=100, change=5 * (-1) ** n) for n in range(30)]
    assert judge(flat([10], to_and_fro)).turns == 29
    assert judge(flat([10], to_and_fro)).flapped
    # One of hundreds, and after a quarter of an hour, is none.
    assert (
        judge(flat([10], [Activity(second=60 * n, size=500, change=(-1) ** n) for n in range(12)])).turns == 0
    )
    assert (
        judge(flat([10], [Activity(second=900 * n, size=100, change=5 * (-1) ** n) for n in range(12)])).turns
        == 0
    )


def test_the_page_has_what_the_simulation_says() -> None:
    page = (ROOT / "docs/sizing.md").read_text()
    assert report.with_block(page, report.block([row(scenario) for scenario in SCENARIOS])) == page
    with pytest.raises(ValueError, match="fleet"):
        report.with_block("# Nothing", "")


def test_the_plot_is_what_the_simulation_says(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="only make bench-fleet installs it")
    drawn = tmp_path / "sizing.svg"
    plot.draw([row(scenario) for scenario in SCENARIOS], drawn)
    assert drawn.read_bytes() == (ROOT / "docs/sizing.svg").read_bytes()
