"""A host of a VPC of its own, beside a stack that is up: let in by a setting, and out again without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.e2e.conftest import Bucket, Deployed
from tests.support.project import Project
from tests.support.vpc_hosts import VpcHost, make_user, make_vpc, remove_vpc

NOW = ("--yes", "--skip-preview")
ADDRESS = "10.9.1.5"


@pytest.fixture(scope="module")
def vpc(deployed: Deployed, bucket: Bucket) -> Iterator[str]:
    cloud = deployed.project.cloud
    zone = f"{bucket.region}-k"
    vpc_id = make_vpc(cloud, region=bucket.region, cidr="10.9.0.0/16", vswitch="10.9.1.0/24", zone=zone)
    try:
        yield vpc_id
    finally:
        remove_vpc(cloud, vpc_id, region=bucket.region)


@pytest.fixture(scope="module")
def grants(deployed: Deployed, vpc: str, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    uid = make_user(deployed.project.cloud, "uploader", tmp_path_factory.mktemp("users"))
    hosts = {"vpc": vpc, "cidrs": [ADDRESS]}
    return [
        {**hosts, "name": "readers", "permissions": ["read", "list"]},
        {
            **hosts,
            "name": "uploads",
            "permissions": ["list", "write"],
            "prefixes": ["incoming/"],
            "principals": [uid],
        },
    ]


@contextmanager
def settings(project: Project, changes: dict[str, Any]) -> Iterator[None]:
    """Brings settings up for a block, and those of before after it."""
    before = project.stack_file.read_text()
    project.change(changes)
    try:
        project.must("up", *NOW)
        yield
    finally:
        project.stack_file.write_text(before)
        project.must("up", *NOW)


def test_a_named_host_is_let_in_for_as_long_as_the_setting_says_so(
    deployed: Deployed, bucket: Bucket, vpc: str, grants: list[dict[str, Any]]
) -> None:
    cloud = deployed.project.cloud
    named = VpcHost(cloud, f"{vpc}/{ADDRESS}", bucket.name, bucket.region)
    beside = VpcHost(cloud, f"{vpc}/10.9.1.6", bucket.name, bucket.region)
    key = f"{bucket.prefix}hello.txt"
    assert named.get(key).status == 403
    before, facts = bucket.policy(), bucket.facts()

    with settings(deployed.project, {"accessGrants": grants}):
        assert named.get(key).status == 200
        assert named.get(f"?prefix={bucket.prefix}").status == 200
        assert named.get("elsewhere/hello.txt").status == 403
        assert named.get("").status == 403
        assert beside.get(key).status == 403
        assert VpcHost(cloud, "vpc", bucket.name, bucket.region).get(key).status == 403
        assert named.put("incoming/a.txt").status == 403
        assert named.signed("uploader", "upload", "incoming/a.txt").status == 200
        assert named.signed("uploader", "list-v2", "incoming/").found == ["incoming/a.txt"]
        assert named.signed("uploader", "delete", "incoming/a.txt").status == 403
        assert beside.signed("uploader", "put", "incoming/b.txt").status == 403
        # The proxy serves what it served, and Block Public Access is on as before.
        assert cloud.curl("internet", f"{deployed.url}/{key}").status == 200
        assert cloud.curl("internet", f"{deployed.url}/incoming/a.txt").status in (403, 404)
        assert bucket.facts() == facts
        assert len(bucket.policy()["Statement"]) == len(before["Statement"]) + 4

    assert bucket.policy() == before
    assert named.get(key).status == 403
    assert named.signed("uploader", "put", "incoming/a.txt").status == 403
    assert cloud.curl("internet", f"{deployed.url}/{key}").status == 200
    cloud.cli("oss", "rm", bucket.name, "incoming/a.txt")
