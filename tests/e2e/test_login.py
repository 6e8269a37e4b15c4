"""Passwords reach the instance sealed, and are nowhere else in the clear."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Bucket, Deployed
from tests.support.project import Project

PASSWORD = "correct-horse-battery-staple"

# What whoever may list commands finds in them, unpacked.
COMMANDS = r"""
import base64, json, lzma, re
from infra.sdk_rpc import ECS, RpcClient
found = RpcClient(ECS, "cn-hangzhou").call("DescribeInvocations", {"PageSize": 50})
rows = found["Invocations"]["Invocation"]
parts, last = {}, []
for row in rows:
    script = base64.b64decode(row["CommandContent"]).decode()
    packed = script.rpartition("\nEND")[0].rpartition("\n")[2]
    if row["CommandName"].endswith("-part"):
        parts[re.search("^cat > (.*) <<", script, re.MULTILINE)[1]] = packed
    else:
        before = re.search("^ls (.*)> /dev/null", script, re.MULTILINE)[1].split()
        last.append((row["CommandName"], before, packed))
for name, before, packed in last:
    whole = "".join(parts[one] for one in before) + packed
    print(name, lzma.decompress(base64.b85decode(whole)).decode())
for row in rows:
    print(json.dumps({key: value for key, value in row.items() if key != "CommandContent"}))
"""


@pytest.fixture(scope="module")
def locked(deployed: Deployed) -> Iterator[Project]:
    """The stack with a login, without one again afterwards."""
    project = deployed.project
    before = project.stack_file.read_text()
    passwords = json.dumps({"alice": PASSWORD})
    project.must("config", "set", "--secret", "oss-proxy:clientPasswords", passwords)
    try:
        project.must("up", "--yes", "--skip-preview")
        yield project
    finally:
        project.stack_file.write_text(before)
        project.must("up", "--yes", "--skip-preview")


def test_only_who_logs_in_reads(locked: Project, deployed: Deployed, bucket: Bucket) -> None:
    url = f"{deployed.url}/{bucket.prefix}hello.txt"
    assert locked.cloud.curl("internet", url).status == 401
    assert locked.cloud.curl("internet", url, "--user", f"alice:{PASSWORD}x").status == 401
    assert locked.cloud.curl("internet", url, "--user", f"alice:{PASSWORD}").status == 200


def test_a_second_up_changes_nothing(locked: Project) -> None:
    locked.must("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_another_password_takes_the_place_of_the_first(
    locked: Project, deployed: Deployed, bucket: Bucket
) -> None:
    url = f"{deployed.url}/{bucket.prefix}hello.txt"
    try:
        other = json.dumps({"alice": f"{PASSWORD}-2"})
        locked.must("config", "set", "--secret", "oss-proxy:clientPasswords", other)
        locked.must("up", "--yes", "--skip-preview")
        assert locked.cloud.curl("internet", url, "--user", f"alice:{PASSWORD}").status == 401
        assert locked.cloud.curl("internet", url, "--user", f"alice:{PASSWORD}-2").status == 200
    finally:
        passwords = json.dumps({"alice": PASSWORD})
        locked.must("config", "set", "--secret", "oss-proxy:clientPasswords", passwords)
        locked.must("up", "--yes", "--skip-preview")


def test_the_password_is_nowhere_in_the_clear(locked: Project, deployed: Deployed) -> None:
    cloud, instance = locked.cloud, deployed.outputs["instance_id"]
    commands = cloud.run("operator", [sys.executable, "-c", COMMANDS], cwd=locked.folder)
    assert b'"sealed": "M' in commands.stdout, commands.stderr
    userdata = cloud.run(instance, ["cloud-init", "query", "userdata"]).stdout
    assert b"#cloud-config" in userdata
    everywhere = {
        "commands": commands.stdout,
        "user data": userdata,
        "state": b"".join(path.read_bytes() for path in _state(cloud.home.parent).rglob("*.json")),
        "outputs": json.dumps(locked.outputs()).encode(),
        "settings": locked.stack_file.read_bytes(),
        "cloud's log": cloud.cli("logs").stdout.encode(),
        "instance's logs": cloud.cli("logs", instance).stdout.encode(),
        "preview": locked.must("preview", "--diff", "--show-full-output").encode(),
    }
    for place, text in everywhere.items():
        assert text, place
        assert PASSWORD.encode() not in text, place


def _state(folder: Path) -> Path:
    return folder / "state"
