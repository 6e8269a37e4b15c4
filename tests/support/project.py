"""The program under test in a folder of its own, with a stack of its own, run by the real engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.localcloud import LocalCloud

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py", "infra", "templates")
STACK = "dev"


@dataclass(frozen=True)
class Result:
    """How a pulumi command ended; `text` is all that it printed."""

    code: int
    text: str


@dataclass(frozen=True)
class Project:
    """A copy of the program, whose settings a test may edit.

    `user` is the RAM user whose key pulumi uses; without one it is the account's own.
    """

    folder: Path
    cloud: LocalCloud
    user: str | None = None

    @classmethod
    def copy_to(cls, folder: Path, cloud: LocalCloud) -> Project:
        """Copies the program; its virtual environment stays the checkout's."""
        folder.mkdir(parents=True)
        for name in PROGRAM:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / name)
        (folder / ".venv").symlink_to(ROOT / ".venv")
        return cls(folder, cloud)

    @property
    def stack_file(self) -> Path:
        """The stack's settings file."""
        return self.folder / f"Pulumi.{STACK}.yaml"

    def setting(self, key: str) -> Any:
        """A setting of the stack file; a bare key is one of the program's."""
        return yaml.safe_load(self.stack_file.read_text())["config"][_full(key)]

    def change(self, settings: Mapping[str, Any]) -> None:
        """Writes settings into the stack file; None removes one."""
        document = yaml.safe_load(self.stack_file.read_text())
        for key, value in settings.items():
            if value is None:
                document["config"].pop(_full(key), None)
            else:
                document["config"][_full(key)] = value
        self.stack_file.write_text(yaml.safe_dump(document, sort_keys=False))

    def pulumi(self, *args: str, timeout_s: float = 600) -> Result:
        """Runs ``pulumi ARGS`` in the folder, as the operator."""
        done = self.cloud.run(
            "operator",
            ["pulumi", "--non-interactive", "--color", "never", *args],
            cwd=self.folder,
            timeout_s=timeout_s,
            user=self.user,
        )
        return Result(done.returncode, (done.stdout + done.stderr).decode())

    def must(self, *args: str, timeout_s: float = 600) -> str:
        """As `pulumi`, and fails with all that was printed when the command fails."""
        result = self.pulumi(*args, timeout_s=timeout_s)
        if result.code != 0:
            raise AssertionError(f"pulumi {' '.join(args)} ended with {result.code}:\n{result.text}")
        return result.text

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        done = self.cloud.run(
            "operator", ["pulumi", "--non-interactive", "stack", "output", "--json"], cwd=self.folder
        )
        outputs: dict[str, Any] = json.loads(done.stdout)
        return outputs


def pulumi_env(folder: Path) -> dict[str, str]:
    """Where the state of the tests' stacks lives, and what protects its (absent) secrets."""
    folder.mkdir(parents=True, exist_ok=True)
    return {"PULUMI_BACKEND_URL": f"file://{folder}?metadata=skip", "PULUMI_CONFIG_PASSPHRASE": "tests"}


def is_root() -> bool:
    """Whether instances can boot: only root may make network namespaces by name."""
    return os.geteuid() == 0


def git_status() -> str:
    """What git would say of the checkout."""
    return subprocess.run(
        ["git", "status", "--porcelain"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout


def _full(key: str) -> str:
    return key if ":" in key else f"oss-proxy:{key}"
