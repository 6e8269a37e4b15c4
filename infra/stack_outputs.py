"""Reads the outputs of a stack that is up, with Pulumi's own command."""

from __future__ import annotations

import json
import subprocess

from infra.errors import ProgramError


class OutputsError(ProgramError):
    """The stack's outputs could not be read."""


def stack_outputs(stack: str = "") -> dict[str, object]:
    """Returns the outputs by their keys; secrets among them stay hidden.

    Args:
        stack: The stack's name; the selected one without it.

    Raises:
        OutputsError: When they cannot be read.
    """
    fix = "run the command where the project is, logged in to where its state is. See docs/state.md."
    words = ["pulumi", "--non-interactive", "stack", "output", "--json"]
    words += ["--stack", stack] if stack else []
    try:
        done = subprocess.run(words, check=False, capture_output=True, text=True)
    except OSError as error:
        raise OutputsError(f"`pulumi` could not be run: {error}", fix="put it on PATH.") from error
    if done.returncode != 0:
        raise OutputsError(f"`pulumi stack output` failed: {done.stderr.strip()}", fix=fix)
    found: dict[str, object] = json.loads(done.stdout)
    return found
