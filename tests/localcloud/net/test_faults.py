"""`localcloud fault`: from the command line into a running cloud."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from localcloud.cli import build_parser, fault
from localcloud.errors import LocalcloudError
from localcloud.fault import Kind
from localcloud.home import Home
from tests.support.localcloud import LOCALCLOUD, LocalCloud


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    cloud = LocalCloud(tmp_path_factory.mktemp("cloud") / "home")
    cloud.cli("up", "--api-only")
    yield cloud
    cloud.cli("down")


@pytest.mark.offline
def test_a_fault_from_order_to_end(cloud: LocalCloud) -> None:
    assert cloud.cli("fault", "list").stdout == "none\n"
    added = cloud.cli("fault", "add", "--action", "ListBuckets", "--kind", "forbidden", "--after", "1")
    assert added.stdout == "1  forbidden  ListBuckets  struck 0 of 1, lets 1 pass first\n"
    assert cloud.cli("oss", "ls").returncode == 0
    struck = cloud.cli("oss", "ls", check=False)
    assert (struck.returncode, "AccessDenied" in struck.stderr) == (1, True)
    assert cloud.cli("oss", "ls").returncode == 0
    (shown,) = json.loads(cloud.cli("fault", "list", "--json").stdout)
    assert (shown["struck"], shown["times"]) == (1, 1)
    assert cloud.cli("fault", "clear").stdout == "Cleared 1.\n"
    assert "forbidden strikes oss:ListBuckets (1 of 1)" in cloud.cli("logs").stdout


@pytest.mark.offline
def test_a_held_call_and_the_list_of_calls(cloud: LocalCloud) -> None:
    last = json.loads(cloud.cli("calls", "--json").stdout or "[]")[-1:]
    since = str(last[0]["number"] if last else 0)
    number = cloud.cli("fault", "add", "--action", "ListBuckets", "--kind", "hold").stdout.split()[0]
    listing = subprocess.Popen(
        [LOCALCLOUD, "--home", str(cloud.home), "oss", "ls"], stdout=subprocess.DEVNULL
    )
    cloud.cli("fault", "wait", number)
    assert listing.poll() is None
    assert "oss:ListBuckets  under way" in cloud.cli("calls", "--since", since).stdout
    cloud.cli("fault", "release", number)
    assert listing.wait(30) == 0
    (call,) = json.loads(cloud.cli("calls", "--since", since, "--json").stdout)
    assert (call["service"], call["mutating"], call["outcome"]) == ("oss", False, "OK")
    cloud.cli("fault", "clear")
    cloud.cli("fault", "add", "--action", "ListBuckets", "--kind", "error")
    late = cloud.cli("fault", "wait", "--timeout", "0.1", str(int(number) + 1), check=False)
    assert (late.returncode, "has not struck within 0.1 s" in late.stderr) == (1, True)
    cloud.cli("fault", "clear")


@pytest.mark.offline
def test_a_fault_that_makes_no_sense(cloud: LocalCloud) -> None:
    refused = cloud.cli(
        "fault", "add", "--action", "RunCommand", "--kind", "error", "--times", "0", check=False
    )
    assert (refused.returncode, "never strike" in refused.stderr) == (1, True)


def test_without_a_cloud_there_are_no_faults(tmp_path: Path) -> None:
    arguments = build_parser().parse_args(["fault", "list"])
    with pytest.raises(LocalcloudError, match="No cloud runs"):
        fault.run(Home(tmp_path), arguments)


def test_the_command_line_knows_every_kind() -> None:
    for kind in get_args(Kind):
        words = ["fault", "add", "--action", "RunCommand", "--kind", kind]
        assert build_parser().parse_args(words).kind == kind
