"""A change reaches the running proxy in place; one that fails leaves it as it was, and is made again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Bucket, Deployed
from tests.support.project import Project

BROKEN = "no_such_directive on;\n"


@pytest.fixture
def edited(deployed: Deployed) -> Iterator[Project]:
    """The stack's project; settings and templates are put back and brought to the instance afterwards."""
    project = deployed.project
    settings, template = project.stack_file.read_text(), _template(project).read_text()
    try:
        yield project
    finally:
        project.cloud.cli("fault", "clear")
        project.stack_file.write_text(settings)
        _template(project).write_text(template)
        project.must("up", "--yes", "--skip-preview")


def _template(project: Project) -> Path:
    return project.folder / "templates/nginx/server.j2"


def up(project: Project, *options: str) -> str:
    return project.must("up", "--yes", "--skip-preview", *options)


def refused(project: Project) -> str:
    result = project.pulumi("up", "--yes", "--skip-preview")
    assert result.code != 0, result.text
    return result.text


def status(deployed: Deployed, key: str) -> int:
    return deployed.project.cloud.curl("internet", f"{deployed.url}/{key}", timeout_s=5).status


def add(project: Project, directive: str) -> None:
    """Adds a directive to nginx's server, as an edit of the template would."""
    template, place = _template(project), '{% include "nginx/listen.j2" %}\n'
    text = template.read_text()
    assert place in text
    template.write_text(text.replace(place, f"{place}    {directive}"))


def test_another_prefix_is_served_in_place_without_a_lost_request(
    edited: Project, deployed: Deployed, bucket: Bucket
) -> None:
    cloud, outputs = edited.cloud, deployed.outputs
    boot = cloud.run(outputs["instance_id"], ["cat", "/proc/sys/kernel/random/boot_id"]).stdout
    master = cloud.run(outputs["instance_id"], ["cat", "/run/nginx.pid"]).stdout
    with cloud.load("internet", f"{deployed.url}/{bucket.prefix}hello.txt") as load:
        edited.change({"objectPrefixes": [bucket.prefix, "elsewhere/"]})
        up(edited)
    assert load.counts.get("failed", 0) == 0, load.failures
    assert load.answered > 1000
    assert status(deployed, "elsewhere/hello.txt") == 200
    assert status(deployed, f"{bucket.prefix}hello.txt") == 200
    changed = edited.outputs()
    for name in ("instance_id", "public_ip", "private_ip", "url"):
        assert changed[name] == outputs[name]
    assert changed["configuration"] != outputs["configuration"]
    assert cloud.run(outputs["instance_id"], ["cat", "/proc/sys/kernel/random/boot_id"]).stdout == boot
    assert cloud.run(outputs["instance_id"], ["cat", "/run/nginx.pid"]).stdout == master
    policy = changed["bucket_policy"]
    assert bucket.policy() == (json.loads(policy) if isinstance(policy, str) else policy)
    up(edited, "--expect-no-changes")


def test_what_nginx_refuses_fails_the_up_also_after_a_refresh_and_then_goes_away_with_its_cause(
    edited: Project, deployed: Deployed, bucket: Bucket
) -> None:
    before = _template(edited).read_text()
    add(edited, BROKEN)
    text = refused(edited)
    assert 'unknown directive "no_such_directive"' in text
    assert "the instance serves what it served before" in text
    assert status(deployed, f"{bucket.prefix}hello.txt") == 200
    # Again, and after a refresh: nothing turns it green.
    assert "no_such_directive" in refused(edited)
    edited.must("refresh", "--yes", "--skip-preview")
    assert "no_such_directive" in refused(edited)
    # Reverted, the instance has what the state tells, and nothing needs to be done.
    _template(edited).write_text(before)
    up(edited, "--expect-no-changes")
    # Mended, it is brought.
    add(edited, "add_header X-Mended yes always;\n")
    up(edited)
    answer = edited.cloud.curl("internet", f"{deployed.url}/{bucket.prefix}hello.txt")
    assert answer.headers["x-mended"] == "yes"


def test_a_change_whose_result_was_lost_is_made_good_when_its_cause_is_reverted(
    edited: Project, deployed: Deployed, bucket: Bucket
) -> None:
    settings = edited.stack_file.read_text()
    edited.change({"objectPrefixes": [bucket.prefix, "elsewhere/"]})
    edited.cloud.cli(
        "fault", "add", "--action", "DescribeInvocationResults", "--kind", "error", "--times", "50"
    )
    assert "DescribeInvocationResults" in refused(edited)
    edited.cloud.cli("fault", "clear")
    # It was made all the same.
    conf = edited.cloud.run(deployed.outputs["instance_id"], ["cat", "/etc/nginx/nginx.conf"]).stdout
    assert b"elsewhere/" in conf
    edited.stack_file.write_text(settings)
    up(edited)
    conf = edited.cloud.run(deployed.outputs["instance_id"], ["cat", "/etc/nginx/nginx.conf"]).stdout
    assert b"elsewhere/" not in conf
    up(edited, "--expect-no-changes")


