"""What a stack's state knows, read with ``pulumi stack export``.

An update shows its program neither its state nor the operations that were interrupted. So the program runs
the command, beside everything else that it asks for; it needs no lock, no secrets and a third of a second.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.errors import ProgramError

PROJECT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 60.0

Deployment = dict[str, Any]


class StateError(ProgramError):
    """The stack's state could not be read or written."""


@dataclass(frozen=True, kw_only=True)
class State:
    """A stack's state.

    Attributes:
        ids: The ids of all resources, those that wait for their deletion among them.
        interrupted: What was begun and not ended, such as ``creating proxy-vpc``: operations whose engine
            was killed, and replacements that were left after the deletion.
        deployment: All of it, as exported.
    """

    ids: frozenset[str]
    interrupted: Sequence[str]
    deployment: Deployment

    @property
    def stack(self) -> str:
        """The stack's name; empty where no update has written to it yet."""
        return self._urn_part(0)

    @property
    def project(self) -> str:
        """The project's name; likewise."""
        return self._urn_part(1)

    @property
    def guard(self) -> Mapping[str, str]:
        """The account and region that the stack was made in; empty where nothing was made yet."""
        guards = [
            one["outputs"] for one in _resources(self.deployment) if one["type"].endswith(":AccountGuard")
        ]
        return guards[0] if guards else {}

    def _urn_part(self, at: int) -> str:
        # urn:pulumi:STACK::PROJECT::TYPE::NAME
        urns = [one["urn"].removeprefix("urn:pulumi:").split("::") for one in _resources(self.deployment)]
        return str(urns[0][at]) if urns else ""


def parse(deployment: Deployment) -> State:
    """Reads an exported deployment."""
    operations = deployment.get("pending_operations") or []
    half = [one for one in _resources(deployment) if one.get("pendingReplacement")]
    return State(
        ids=frozenset(one["id"] for one in _resources(deployment) if one.get("id")),
        interrupted=[
            *(f"{one['type']} {_name(one['resource'])}" for one in operations),
            *(f"replacing {_name(one)}" for one in half),
        ],
        deployment=deployment,
    )


def settled(deployment: Deployment) -> Deployment:
    """Returns a deployment that knows of nothing interrupted, to be refreshed next.

    A resource that was left in the middle of its replacement is gone from the cloud. The engine would delete
    those a second time that had to go because of another's replacement, which an EIP's association never
    survives; without them the next update just creates them. Sources: the engine's own words on
    ``PendingReplacement`` (pkg/resource/deploy/step.go, v3.256.0); measured with it.
    """
    gone = {one["urn"] for one in _resources(deployment) if one.get("pendingReplacement")}
    kept = [_without(one, gone) for one in _resources(deployment) if not one.get("pendingReplacement")]
    return {**deployment, "resources": kept, "pending_operations": []}


def _without(resource: Mapping[str, Any], gone: set[str]) -> dict[str, Any]:
    changed = dict(resource)
    if resource.get("dependencies"):
        changed["dependencies"] = [urn for urn in resource["dependencies"] if urn not in gone]
    if resource.get("propertyDependencies"):
        changed["propertyDependencies"] = {
            key: [urn for urn in urns or [] if urn not in gone]
            for key, urns in resource["propertyDependencies"].items()
        }
    return changed


class PendingState:
    """A state that is being read; a context, so that no process outlives the program.

    Args:
        stack: The stack's name, with organization and project where there is more than one; None for the
            selected one.
    """

    def __init__(self, stack: str | None) -> None:
        words = ["stack", "export", *(["--stack", stack] if stack else [])]
        try:
            self._process = subprocess.Popen(
                _command(words),
                cwd=PROJECT,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        except OSError as error:
            raise StateError(
                f"`pulumi` could not be run: {error}", fix="put it on PATH, or activate .venv."
            ) from error

    def __enter__(self) -> PendingState:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()

    def result(self) -> State:
        """Waits for the answer.

        Raises:
            StateError: When the state cannot be read.
        """
        fix = "run the command where the project is, logged in to where its state is. See docs/recovery.md."
        try:
            text, told = self._process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise StateError(f"`pulumi stack export` took over {TIMEOUT_S:.0f} s", fix=fix) from None
        if self._process.returncode != 0:
            raise StateError(f"`pulumi stack export` failed: {told.strip()}", fix=fix)
        return parse(json.loads(text)["deployment"])


def replace(deployment: Deployment, stack: str) -> None:
    """Writes a stack's state as a whole.

    Raises:
        StateError: When Pulumi refuses it; nothing was written then.
    """
    text = json.dumps({"version": 3, "deployment": deployment})
    done = subprocess.run(
        _command(["stack", "import", "--stack", stack]),
        cwd=PROJECT,
        env=_environment(),
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StateError(f"`pulumi stack import` failed: {done.stderr.strip()}", fix="see docs/recovery.md.")


def refresh(stack: str) -> int:
    """Compares a stack's state with the cloud and corrects it; shows what Pulumi says.

    Returns:
        Pulumi's exit status.
    """
    words = ["refresh", "--stack", stack, "--yes", "--skip-preview"]
    return subprocess.run(_command(words), cwd=PROJECT, env=_environment(), check=False).returncode


def _command(words: Sequence[str]) -> list[str]:
    # That of this virtual environment, else the one on PATH.
    own = Path(sys.executable).with_name("pulumi")
    return [str(own) if own.exists() else shutil.which("pulumi") or "pulumi", "--non-interactive", *words]


def _environment() -> dict[str, str]:
    # Who waits for this has asked for the newest version already, or does not want to know.
    return {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}


def _resources(deployment: Deployment) -> Sequence[Mapping[str, Any]]:
    return deployment.get("resources") or []


def _name(resource: Mapping[str, Any]) -> str:
    return str(resource["urn"]).rpartition("::")[2]
