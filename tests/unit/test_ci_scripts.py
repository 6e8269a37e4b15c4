"""ci/preview and ci/deploy around a pulumi that is none; tests/offline has them with the real one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project import ROOT

# Writes down how it was called and with which keys, and a log of events with what the test wants.
PULUMI = """#!/bin/sh
echo "$*" >>calls
env | grep -E '^AWS_' | sort >keys
while [ $# -gt 0 ]; do
  [ "$1" = --event-log ] && cp events.in "$2"
  shift
done
echo "with $ALIBABA_CLOUD_ACCESS_KEY_SECRET"
exit "$(cat status)"
"""
REPLACED = {
    "resourcePreEvent": {"metadata": {"op": "replace", "urn": "urn::proxy-instance", "type": "a:b:Instance"}}
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "ci", tmp_path / "ci")
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(sys.executable)
    (programs / "pulumi").write_text(PULUMI)
    (programs / "pulumi").chmod(0o755)
    (tmp_path / "Pulumi.prod.yaml").write_text("config: {}\n")
    prepare(tmp_path)
    return tmp_path


def prepare(checkout: Path, *events: object, status: int = 0) -> None:
    lines = [json.dumps(event) for event in (*events, {"summaryEvent": {}})]
    (checkout / "events.in").write_text("\n".join(lines))
    (checkout / "status").write_text(str(status))


def run(checkout: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    foreign = ("AWS_", "PULUMI_", "DEPLOY_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI1", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "very-secret-key"}
    return subprocess.run(
        command,
        cwd=checkout,
        check=False,
        capture_output=True,
        text=True,
        env={**kept, **keys, **environment},
    )


def calls(checkout: Path) -> list[str]:
    file = checkout / "calls"
    return file.read_text().splitlines() if file.exists() else []


def test_a_deploy_previews_and_then_updates(checkout: Path) -> None:
    done = run(checkout, "ci/deploy", "prod")
    assert done.returncode == 0, done.stderr
    first, second = calls(checkout)
    assert " preview --stack prod --diff " in first
    assert second.endswith(" up --stack prod --yes --skip-preview --suppress-outputs")
    assert (checkout / "preview.md").read_text() in done.stdout


def test_a_deploy_that_would_replace_ends_before_the_update(checkout: Path) -> None:
    prepare(checkout, REPLACED)
    done = run(checkout, "ci/deploy", "prod")
    assert done.returncode == 3
    assert "DEPLOY_ALLOW='proxy-instance' ci/deploy prod" in done.stderr
    assert len(calls(checkout)) == 1
    assert run(checkout, "ci/deploy", "prod", DEPLOY_ALLOW="proxy-instance").returncode == 0
    assert " up " in calls(checkout)[-1]


@pytest.mark.parametrize("script", ["ci/preview", "ci/deploy"])
def test_a_preview_that_fails_is_reported_and_ends_everything(checkout: Path, script: str) -> None:
    prepare(checkout, status=255)
    done = run(checkout, script, "prod", "other.md")
    assert done.returncode == 255
    assert "it failed" in (checkout / "other.md").read_text()
    assert len(calls(checkout)) == 1


def test_a_preview_of_an_engine_without_the_log_never_leads_to_an_update(checkout: Path) -> None:
    (checkout / "events.in").write_text("")
    assert run(checkout, "ci/deploy", "prod", DEPLOY_ALLOW="all").returncode == 3
    assert len(calls(checkout)) == 1


def test_no_key_is_in_what_is_reported(checkout: Path) -> None:
    done = run(checkout, "ci/preview", "prod")
    assert "very-secret-key" not in done.stdout + done.stderr + (checkout / "preview.md").read_text()
    assert "with [secret]" in done.stdout


@pytest.mark.parametrize("stack", ["", "staging"])
def test_a_stack_without_settings_is_refused(checkout: Path, stack: str) -> None:
    done = run(checkout, "ci/preview", stack)
    assert done.returncode == 2
    assert "Pulumi.STACK.yaml" in done.stderr
    assert calls(checkout) == []


def test_state_in_a_bucket_is_reached_with_the_same_keys(checkout: Path) -> None:
    run(
        checkout,
        "ci/preview",
        "prod",
        PULUMI_BACKEND_URL="s3://b?endpoint=e",
        ALIBABA_CLOUD_SECURITY_TOKEN="t",
    )
    assert (checkout / "keys").read_text().splitlines() == [
        "AWS_ACCESS_KEY_ID=LTAI1",
        "AWS_REQUEST_CHECKSUM_CALCULATION=when_required",
        "AWS_RESPONSE_CHECKSUM_VALIDATION=when_required",
        "AWS_SECRET_ACCESS_KEY=very-secret-key",
        "AWS_SESSION_TOKEN=t",
    ]


def test_keys_of_its_own_are_left_to_the_state_and_other_backends_get_none(checkout: Path) -> None:
    own = {"AWS_ACCESS_KEY_ID": "own", "AWS_SECRET_ACCESS_KEY": "own"}
    run(checkout, "ci/preview", "prod", PULUMI_BACKEND_URL="s3://b?endpoint=e", **own)
    assert "AWS_ACCESS_KEY_ID=own" in (checkout / "keys").read_text()
    assert "AWS_SESSION_TOKEN" not in (checkout / "keys").read_text()
    run(checkout, "ci/preview", "prod", PULUMI_BACKEND_URL="https://api.pulumi.com")
    assert (checkout / "keys").read_text() == ""


def test_nothing_temporary_is_left(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tmp")
    run(checkout, "ci/deploy", "prod", TMPDIR=str(folder))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("folder", ["ci", "demo"])
def test_the_scripts_pass_shellcheck(folder: str) -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("no shellcheck on this machine")
    scripts = [path for path in (ROOT / folder).iterdir() if path.suffix in ("", ".sh") and path.is_file()]
    assert len(scripts) >= 3
    done = subprocess.run(
        ["shellcheck", "--severity=warning", *scripts], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
