"""What `make up` and `make down` do, in a clone of the repository, as a person would run them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.localcloud import LocalCloud
from tests.support.machine import processes_of
from tests.support.project import ROOT, is_root


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if not is_root():
        pytest.skip("instances boot only as root; run: sudo make test")
    folder = tmp_path_factory.mktemp("clone") / "oss-proxy"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    try:
        yield folder
    finally:
        LocalCloud(folder / ".localcloud").cli("down")


def demo(clone: Path, step: str, stack: str = "dev") -> str:
    done = subprocess.run(
        [clone / "demo" / step, stack],
        cwd=clone,
        check=False,
        capture_output=True,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def git_status(clone: Path) -> str:
    return subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=all"],
        cwd=clone,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def operator(clone: Path, *command: str) -> str:
    done = LocalCloud(clone / ".localcloud").run("operator", command, cwd=clone)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_up_twice_then_an_edit_then_another_stack_then_down(clone: Path) -> None:
    first = demo(clone, "up")
    assert "200, and the same bytes as in the bucket." in first
    assert "403, as it must be." in first
    assert git_status(clone) == ""

    second = demo(clone, "up")
    assert "unchanged" in second
    assert "created" not in second

    # The ordinary commands, in the operator's place: neither leaves a trace in the settings file.
    operator(clone, "pulumi", "config", "set", "bandwidthMbps", "100")
    shown = operator(clone, "pulumi", "preview", "--diff")
    assert '"200" => "100"' in shown
    assert "encryptionsalt" not in (clone / "Pulumi.dev.yaml").read_text()
    subprocess.run(["git", "checkout", "--quiet", "Pulumi.dev.yaml"], cwd=clone, check=True)

    # A second environment beside it, and away again.
    settings = (clone / "Pulumi.dev.yaml").read_text()
    (clone / "Pulumi.prod.yaml").write_text(settings.replace("oss-proxy-dev", "oss-proxy-prod"))
    assert "200, and the same bytes as in the bucket." in demo(clone, "up", "prod")
    assert "403, as it must be." in demo(clone, "proof")
    assert "localcloud stays up for: dev" in demo(clone, "down", "prod")
    assert "200, and the same bytes as in the bucket." in demo(clone, "proof")
    assert "encryptionsalt" not in (clone / "Pulumi.prod.yaml").read_text()
    (clone / "Pulumi.prod.yaml").unlink()

    demo(clone, "down")
    assert git_status(clone) == ""
    assert processes_of(clone / ".localcloud") == []
