"""The full mode from `up` to `down`: what it leaves, and what it does with a killed run's remains."""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.home import Home
from tests.support.localcloud import LocalCloud
from tests.support.machine import MachineState, processes_of

pytestmark = pytest.mark.e2e


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    if os.geteuid() != 0:
        pytest.skip("networks need root; run: sudo make test")
    cloud = LocalCloud(tmp_path / "home")
    yield cloud
    cloud.cli("down")


def kill(cloud: LocalCloud) -> None:
    """Kills the daemon as the kernel would, and waits for its end."""
    running = Home(cloud.home).running()
    assert running is not None
    handle = os.pidfd_open(running.pid)
    os.kill(running.pid, 9)
    assert select.select([handle], [], [], 5)[0]
    os.close(handle)


def test_nothing_is_left(cloud: LocalCloud) -> None:
    before = MachineState.now()
    cloud.cli("up", timeout_s=600)
    assert len(MachineState.now().namespaces) == len(before.namespaces) + 3
    assert cloud.curl("internet", "https://no-such-bucket.oss-cn-hangzhou.aliyuncs.com/key").status == 404
    assert cloud.curl("operator", "https://sts.aliyuncs.com/").status == 400
    assert cloud.run("vpc", ["true"]).returncode == 1
    cloud.cli("acme", "up", timeout_s=600)
    assert cloud.curl("internet", "https://acme.localcloud.test/dir").status == 200
    assert len(MachineState.now().namespaces) == len(before.namespaces) + 4
    cloud.cli("down")
    assert MachineState.now() == before
    assert processes_of(cloud.home) == []


def test_a_killed_runs_remains_are_removed(cloud: LocalCloud) -> None:
    before = MachineState.now()
    cloud.cli("up", timeout_s=600)
    cloud.cli("acme", "up", timeout_s=600)
    kill(cloud)
    assert MachineState.now() != before
    again = cloud.cli("up")
    assert "Removed what an earlier run left: namespace" in again.stdout
    kill(cloud)
    assert processes_of(cloud.home) == [], "also the authority's"
    assert "Removed what was left" in cloud.cli("down").stdout
    assert MachineState.now() == before


def test_a_foreign_namespace_is_not_touched(cloud: LocalCloud) -> None:
    name = f"{Home(cloud.home).prefix}operator"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        refused = cloud.cli("up", check=False, timeout_s=600)
        assert refused.returncode == 1
        assert f"ip netns delete {name}" in refused.stderr
        cloud.cli("down")
        assert Path("/run/netns", name).exists()
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)
