"""Signed links, and a bucket that is to be read over HTTPS alone, on a proxy that runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Bucket, Deployed
from tests.e2e.test_login import COMMANDS
from tests.support.project import Project

KEYS = {"first": "X0bYwTn5KfLrVdSe7uHc1oMpA83x9gQz", "second": "E8qRtWyUiOpAsDfGhJkLzXcVbNm01234"}
HELLO = b"Hello from a private bucket.\n"


@pytest.fixture(scope="module")
def encrypted(
    plain_again: None, deployed: Deployed, bucket: Bucket, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The bucket's policy forbids plain HTTP to everybody; what the preview says of it."""
    folder = tmp_path_factory.mktemp("policy")
    deny = {
        "Effect": "Deny",
        "Principal": ["*"],
        "Action": ["oss:*"],
        "Resource": [f"acs:oss:*:*:{bucket.name}", f"acs:oss:*:*:{bucket.name}/*"],
        "Condition": {"Bool": {"acs:SecureTransport": ["false"]}},
    }
    write(bucket, folder, [deny, *bucket.policy()["Statement"]])
    try:
        yield deployed.project.pulumi("preview").text
    finally:
        write(bucket, folder, [one for one in bucket.policy()["Statement"] if one != deny])


@pytest.fixture(scope="module")
def linked(deployed: Deployed, encrypted: str) -> Iterator[Project]:
    """The stack with a key of links and OSS over HTTPS, and without them again afterwards."""
    project = deployed.project
    before = project.stack_file.read_text()
    project.change({"ossOverHttps": True})
    give_keys(project, "first")
    try:
        project.must("up", "--yes", "--skip-preview")
        yield project
    finally:
        project.stack_file.write_text(before)
        # Plain HTTP has to be allowed before it is used again.
        project.change({"ossOverHttps": True})
        project.must("up", "--yes", "--skip-preview")
        project.stack_file.write_text(before)


@pytest.fixture(scope="module", autouse=True)
def plain_again(deployed: Deployed, request: pytest.FixtureRequest) -> Iterator[None]:
    """After the policy allows plain HTTP again the stack is as it was."""
    yield
    deployed.project.must("up", "--yes", "--skip-preview")


def write(bucket: Bucket, folder: Path, statements: list[Any]) -> None:
    path = folder / "policy.json"
    path.write_text(json.dumps({"Version": "1", "Statement": statements}))
    bucket.cloud.cli("oss", "policy", "set", bucket.name, str(path))


def give_keys(project: Project, *names: str) -> None:
    keys = json.dumps({name: KEYS[name] for name in names})
    project.must("config", "set", "--secret", "oss-proxy:linkKeys", keys)


def link(project: Project, key: str, *arguments: str) -> str:
    """What the command of docs/data-plane.md prints."""
    done = project.cloud.run(
        "operator", [sys.executable, "-m", "infra.link", key, *arguments], cwd=project.folder
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().strip()


def test_a_preview_names_the_setting_that_such_a_bucket_needs(encrypted: str) -> None:
    assert "denies the proxy's reads" in encrypted
    assert "pulumi config set ossOverHttps true" in encrypted


def test_a_link_opens_its_object(linked: Project, bucket: Bucket) -> None:
    for key in (f"{bucket.prefix}hello.txt", f"{bucket.prefix}a b/ümläut+中文.txt"):
        answer = linked.cloud.curl("internet", link(linked, key, "--expires", "10m"))
        assert (answer.status, answer.body) == (200, HELLO)


def test_nothing_else_does(linked: Project, deployed: Deployed, bucket: Bucket) -> None:
    opened = link(linked, f"{bucket.prefix}hello.txt")
    wrong = (
        f"{deployed.url}/{bucket.prefix}hello.txt",
        opened.replace("hello.txt", "other.txt"),
        opened.replace("hello.txt", "/hello.txt"),
        opened.replace("expires=1", "expires=2"),
        opened[:-1] + ("A" if opened[-1] != "A" else "Q"),
    )
    assert [linked.cloud.curl("internet", url).status for url in wrong] == [403] * len(wrong)


def test_health_and_readiness_stay_open(linked: Project, deployed: Deployed) -> None:
    assert linked.cloud.curl("internet", f"{deployed.url}/healthz").status == 200
    assert linked.cloud.curl("internet", f"{deployed.url}/readyz").status == 200


def test_oss_lets_the_instance_in_over_https_alone(
    linked: Project, deployed: Deployed, bucket: Bucket
) -> None:
    instance = deployed.outputs["instance_id"]
    where = f"{bucket.internal_host}/{bucket.prefix}hello.txt"
    assert linked.cloud.curl(instance, f"http://{where}").status == 403
    answer = linked.cloud.curl(instance, f"https://{where}")
    assert (answer.status, answer.body) == (200, HELLO)


def test_a_second_up_changes_nothing(linked: Project) -> None:
    linked.must("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_another_key_takes_over_without_a_dead_link(linked: Project, bucket: Bucket) -> None:
    key = f"{bucket.prefix}hello.txt"
    old = link(linked, key)
    give_keys(linked, "second", "first")
    linked.must("up", "--yes", "--skip-preview")
    new = link(linked, key)
    assert "key=second&" in new
    assert [linked.cloud.curl("internet", url).status for url in (old, new)] == [200, 200]
    give_keys(linked, "second")
    linked.must("up", "--yes", "--skip-preview")
    assert [linked.cloud.curl("internet", url).status for url in (old, new)] == [403, 200]


def test_neither_key_nor_link_is_anywhere_in_the_clear(
    linked: Project, deployed: Deployed, bucket: Bucket
) -> None:
    cloud, instance = linked.cloud, deployed.outputs["instance_id"]
    opened = link(linked, f"{bucket.prefix}hello.txt")
    assert cloud.curl("internet", opened).status == 200
    sum_of = opened.rpartition("md5=")[2]
    # A log line follows its answer within a second.
    wait = "until grep -q hello.txt /var/log/nginx/access.log; do sleep 0.1; done; cat /var/log/nginx/*.log"
    logs = cloud.run(instance, ["sh", "-c", wait])
    everywhere = {
        "commands": cloud.run("operator", [sys.executable, "-c", COMMANDS], cwd=linked.folder).stdout,
        "state": b"".join(path.read_bytes() for path in (cloud.home.parent / "state").rglob("*.json")),
        "outputs": json.dumps(linked.outputs()).encode(),
        "settings": linked.stack_file.read_bytes(),
        "cloud's log": cloud.cli("logs").stdout.encode(),
        "instance's logs": cloud.cli("logs", instance).stdout.encode() + logs.stdout,
        "preview": linked.must("preview", "--diff", "--show-full-output").encode(),
    }
    for place, text in everywhere.items():
        assert text, place
        for secret in (*KEYS.values(), sum_of):
            assert secret.encode() not in text, place
