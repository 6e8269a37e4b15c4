"""The demo's small programs, without a cloud."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.project import ROOT

SALT = "encryptionsalt: v1:abc\n"
# Shows what it finds and, as pulumi does, adds a salt where there is none.
PULUMI = """#!/bin/sh
cat Pulumi.prod.yaml
grep -q '^encryptionsalt' Pulumi.prod.yaml || echo 'encryptionsalt: v1:abc' >>Pulumi.prod.yaml
exit 3
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the demo's scripts and a pulumi that is none."""
    shutil.copytree(ROOT / "demo", tmp_path / "demo")
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    (programs / "pulumi").write_text(PULUMI)
    (programs / "pulumi").chmod(0o755)
    (tmp_path / "Pulumi.prod.yaml").write_text("config: {}\n")
    return tmp_path


def run(checkout: Path, *command: str, backend: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=checkout,
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PULUMI_BACKEND_URL": backend},
    )


def test_salts_stay_beside_the_state_of_the_demo(checkout: Path) -> None:
    backend = f"file://{checkout}/state"
    first = run(checkout, "demo/pulumi", "up", backend=backend)
    assert (first.returncode, first.stdout) == (3, "config: {}\n")
    assert (checkout / "Pulumi.prod.yaml").read_text() == "config: {}\n"
    assert (checkout / "state/salts/Pulumi.prod.yaml").read_text() == SALT
    second = run(checkout, "demo/pulumi", "up", backend=backend)
    assert second.stdout == "config: {}\n" + SALT
    assert (checkout / "Pulumi.prod.yaml").read_text() == "config: {}\n"


@pytest.mark.parametrize("backend", ["s3://my-state?region=cn-hangzhou", "https://api.pulumi.com", ""])
def test_salts_of_stacks_kept_elsewhere_are_their_owners(checkout: Path, backend: str) -> None:
    before = set(checkout.iterdir())
    assert run(checkout, "demo/pulumi", "up", backend=backend).returncode == 3
    assert (checkout / "Pulumi.prod.yaml").read_text() == "config: {}\n" + SALT
    assert set(checkout.iterdir()) == before


@pytest.mark.parametrize("step", ["up", "proof", "down"])
def test_a_stack_without_settings_is_told_how_to_get_some(checkout: Path, step: str) -> None:
    told = run(checkout, f"demo/{step}", "staging")
    assert told.returncode == 1
    assert "cp Pulumi.dev.yaml Pulumi.staging.yaml" in told.stderr
