"""The workflows: their form, what linters say of them, and what must not change unnoticed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.project import ROOT

FOLDER = ROOT / ".github/workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
SAME_REPOSITORY = "github.event.pull_request.head.repo.full_name == github.repository"


def load(name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load((FOLDER / name).read_text())
    return found


@pytest.fixture
def jobs() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = load("deploy.yml")["jobs"]
    return found


def lint(program: str, *arguments: str | Path) -> None:
    command = [Path(sys.executable).with_name(program), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_they_have_the_form_that_github_reads() -> None:
    lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)


def test_a_security_linter_finds_nothing() -> None:
    lint("zizmor", "--offline", "--no-progress", *WORKFLOWS)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_and_rights_are_named(path: Path) -> None:
    uses = [line.strip().removeprefix("- ") for line in path.read_text().splitlines() if " uses: " in line]
    assert uses
    for line in uses:
        assert PINNED.fullmatch(line), line
    document = load(path.name)
    assert document["permissions"] in ({}, {"contents": "read"})
    assert "pull_request_target" not in document[True], "a fork's code would get the repository's secrets"


def test_nothing_cancels_a_run() -> None:
    text = (FOLDER / "deploy.yml").read_text()
    assert "cancel-in-progress" not in text


def test_each_job_has_the_rights_it_needs_and_no_others(jobs: dict[str, dict[str, Any]]) -> None:
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "preview": {"contents": "read", "id-token": "write"},
        "comment": {"contents": "read", "pull-requests": "write"},
        "deploy": {"contents": "read", "id-token": "write"},
    }


def test_a_deploy_runs_alone_and_without_a_time_out(jobs: dict[str, dict[str, Any]]) -> None:
    deploy = jobs["deploy"]
    assert deploy["concurrency"] == {"group": "deploy-${{ matrix.stack }}"}
    assert "timeout-minutes" not in deploy
    assert deploy["strategy"]["max-parallel"] == 1
    assert "github.ref == 'refs/heads/main'" in deploy["if"]
    assert "github.event_name != 'pull_request'" in deploy["if"]


def test_only_the_repositorys_own_branches_are_previewed(jobs: dict[str, dict[str, Any]]) -> None:
    assert SAME_REPOSITORY in jobs["preview"]["if"]
    assert jobs["comment"]["needs"] == "preview"
    assert "needs.preview.result != 'skipped'" in jobs["comment"]["if"]


def test_credentials_come_after_the_installation_and_secrets_reach_one_step(
    jobs: dict[str, dict[str, Any]],
) -> None:
    for name in ("preview", "deploy"):
        steps = jobs[name]["steps"]
        runs = [step.get("run") or step["uses"].partition("@")[0] for step in steps]
        script = f'ci/{name} "$STACK" "preview-$STACK.md"'
        order = [
            runs.index(one) for one in ("make runtime", "aliyun/configure-aliyun-credentials-action", script)
        ]
        assert order == sorted(order)
        secret = [run for run, step in zip(runs, steps, strict=True) if "secrets." in str(step)]
        assert secret == [script]
    assert "secrets." not in str(jobs["comment"])


def test_the_scripts_that_they_run_are_there() -> None:
    text = "\n".join(path.read_text() for path in WORKFLOWS)
    scripts = set(re.findall(r"(?:^|[ /])(\.?ci/[\w.]+)", text, re.MULTILINE))
    assert scripts >= {".ci/run", "ci/preview", "ci/deploy", "ci/comment.py"}
    for script in scripts:
        assert (ROOT / script).is_file(), script
