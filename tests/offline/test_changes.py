"""What a change of each setting does, as the real engine and provider show it before they do it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.offline.change_rows import MANAGED_ROWS, REFUSED, ROWS, SECRET, Row
from tests.offline.conftest import StartCloud, make_bucket
from tests.offline.test_alarms import monitor
from tests.support.localcloud import LocalCloud
from tests.support.project import Project

NOW = ("--yes", "--skip-preview")
NEWER_IMAGE = "debian_13_3_x64_20G_alibase_20261120.vhd"


# Each row is a preview of its own.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def alone(start_cloud: StartCloud, tmp_path: Path) -> Iterator[Project]:
    """An empty stack in a cloud of its own, which goes away with all that is in it."""
    project = Project.copy_to(tmp_path / "oss-proxy", start_cloud())
    project.must("stack", "init", "dev")
    try:
        yield project
    finally:
        project.must("stack", "rm", "--yes", "--force")


def operations(stack: Project) -> dict[str, str] | str:
    """What a preview would do to which resource; the whole text of one that is refused."""
    done = stack.cloud.run("operator", ["pulumi", "--non-interactive", "preview", "--json"], cwd=stack.folder)
    shown = json.loads(done.stdout)
    if done.returncode != 0:
        return json.dumps(shown["diagnostics"])
    steps = [one for one in shown["steps"] if one["op"] != "same" and "oss-proxy:infra:" not in _type(one)]
    return {step["urn"].rpartition("::")[2]: step["op"] for step in steps}


def _type(step: dict[str, Any]) -> str:
    return str(step["urn"].split("::")[2].rpartition("$")[2])


def differing(stack: Project, rows: Iterable[Row]) -> dict[str, Any]:
    """The rows that do not hold, with what the preview shows instead."""
    own = stack.stack_file.read_text()
    found = {}
    for one in rows:
        for key, value in one.change.items():
            if str(value).startswith(SECRET):
                # A key in PEM begins with dashes.
                stack.must("config", "set", "--secret", "--", key, value.removeprefix(SECRET))
            else:
                stack.change({key: value})
        shown = operations(stack)
        holds = one.words in shown if one.effect == REFUSED else shown == one.operations
        if not holds or (one.effect == REFUSED) != isinstance(shown, str):
            found[" ".join(one.settings)] = shown
        stack.stack_file.write_text(own)
    return found


def test_each_change_does_what_the_docs_say(cloud: LocalCloud, stack: Project) -> None:
    if "oss-proxy-other" not in cloud.cli("oss", "ls").stdout:
        cloud.cli("oss", "mb", "oss-proxy-other", "--region", stack.setting("alicloud:region"))
    cloud.cli("dns", "domain", "add", "example.com")
    for group in ("ops", "night"):
        monitor(stack, "group", group)
    stack.change({"alarms": True, "alarmContactGroups": ["ops"]})
    stack.must("up", *NOW)
    assert differing(stack, ROWS) == {}
    assert operations(stack) == {}


def test_each_change_of_a_bucket_that_the_stack_makes(alone: Project) -> None:
    alone.change({"bucketMode": "managed"})
    alone.must("up", *NOW)
    assert differing(alone, MANAGED_ROWS) == {}


def test_a_newer_image_changes_nothing_until_its_owner_moves_to_it(alone: Project) -> None:
    stack = alone
    make_bucket(stack)
    stack.must("up", *NOW)
    before = stack.outputs()
    assert "runs it" in report(stack)

    stack.cloud.cli("image", "publish", NEWER_IMAGE)
    stack.must("up", *NOW, "--expect-no-changes")
    stack.must("refresh", *NOW, "--expect-no-changes")
    text = report(stack)
    assert f"runs {before['image_id']} and keeps it" in text
    (command,) = [line.split() for line in text.splitlines() if line.startswith("  pulumi config set ")]

    stack.must(*command[1:])
    assert operations(stack) == {
        "proxy-instance": "replace",
        "proxy-eip-association": "replace",
        "proxy-configuration": "update",
    }
    stack.must("up", *NOW)
    after = stack.outputs()
    assert after["image_id"] == NEWER_IMAGE
    assert after["instance_id"] != before["instance_id"]
    # What others know of the proxy stays.
    for output in ("public_ip", "private_ip", "bucket_policy", "url"):
        assert after[output] == before[output]
    assert "runs it" in report(stack)
    stack.must("up", *NOW, "--expect-no-changes")


def report(stack: Project) -> str:
    """What `make image` says."""
    done = stack.cloud.run(
        "operator", [".venv/bin/python", "-m", "infra.newest_image", "dev"], cwd=stack.folder
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()
