"""State in an OSS bucket, through its S3-compatible endpoint: docs/state.md, by the real engine."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from localcloud.home import Home
from tests.offline.conftest import StartCloud, make_bucket
from tests.support.localcloud import LocalCloud
from tests.support.project import ROOT, Project

BUCKET = "my-state"
OWNER = "9000000000000001"
STRANGER = "9000000000000002"
PAGE = (ROOT / "docs/state.md").read_text()
WHEN_REQUIRED = {
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
}
REFUSED = "aws-chunked encoding is not supported with the specified x-amz-content-sha256 value"

VERSIONING = """
import sys

import alibabacloud_oss_v2 as oss

config = oss.config.load_default()
config.region = "cn-hangzhou"
config.credentials_provider = oss.credentials.EnvironmentVariableCredentialsProvider()
oss.Client(config).put_bucket_versioning(
    oss.PutBucketVersioningRequest(
        bucket=sys.argv[1], versioning_configuration=oss.VersioningConfiguration(status="Enabled")
    )
)
"""


def documented(pattern: str) -> str:
    """A piece of the page, as a reader would copy it."""
    found = re.search(pattern, PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def documented_rights(marker: str) -> dict[str, Any]:
    """A policy of the page, for a bucket instead of an identity: with the one that it is for."""
    policy: dict[str, Any] = json.loads(documented(rf"<!-- {marker} -->\n```json\n(.*?)```"))
    for statement in policy["Statement"]:
        statement["Principal"] = [STRANGER]
        statement["Resource"] = [name.replace("*:*", f"*:{OWNER}") for name in statement["Resource"]]
    return policy


@pytest.fixture(scope="module")
def cloud(start_cloud: StartCloud, tmp_path_factory: pytest.TempPathFactory) -> LocalCloud:
    """A cloud with a bucket for state, to which somebody has the documented rights and no others."""
    url = documented(r"PULUMI_BACKEND_URL='(s3://my-state\S+)'")
    cloud = start_cloud(f"--operator-env=PULUMI_BACKEND_URL={url}")
    _, stranger = Home(cloud.home).keys()
    keys = {"AWS_ACCESS_KEY_ID": stranger.id, "AWS_SECRET_ACCESS_KEY": stranger.secret}
    cloud.cli("up", "--api-only", *(f"--operator-env={name}={value}" for name, value in keys.items()))
    cloud.cli("oss", "mb", BUCKET, "--region", "cn-hangzhou")
    versioned = cloud.run("operator", [sys.executable, "-c", VERSIONING, BUCKET])
    assert versioned.returncode == 0, versioned.stderr
    rights = tmp_path_factory.mktemp("rights") / "policy.json"
    rights.write_text(json.dumps(documented_rights("deployer")))
    cloud.cli("oss", "policy", "set", BUCKET, str(rights))
    return replace(cloud, env=WHEN_REQUIRED)


@pytest.fixture
def project(cloud: LocalCloud, tmp_path: Path) -> Project:
    project = Project.copy_to(tmp_path / "oss-proxy", cloud)
    make_bucket(project)
    return project


@pytest.fixture
def stack(project: Project) -> Iterator[Project]:
    project.must("stack", "init", "dev")
    try:
        yield project
    finally:
        project.must("destroy", "--yes", "--skip-preview", "--remove")


def kept(cloud: LocalCloud) -> list[str]:
    """The keys in the state bucket."""
    return [line.split()[-1] for line in cloud.cli("oss", "ls", BUCKET).stdout.splitlines()]


def with_checksums(project: Project, request: str) -> Project:
    environment = {"AWS_REQUEST_CHECKSUM_CALCULATION": request} if request else {}
    return replace(project, cloud=replace(project.cloud, env=environment))


def test_without_the_settings_of_the_page_a_newer_sdk_is_refused_as_by_the_cloud(project: Project) -> None:
    refused = with_checksums(project, "when_supported").pulumi("stack", "init", "refused")
    assert refused.code != 0
    assert REFUSED in refused.text
    assert not [key for key in kept(project.cloud) if "refused" in key]


def test_the_engine_of_the_toolchain_needs_no_settings(project: Project) -> None:
    """Since 3.256 `pulumi` chooses as the page does when an endpoint is named."""
    plain = with_checksums(project, "")
    plain.must("stack", "init", "plain")
    plain.must("stack", "rm", "--yes", "plain")


def test_a_stacks_life_with_no_more_than_the_documented_rights(stack: Project) -> None:
    cloud = stack.cloud
    stack.must("up", "--yes", "--skip-preview")
    assert ".pulumi/stacks/oss-proxy/dev.json" in kept(cloud)
    assert not [key for key in kept(cloud) if "/locks/" in key]
    stack.must("up", "--yes", "--skip-preview", "--expect-no-changes")
    stack.must("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert stack.outputs()["bucket"] == stack.setting("bucketName")
    stack.must("destroy", "--yes", "--skip-preview")
    assert cloud.status()["vpcs"] == []
    assert cloud.status()["coverage"]["unknown"] == {}


def test_two_updates_at_once_lock_each_other_out(stack: Project) -> None:
    with ThreadPoolExecutor(2) as both:
        results = list(both.map(lambda _: stack.pulumi("up", "--yes", "--skip-preview"), range(2)))
    refused = [result for result in results if result.code != 0]
    assert refused, "both went through"
    for result in refused:
        assert "the stack is currently locked by" in result.text
    stack.must("up", "--yes", "--skip-preview")
    assert len(stack.cloud.status()["vpcs"]) == 1


def test_a_lock_that_was_left_is_named_and_can_be_cancelled(stack: Project, tmp_path: Path) -> None:
    lock = tmp_path / "lock.json"
    lock.write_text('{"pid": 1, "username": "ci", "hostname": "runner", "timestamp": "2026-11-24T00:00:00Z"}')
    stack.cloud.cli("oss", "put", str(lock), BUCKET, ".pulumi/locks/organization/oss-proxy/dev/left.json")
    refused = stack.pulumi("up", "--yes", "--skip-preview")
    assert refused.code != 0
    assert "created by ci@runner" in refused.text
    assert stack.cloud.status()["vpcs"] == []
    stack.must("cancel", "--yes")
    stack.must("stack", "tag", "set", "lock", "gone")


def test_a_preview_needs_to_read_alone(stack: Project, tmp_path: Path) -> None:
    cloud, rights = stack.cloud, tmp_path / "rights.json"
    kept_rights = cloud.cli("oss", "policy", "get", BUCKET).stdout
    try:
        rights.write_text(json.dumps(documented_rights("previewer")))
        cloud.cli("oss", "policy", "set", BUCKET, str(rights))
        stack.must("preview")
        refused = stack.pulumi("up", "--yes", "--skip-preview")
        assert refused.code != 0
        assert "AccessDenied" in refused.text
        assert cloud.status()["vpcs"] == []
    finally:
        rights.write_text(kept_rights)
        cloud.cli("oss", "policy", "set", BUCKET, str(rights))


def test_a_stack_moves_from_a_folder_into_the_bucket(stack: Project, tmp_path: Path) -> None:
    command = documented(r"\$ (PULUMI_BACKEND_URL=\$OLD .*? --stack prod)\n").replace("prod", "dev")
    folder = tmp_path / "state"
    folder.mkdir()
    variables = {"OLD": f"file://{folder}", "NEW": documented(r"PULUMI_BACKEND_URL='(s3://my-state\S+)'")}
    prepare = (
        "PULUMI_BACKEND_URL=$OLD pulumi stack init dev && PULUMI_BACKEND_URL=$OLD pulumi stack tag set a b"
    )
    done = replace(stack.cloud, env={**WHEN_REQUIRED, **variables}).run(
        "operator", ["bash", "-euo", "pipefail", "-c", f"{prepare}\n{command}"], cwd=stack.folder
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"Import complete" in done.stdout
