"""The README's tour, pasted line by line into the operator's shell of a stack that is up."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.e2e.conftest import Deployed
from tests.support.project import ROOT, Project

TOUR = re.findall(
    r"<!-- tour -->\n```console\n(.*?)```\n<!-- /tour -->", (ROOT / "README.md").read_text(), re.S
)
# What is typed at the end of the tour, and what a test's own cloud is told beside what a person types.
LEFT_OUT = ("$ exit",)


def script() -> str:
    """All commands of the tour as one script that stops at the first one that ends otherwise than told."""
    lines = ["set -u", "shopt -s expand_aliases", "alias pulumi='pulumi --non-interactive --color never'"]
    for line in "".join(TOUR).splitlines():
        if line.startswith("$ ") and line not in LEFT_OUT:
            command, _, remark = line[2:].partition(" # ")
            test, told = ("-ne", "must fail") if remark.startswith("fails") else ("-eq", "failed")
            complaint = f"{{ echo {told}: {shlex.quote(command)}; exit 1; }}"
            lines += [f"echo {shlex.quote(line)}", command, f"[ $? {test} 0 ] || {complaint}"]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def tourist(deployed: Deployed) -> Project:
    """The stack's project with all that the tour's commands need of a checkout."""
    project = deployed.project
    for name in ("Makefile", "pyproject.toml", "uv.lock", "README.md"):
        link = project.folder / name
        if not link.exists():
            link.symlink_to(ROOT / name)
    return project


def test_each_line_of_the_tour_does_what_is_told(tourist: Project, tmp_path: Path) -> None:
    assert len(TOUR) == 5
    before = tourist.stack_file.read_text()
    (tmp_path / "tour.sh").write_text(script())
    try:
        done = tourist.cloud.run(
            "operator", ["bash", str(tmp_path / "tour.sh")], cwd=tourist.folder, timeout_s=600
        )
        text = (done.stdout + done.stderr).decode()
        assert done.returncode == 0, text[-6000:]
        assert "Hello from a private bucket." in text
        assert "251234567890" in text
    finally:
        tourist.stack_file.write_text(before)
        tourist.cloud.cli("oss", "policy", "delete", tourist.setting("bucketName"))
        tourist.must("up", "--yes", "--skip-preview", "--refresh")
