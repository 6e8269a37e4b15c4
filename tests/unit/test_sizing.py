"""From what clients ask for to instances, and what is full first."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

import pytest

from infra.settings import LARGEST_BANDWIDTH_MBPS
from infra.sizing.__main__ import DEFAULT_TYPE, PERFORMANCE, main
from infra.sizing.capacity import Cost, given, measured
from infra.sizing.demand import MONTH_SECONDS, Demand, demand
from infra.sizing.errors import SizingError
from infra.sizing.instance_types import TYPES, instance_type
from infra.sizing.limits import EIP_MBPS, oss_gbps
from infra.sizing.plan import Terms, plan
from infra.sizing.units import size
from infra.sizing.ways import FLEET_MISSING
from localcloud.services.ecs.catalog import INSTANCE_TYPES
from tests.support.project import ROOT

TERMS = Terms(region="cn-hangzhou", billing="PayByTraffic", cost=Cost(request=60, mib=950, origin="a test"))
C7 = TYPES["ecs.c7.large"]


def wanted(requests: float, of: str) -> Demand:
    return demand(requests=requests, size=size(of), gb_month=None)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Consequence: nothing was sized." in shown.err
    return shown.err


# --- Demand -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "size_in_bytes"),
    [("4KiB", 4096), ("1.5 MiB", 1_572_864), ("200000", 200_000), ("1 GB", 10**9), ("1B", 1)],
)
def test_sizes_are_read_as_people_write_them(text: str, size_in_bytes: int) -> None:
    assert size(text) == size_in_bytes


def test_two_of_three_give_the_third() -> None:
    whole = wanted(100, "1MB")
    assert whole.gb_month == pytest.approx(100 / 4 * 1e6 * MONTH_SECONDS / 1e9)
    assert demand(requests=None, size=10**6, gb_month=whole.gb_month).requests == pytest.approx(100)
    assert demand(requests=100, size=None, gb_month=whole.gb_month).size == 10**6
    assert demand(requests=100, size=10**6, gb_month=whole.gb_month / 2).peak == pytest.approx(8)


def test_what_is_on_the_wire_is_more_than_the_objects() -> None:
    assert 100 * 8 < wanted(100, "1MB").mbps < 100 * 8 * 1.05
    # Of small answers the head is a good part.
    assert wanted(1000, "1kB").mbps > 1000 * 8e-3 * 1.6
    assert wanted(1000, "1KB") == wanted(1000, "1kB")


# --- Plan ---------------------------------------------------------------------------------------------


def test_the_eip_is_full_first_for_large_objects_and_the_account_for_small_ones() -> None:
    large = plan(wanted(200, "1MiB"), C7, TERMS)
    assert (large.instances, large.first) == (13, large.eip)
    small = plan(wanted(9000, "100B"), C7, TERMS)
    assert (small.first.of, small.first.name) == ("account", "OSS requests, all buckets")
    assert not small.beyond


def test_processors_count_where_they_are_few_or_slow() -> None:
    slow = plan(wanted(3000, "1KiB"), C7, replace(TERMS, cost=Cost(request=2000, mib=0, origin="a test")))
    assert slow.first.name == "processors, for nginx"
    assert slow.instances == 5  # 3,000 x 2 ms are 6 s of processors each second; 2 x 70 % of them each


def test_slow_clients_fill_the_memory() -> None:
    slow = plan(wanted(40, "10MB"), C7, replace(TERMS, billing="PayByBandwidth", client_mbps=0.05))
    assert slow.first.name == "memory, for answers at once"


def test_no_number_of_instances_helps_against_the_accounts_limits() -> None:
    much = plan(wanted(12_000, "4KiB"), C7, TERMS)
    assert [part.name for part in much.beyond] == ["OSS requests, all buckets"]
    assert not plan(wanted(12_000, "4KiB"), C7, replace(TERMS, cache_hits=0.5)).beyond
    assert plan(wanted(2_500, "4KiB"), C7, replace(TERMS, sequential=True)).beyond
    assert [
        part.name for part in plan(wanted(800, "1MiB"), C7, replace(TERMS, region="eu-central-1")).beyond
    ] == ["OSS download, region"]


@pytest.mark.parametrize("requests", [0.01, 3, 17, 55.5, 200, 1234, 9999])
@pytest.mark.parametrize("load", [0.3, 0.7, 1])
def test_the_plan_is_enough_and_one_less_is_not(requests: float, load: float) -> None:
    made = plan(wanted(requests, "300KiB"), C7, replace(TERMS, load=load))
    own = [part for part in made.parts if part.of == "instance"]
    assert all(part.share(made.instances) <= load + 1e-9 for part in own)
    assert made.instances == 1 or any(part.share(made.instances - 1) > load for part in own)


def test_facts_are_those_of_the_program() -> None:
    assert EIP_MBPS == LARGEST_BANDWIDTH_MBPS
    for name, known in TYPES.items():
        if name in INSTANCE_TYPES:
            assert (known.cores, known.memory_gib) == (
                INSTANCE_TYPES[name].cores,
                INSTANCE_TYPES[name].memory_gib,
            )
    assert DEFAULT_TYPE in TYPES
    assert (oss_gbps("cn-shanghai"), oss_gbps("cn-qingdao"), oss_gbps("cn-hongkong")) == (100, 10, 5)


# --- Processor time -----------------------------------------------------------------------------------


def test_the_costs_are_read_from_the_measured_page() -> None:
    page = "2 x CPU; x\n\n"
    for case, ours in (
        ("4 KiB, 64 connections", "29.1"),
        ("4 KiB, 1,000 connections", "55.5"),
        ("4 KiB, 64 at a time, each its own connection", "76.3"),
        ("1 MiB, 64 connections", "599.6"),
        ("1 MiB, 1,000 connections", "1,052.4"),
    ):
        page += f"### {case}\n\n| | per second | CPU us per request |\n| --- | ---: | ---: |\n"
        page += f"| direct | 1 | 1.0 |\n| ours | 2 | {ours} |\n| ours, cache hits | 3 | 2.0 |\n\n"
    cost = measured(page)
    assert (cost.request, cost.mib) == (76.3, pytest.approx(976.1))
    assert "2 x CPU" in cost.origin
    assert cost.of(2**19) == pytest.approx(76.3 + 976.1 / 2)


def test_the_page_that_is_there_can_be_read() -> None:
    cost = measured(PERFORMANCE.read_text())
    assert 0 < cost.request < 10_000 and 0 < cost.mib < 100_000


def test_a_page_without_the_numbers_says_how_to_get_them() -> None:
    with pytest.raises(SizingError, match=r"no 'CPU us per request' of ours for 4 KiB(.|\n)*--cpu-us"):
        measured("# Performance\n")


# --- The command --------------------------------------------------------------------------------------


def test_one_instance_is_one_stack(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "--requests", "20", "--size", "64KiB")
    assert (
        "One stack does it: instanceType ecs.e-c1m2.large, bandwidthBilling PayByTraffic, bandwidthMbps 16."
        in text
    )
    assert FLEET_MISSING not in text and "NLB" not in text


def test_more_than_one_instance_is_not_promised(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "--objects", "500", "--size", "64KiB")
    assert FLEET_MISSING in text
    assert "- First: bandwidthBilling PayByBandwidth, bandwidthMbps 396: then one stack does it." in text
    assert "- Today: 2 stacks beside each other" in text
    assert "would take at least (their network bandwidth is not known here) 1 of these instances" in text
    by_rent = said(capsys, "--requests", "500", "--size", "64KiB", "--billing", "PayByBandwidth")
    assert "bandwidthBilling PayByBandwidth, bandwidthMbps 396." in by_rent


def test_hundreds_of_instances_meet_limits_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "--requests", "9000", "--size", "1MiB", "--cpu-us", "60,950")
    for part in (
        "more than one NLB takes (400 by default",
        "20 EIPs by default",
        "90 in the paid ones",
        "5 Gbit/s",
    ):
        assert part in text
    assert "as given by --cpu-us" in text


def test_the_document_shows_a_command_that_runs(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs/sizing.md").read_text()
    found = re.search(r'\$ make -s sizing REQUESTS=(\S+) SIZE=(\S+) WITH="(.*)"\n', page)
    assert found is not None
    said(capsys, "--requests", found[1], "--size", found[2], *shlex.split(found[3]))


def test_a_type_that_is_not_known_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(
        capsys,
        *shlex.split(
            "--requests 9 --size 1kB --type ecs.x9.huge --cores 64 --memory-gib 128 --network-gbps 30"
        ),
    )
    assert "ecs.x9.huge: 64 vCPUs, 128 GiB" in text
    assert "30,000 Mbit/s" in text
    assert instance_type("ecs.c7.large", network_gbps=1).network_gbps == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "give two of --requests (per second, at the busiest), --size and --gb-month"),
        ("--size 4KiB", "too little is known"),
        ("--requests 5 --size 4kb", "'4kb' is no size"),
        ("--requests 5 --size -4KiB", "expected one argument"),
        ("--requests 5 --size 0B", "no object of OSS has 0B"),
        ("--requests 5 --size 50000GiB", "no object of OSS has 50000GiB"),
        ("--requests 0 --size 4KiB", "--requests is '0'"),
        ("--requests nan --size 4KiB", "--requests is 'nan'"),
        ("--requests inf --size 4KiB", "--requests is 'inf'"),
        ("--requests many --size 4KiB", "--requests is 'many'"),
        ("--gb-month 1e12 --size 4KiB", "--gb-month is '1e12'"),
        ("--requests 1e9 --gb-month 0.001", "less than a byte each"),
        ("--requests 5 --size 4KiB --gb-month 1000", "at most 53 GB in 30 days, and 1,000 GB were given"),
        ("--requests 5 --size 4KiB --gb-month 20 --peak 3", "leave --peak out"),
        ("--requests 5 --size 4KiB --peak 0.5", "--peak is '0.5'"),
        ("--requests 5 --size 4KiB --region mars", "'mars' is no region of this program"),
        ("--requests 5 --size 4KiB --region cn-wuhan-lr", "is no region of this program"),
        ("--requests 5 --size 4KiB --type ecs.x9.huge", "not in the table of instance types"),
        ("--requests 5 --size 4KiB --cores 1.5", "give a whole number of vCPUs"),
        ("--requests 5 --size 4KiB --load 1.1", "--load is '1.1'"),
        ("--requests 5 --size 4KiB --load 0", "--load is '0'"),
        ("--requests 5 --size 4KiB --cache-hits 2", "--cache-hits is '2'"),
        ("--requests 5 --size 4KiB --cpu-us 60", "--cpu-us is '60'"),
        ("--requests 5 --size 4KiB --cpu-us 1.2.3,4", "--cpu-us is '1.2.3,4'"),
    ],
)
def test_what_cannot_be_is_refused(capsys: pytest.CaptureFixture[str], arguments: str, message: str) -> None:
    if message == "expected one argument":
        with pytest.raises(SystemExit):
            main(shlex.split(arguments))
        assert message in capsys.readouterr().err
    else:
        assert message in refused(capsys, *shlex.split(arguments))


def test_a_cache_that_answers_everything_asks_nothing_of_oss(capsys: pytest.CaptureFixture[str]) -> None:
    assert "0.0 million requests" in said(capsys, "--requests", "5", "--size", "4KiB", "--cache-hits", "1")


def test_own_costs_are_two_numbers() -> None:
    assert given("60,950").of(2**20) == 1010
