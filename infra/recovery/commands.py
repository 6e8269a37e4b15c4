"""Reads and mends a stack's state with Pulumi's own commands.

An update shows its program neither its state nor the operations that were interrupted. So the program runs
`pulumi stack export`, beside everything else that it asks for; it needs no lock, no secrets and a third of a
second.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from infra.errors import ProgramError
from infra.recovery.state import Deployment, State, parse

PROJECT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 60.0


class StateError(ProgramError):
    """The stack's state could not be read or written."""


class PendingState:
    """A state that is being read; a context, so that no process outlives the program.

    Args:
        stack: The stack's name, with organization and project where there is more than one; None for the
            selected one.
    """

    def __init__(self, stack: str | None) -> None:
        words = [_own_pulumi(), "--non-interactive", "stack", "export"]
        try:
            self._process = subprocess.Popen(
                [*words, *(["--stack", stack] if stack else [])],
                cwd=PROJECT,
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


def settings_of(stack: str) -> dict[str, str]:
    """Returns the values of a stack's settings by their whole keys; those of secrets are hidden.

    Raises:
        StateError: When Pulumi refuses to tell them.
    """
    words = [_own_pulumi(), "--non-interactive", "config", "--json", "--stack", stack]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StateError(f"`pulumi config` failed: {done.stderr.strip()}", fix="see docs/recovery.md.")
    return {key: str(given.get("value", "")) for key, given in json.loads(done.stdout).items()}


def replace(deployment: Deployment, stack: str) -> None:
    """Writes a stack's state as a whole.

    Raises:
        StateError: When Pulumi refuses it; nothing was written then.
    """
    text = json.dumps({"version": 3, "deployment": deployment})
    done = subprocess.run(
        [_usual_pulumi(), "--non-interactive", "stack", "import", "--stack", stack],
        cwd=PROJECT,
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
    words = [_usual_pulumi(), "--non-interactive", "refresh", "--stack", stack, "--yes", "--skip-preview"]
    return subprocess.run(words, cwd=PROJECT, check=False).returncode


def _own_pulumi() -> str:
    """Returns the command of this virtual environment, which the program may run in, else the usual one."""
    own = Path(sys.executable).with_name("pulumi")
    return str(own) if own.exists() else _usual_pulumi()


def _usual_pulumi() -> str:
    """Returns the command that a person would run."""
    own = Path(sys.executable).with_name("pulumi")
    return shutil.which("pulumi") or str(own)
