"""Two environments side by side in one account: from one folder, at the same time, with the same networks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.offline.conftest import make_bucket
from tests.support.localcloud import LocalCloud
from tests.support.project import Project

STACKS = ("dev", "prod")
NAME_KEYS = ("vpcName", "vswitchName", "securityGroupName", "addressName", "instanceName")
PROD_BUCKET = "oss-proxy-prod"


@pytest.fixture
def project(cloud: LocalCloud, tmp_path: Path) -> Iterator[Project]:
    """The program with a second settings file, made as the README says; both stacks empty."""
    project = Project.copy_to(tmp_path / "oss-proxy", cloud)
    make_bucket(project)
    cloud.cli("oss", "mb", PROD_BUCKET, "--region", project.setting("alicloud:region"))
    project.must("stack", "init", "dev")
    shutil.copy(project.stack_file, project.folder / "Pulumi.prod.yaml")
    project.must("stack", "init", "prod")
    project.must("config", "set", "--stack", "prod", "bucketName", PROD_BUCKET)
    project.must("config", "set", "--stack", "prod", "bandwidthMbps", "100")
    try:
        yield project
    finally:
        for stack in STACKS:
            project.must("destroy", "--yes", "--skip-preview", "--remove", "--stack", stack)
        cloud.cli("oss", "rm", PROD_BUCKET, "--bucket")


def resources(project: Project, stack: str) -> list[dict[str, Any]]:
    exported = project.must("stack", "export", "--stack", stack)
    found: list[dict[str, Any]] = json.loads(exported[exported.index("{") :])["deployment"]["resources"]
    return found


def names_and_tags(project: Project, stack: str) -> tuple[set[str], set[str]]:
    """What the cloud shows of a stack: the names of its things, and the stacks that their tags name."""
    outputs = [one.get("outputs", {}) for one in resources(project, stack)]
    names = {one[key] for one in outputs for key in NAME_KEYS if one.get(key)}
    return names, {one["tags"]["stack"] for one in outputs if "tags" in one}


def output(project: Project, stack: str, key: str) -> str:
    return project.must("stack", "output", key, "--stack", stack).strip()


def statements(cloud: LocalCloud, bucket: str) -> list[dict[str, Any]]:
    shown = cloud.cli("oss", "policy", "get", bucket, check=False)
    if shown.returncode != 0:
        assert "NoSuchBucketPolicy" in shown.stderr + shown.stdout
        return []
    found: list[dict[str, Any]] = json.loads(shown.stdout)["Statement"]
    return found


def test_dev_and_prod_on_a_bucket_each(project: Project, cloud: LocalCloud) -> None:
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda stack: project.must("up", "--yes", "--skip-preview", "--stack", stack), STACKS))

    names = {}
    for stack in STACKS:
        names[stack], tagged = names_and_tags(project, stack)
        assert len(names[stack]) == len(NAME_KEYS)
        assert all(name.startswith(f"oss-proxy-{stack}-") for name in names[stack])
        assert tagged == {stack}
    assert not names["dev"] & names["prod"]
    status = cloud.status()
    assert sorted(vpc["name"] for vpc in status["vpcs"]) == ["oss-proxy-dev-vpc", "oss-proxy-prod-vpc"]

    # The same networks and so the same private address: the VPC tells them apart.
    assert len({vpc["cidr"] for vpc in status["vpcs"]}) == 1
    assert len({output(project, stack, "private_ip") for stack in STACKS}) == 1
    assert len({output(project, stack, "public_ip") for stack in STACKS}) == 2
    for stack, bucket in zip(STACKS, (project.setting("bucketName"), PROD_BUCKET), strict=True):
        (own,) = statements(cloud, bucket)
        assert own["Condition"]["StringEquals"]["acs:SourceVpc"] == [output(project, stack, "vpc_id")]
        project.must("refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack)

    # The end of one is nothing to the other.
    project.must("destroy", "--yes", "--skip-preview", "--stack", "dev")
    assert statements(cloud, project.setting("bucketName")) == []
    assert [vpc["name"] for vpc in cloud.status()["vpcs"]] == ["oss-proxy-prod-vpc"]
    assert [one["name"] for one in cloud.status()["instances"]] == ["oss-proxy-prod-instance"]
    project.must("refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "prod")
    project.must("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "prod")
    assert len(statements(cloud, PROD_BUCKET)) == 1
