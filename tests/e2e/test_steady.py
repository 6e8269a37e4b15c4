"""A stack that is up stays as it is until a setting changes, and a change is told before it is made."""

from __future__ import annotations

from tests.e2e.conftest import Deployed
from tests.support.project import git_status


def test_a_second_up_changes_nothing(deployed: Deployed) -> None:
    deployed.project.must("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_refresh_finds_no_drift(deployed: Deployed) -> None:
    deployed.project.must("refresh", "--yes", "--skip-preview", "--expect-no-changes")


def test_preview_after_an_edit_shows_what_nginx_will_read(deployed: Deployed) -> None:
    project = deployed.project
    before = project.stack_file.read_text()
    try:
        project.change({"listenPort": 8088})
        text = project.must("preview", "--diff")
    finally:
        project.stack_file.write_text(before)
    shown = [line.strip() for line in text.splitlines()]
    assert any(line.startswith("-") and "listen 80 " in line for line in shown), text
    assert any(line.startswith("+") and "listen 8088 " in line for line in shown), text


def test_the_checkout_stays_clean(deployed: Deployed) -> None:
    assert "Pulumi." not in git_status()