@pytest.mark.parametrize(
    "fault",
    [
        ("--action", "assistant:Agent", "--kind", "error", "--times", "3"),
        ("--action", "RunCommand", "--kind", "lost-answer"),
        ("--action", "RunCommand", "--kind", "throttle"),
    ],
    ids=["no-agent-yet", "answer-lost", "throttled"],
)
def test_a_passing_trouble_of_the_cloud_is_waited_out(
    edited: Project, deployed: Deployed, fault: tuple[str, ...]
) -> None:
    edited.cloud.cli("fault", "add", *fault)
    add(edited, f"add_header X-Trial {fault[-1]} always;\n")
    up(edited)
    (struck,) = json.loads(edited.cloud.cli("fault", "list", "--json").stdout)
    assert struck["struck"] == struck["times"]
    assert "x-trial" in edited.cloud.curl("internet", f"{deployed.url}/healthz").headers


def test_an_answer_of_storage_that_is_not_right_is_named_and_the_change_taken_back(
    edited: Project, deployed: Deployed
) -> None:
    edited.change({"readinessTimeoutSeconds": 5})
    add(edited, "add_header X-Trial denied always;\n")
    edited.cloud.cli("fault", "add", "--action", "oss:GetObject", "--kind", "forbidden", "--times", "100")
    text = refused(edited)
    assert "policy: OSS does not let the instance read" in text
    assert "EC " in text
    assert "x-trial" not in edited.cloud.curl("internet", f"{deployed.url}/healthz").headers


def test_names_that_cannot_be_resolved_are_named(edited: Project, deployed: Deployed) -> None:
    cloud, instance = edited.cloud, deployed.outputs["instance_id"]
    edited.change({"readinessTimeoutSeconds": 5})
    add(edited, "add_header X-Trial dns always;\n")
    cloud.run(instance, ["cp", "/etc/resolv.conf", "/root/resolv.conf"])
    cloud.run(instance, ["sh", "-c", "echo nameserver 127.0.0.9 > /etc/resolv.conf"])
    try:
        # nginx has addresses of before, but OSS is asked by its name whether the instance can read.
        text = refused(edited)
        assert "DNS: the instance finds no address for the bucket's internal endpoint" in text
        assert "x-trial" not in cloud.curl("internet", f"{deployed.url}/healthz").headers
    finally:
        cloud.run(instance, ["sh", "-c", "cat /root/resolv.conf > /etc/resolv.conf"])


def test_what_no_single_command_can_hold_is_brought_all_the_same(edited: Project, deployed: Deployed) -> None:
    add(
        edited,
        "".join(f"# {os.urandom(40).hex()}\n" for _ in range(150)) + "add_header X-Trial large always;\n",
    )
    up(edited)
    assert "x-trial" in edited.cloud.curl("internet", f"{deployed.url}/healthz").headers
    left = edited.cloud.run(deployed.outputs["instance_id"], ["sh", "-c", "ls /run | grep parts || true"])
    assert left.stdout == b""


def test_a_route_that_is_missing_is_named(edited: Project, deployed: Deployed) -> None:
    cloud, instance = edited.cloud, deployed.outputs["instance_id"]
    edited.change({"readinessTimeoutSeconds": 5})
    add(edited, "add_header X-Trial route always;\n")
    host = f"{deployed.outputs['bucket']}.{deployed.outputs['internal_endpoint']}"
    address = cloud.run(instance, ["getent", "ahostsv4", host]).stdout.split()[0]
    cloud.run(instance, ["ip", "route", "add", "unreachable", address])
    try:
        assert "route: OSS's internal endpoint does not answer the instance" in refused(edited)
    finally:
        cloud.run(instance, ["ip", "route", "del", "unreachable", address])
    assert "x-trial" not in cloud.curl("internet", f"{deployed.url}/healthz").headers


def test_a_nginx_that_does_not_start_is_named(edited: Project, deployed: Deployed) -> None:
    cloud, instance = edited.cloud, deployed.outputs["instance_id"]
    add(edited, "add_header X-Trial stopped always;\n")
    cloud.run(instance, ["systemctl", "mask", "--runtime", "--now", "nginx"])
    try:
        assert "nginx is not running" in refused(edited)
    finally:
        cloud.run(instance, ["systemctl", "unmask", "--runtime", "nginx"])
