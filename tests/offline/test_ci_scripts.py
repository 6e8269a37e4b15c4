"""ci/preview and ci/deploy with the real engine, and with no more installed than `make runtime` installs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.offline.conftest import make_bucket
from tests.support.localcloud import LocalCloud
from tests.support.project import ROOT, Project, Result


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a runner of some CI has after its first two steps."""
    folder = tmp_path_factory.mktemp("runner") / "oss-proxy"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    # The tests' own pulumi belongs to the tests' own environment.
    path = [one for one in os.environ["PATH"].split(os.pathsep) if Path(one) != Path(sys.prefix, "bin")]
    environment = {**os.environ, "PATH": os.pathsep.join(path)}
    environment.pop("VIRTUAL_ENV", None)
    made = subprocess.run(
        ["make", "runtime"], cwd=folder, check=False, capture_output=True, text=True, env=environment
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


@pytest.fixture
def stack(checkout: Path, cloud: LocalCloud) -> Iterator[Project]:
    project = Project(checkout, cloud)
    make_bucket(project)
    project.must("stack", "init", "dev")
    try:
        yield project
    finally:
        project.must("destroy", "--yes", "--skip-preview", "--remove")


def run(stack: Project, script: str, **environment: str) -> Result:
    cloud = replace(stack.cloud, env=environment)
    done = cloud.run("operator", [f"ci/{script}", "dev"], cwd=stack.folder, timeout_s=600)
    return Result(done.returncode, (done.stdout + done.stderr).decode())


def report(stack: Project) -> str:
    return (stack.folder / "preview.md").read_text()


def rules(stack: Project) -> list[str]:
    """The names of the rules that let clients in."""
    urns = stack.must("stack", "--show-urns").split()
    return sorted(urn.rpartition("::")[2] for urn in urns if "SecurityGroupRule::proxy-ingress-" in urn)


def test_only_what_the_program_needs_is_installed(checkout: Path) -> None:
    programs = {path.name for path in (checkout / ".venv/bin").iterdir()}
    assert "pulumi" in programs
    assert not programs & {"pytest", "ruff", "mypy", "zizmor"}


def test_review_then_deploy_then_a_deletion_that_must_be_allowed(stack: Project) -> None:
    seen = run(stack, "preview")
    assert seen.code == 0, seen.text
    assert report(stack).startswith("<!-- oss-proxy preview of dev -->\n### Preview of `dev`: ")
    assert "| create | `proxy-instance` | `alicloud:ecs/instance:Instance` |" in report(stack)
    assert "policy_preview" in report(stack)
    assert stack.cloud.status()["vpcs"] == []

    made = run(stack, "deploy")
    assert made.code == 0, made.text
    before = rules(stack)
    assert before == ["proxy-ingress-192.0.2.0-24"]
    unchanged = run(stack, "deploy")
    assert unchanged.code == 0, unchanged.text
    assert "no change" in report(stack)

    stack.change({"allowedCidrs": ["198.51.100.0/24"]})
    refused = run(stack, "deploy")
    assert refused.code == 3, refused.text
    assert "**delete** | `proxy-ingress-192.0.2.0-24`" in report(stack)
    assert rules(stack) == before

    allow = refused.text.partition("DEPLOY_ALLOW='")[2].partition("'")[0]
    allowed = run(stack, "deploy", DEPLOY_ALLOW=allow)
    assert allowed.code == 0, allowed.text
    assert rules(stack) == ["proxy-ingress-198.51.100.0-24"]

    stack.change({"bucketName": "Not_A_Bucket"})
    failed = run(stack, "deploy", DEPLOY_ALLOW="all")
    assert failed.code not in (0, 3)
    assert "it failed" in report(stack)
    assert "oss-proxy:bucketName" in report(stack)
