"""A stack with a cloud of its own, and the commands of its phases."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.engine import first_to_end, kill
from tests.faults.plan import Case, Phase
from tests.faults.shape import Shape, shape_of
from tests.support.localcloud import LOCALCLOUD, LocalCloud
from tests.support.project import STACK, Project, Result, pulumi_env

QUIET = ("--yes", "--skip-preview")
COMMANDS: dict[Phase, tuple[str, ...]] = {
    "up": ("up", *QUIET),
    "change": ("up", *QUIET),
    "destroy": ("destroy", *QUIET),
}
# What is changed in place, and what replaces the instance.
CHANGE = {
    "allowedCidrs": ["192.0.2.0/25", "198.51.100.0/24"],
    "bandwidthMbps": "100",
    "listenPort": "8080",
    "objectPrefixes": ["changed/"],
    "privateIp": "172.16.0.9",
}
COMMAND_TIMEOUT_S = 900.0


@dataclass(frozen=True)
class Killed:
    """How an engine that was killed left things; `survivors` are processes that it had started."""

    survivors: Sequence[str]


@dataclass(frozen=True)
class FaultyStack:
    """The program in a folder of its own, beside a cloud that has nothing else."""

    project: Project

    @property
    def cloud(self) -> LocalCloud:
        return self.project.cloud

    def shape(self) -> Shape:
        return shape_of(self.cloud, self.project.setting("bucketName"))

    def last_call(self) -> int:
        """The number of the newest call."""
        calls = self.calls()
        return calls[-1]["number"] if calls else 0

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = json.loads(
            self.cloud.cli("calls", "--json", "--since", str(since)).stdout
        )
        return calls

    def prepare(self, phase: Phase) -> None:
        """Makes the settings those of a phase."""
        if phase == "change":
            self.project.change(CHANGE)

    def run(self, phase: Phase) -> Result:
        """Runs a phase's command."""
        self.prepare(phase)
        return self.project.pulumi(*COMMANDS[phase], timeout_s=COMMAND_TIMEOUT_S)

    def run_with(self, case: Case) -> Result | Killed:
        """Runs a phase's command with a case's fault; all faults are gone afterwards.

        Raises:
            AssertionError: The fault did not strike.
        """
        numbers = [self._order(case, action, after) for action, after in case.orders()]
        try:
            if case.kind == "kill":
                return self._run_until_killed(case, numbers[0])
            result = self.run(case.phase)
            faults = json.loads(self.cloud.cli("fault", "list", "--json").stdout)
            # After a fault that nothing gets past, the others do not have their turn.
            idle = [fault["action"] for fault in faults if not fault["struck"]]
            if idle and (result.code == 0 or len(idle) == len(faults)):
                raise AssertionError(f"there was no such call of {', '.join(idle)}:\n{result.text}")
            return result
        finally:
            self.cloud.cli("fault", "clear")

    def _order(self, case: Case, action: str, after: int) -> str:
        kind = "hold" if case.kind == "kill" else case.kind
        return self.cloud.cli(
            *("fault", "add", "--action", action, "--kind", kind, "--after", str(after))
        ).stdout.split()[0]

    def _run_until_killed(self, case: Case, fault: str) -> Killed:
        self.prepare(case.phase)
        cli = [LOCALCLOUD, "--home", str(self.cloud.home)]
        waiting = [*cli, "fault", "wait", "--timeout", str(COMMAND_TIMEOUT_S), fault]
        running = [*cli, "run", "--from", "operator", "--", "pulumi", "--non-interactive"]
        log = self.project.folder.parent / "killed.log"
        with (
            log.open("wb") as file,
            subprocess.Popen(waiting) as struck,
            subprocess.Popen(
                [*running, *COMMANDS[case.phase]], cwd=self.project.folder, stdout=file, stderr=file
            ) as engine,
        ):
            try:
                ended = first_to_end([struck, engine], COMMAND_TIMEOUT_S)
                if ended is struck and struck.wait() == 0:
                    return Killed(kill(engine))
                raise AssertionError(f"there was no such call:\n{log.read_text()}")
            finally:
                for process in (struck, engine):
                    process.kill()

    def operator(self, *command: str) -> Result:
        """Runs a command in the program's folder, as the operator."""
        done = self.cloud.run("operator", command, cwd=self.project.folder, timeout_s=COMMAND_TIMEOUT_S)
        return Result(done.returncode, (done.stdout + done.stderr).decode())


@contextlib.contextmanager
def new_stack(folder: Path) -> Iterator[FaultyStack]:
    """A cloud where nothing boots, with the bucket and an empty stack; all gone afterwards."""
    cloud = LocalCloud(folder / "home")
    env = pulumi_env(folder / "state")
    cloud.cli("up", "--api-only", *(f"--operator-env={name}={value}" for name, value in env.items()))
    try:
        project = Project.copy_to(folder / "oss-proxy", cloud)
        cloud.cli(
            *("oss", "mb", project.setting("bucketName"), "--region", project.setting("alicloud:region"))
        )
        project.must("stack", "init", STACK)
        yield FaultyStack(project)
    finally:
        cloud.cli("down")
