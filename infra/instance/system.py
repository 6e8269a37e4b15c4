"""The commands of the system that a change needs, in one place so that tests can stand in for them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SHORT_S = 30.0


@dataclass(frozen=True)
class Result:
    """How a command ended; `text` is what it wrote, both streams as they came."""

    code: int
    text: str


@dataclass(frozen=True)
class System:
    """The instance's own system.

    Attributes:
        root: Where its files are; `/`, but for tests.
    """

    root: Path = Path("/")

    def path(self, absolute: str) -> Path:
        """Returns where a file with this absolute path is."""
        return self.root / absolute.lstrip("/")

    def run(self, command: Sequence[str], *, timeout_s: float = SHORT_S, stdin: bytes = b"") -> Result:
        """Runs a command to its end.

        Raises:
            subprocess.TimeoutExpired: It took longer than `timeout_s`, and was ended.
        """
        try:
            done = subprocess.run(
                command,
                check=False,
                input=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout_s,
            )
        except FileNotFoundError as error:
            return Result(127, f"{error.strerror}: {error.filename}")
        return Result(done.returncode, done.stdout.decode(errors="replace").strip())


def tail(text: str, lines: int) -> str:
    """Returns the last lines of a text, indented."""
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:])
