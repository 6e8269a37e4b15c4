"""The process beside the program in which the official SDKs are asked (``infra.sdk_view``).

Importing them takes a second of processor time, about as much as the rest of the program's. So it is started
before the program imports the rest, on another core, and is asked once the settings are known.

The process ends with the program, also when that is killed: its standard input is a pipe into which nothing
is written but the question, and which the kernel ends with the program.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.errors import CloudError

# Longer than all attempts of the SDKs together.
TIMEOUT_S = 180
PROJECT = Path(__file__).resolve().parent.parent


class SdkProcess:
    """The process; a context, so that it does not outlive what it is needed for."""

    def __init__(self) -> None:
        asked, self._question = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "infra.sdk_view"],
            cwd=PROJECT,
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        os.close(asked)

    def __enter__(self) -> SdkProcess:
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._question)
        self._process.kill()
        self._process.communicate()

    def ask(self, question: Mapping[str, Any]) -> None:
        """Hands over the question; there is one.

        Args:
            question: Arguments of ``infra.sdk_view.see``.
        """
        # Why it ended before it was asked is told with the answer.
        with suppress(BrokenPipeError):
            os.write(self._question, json.dumps(question).encode() + b"\n")

    def answer(self) -> dict[str, Any]:
        """Waits for what ``infra.sdk_view.main`` writes.

        Raises:
            CloudError: When it wrote nothing.
        """
        try:
            answer, trace = self._process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise CloudError(
                f"STS and OSS did not answer within {TIMEOUT_S} s", fix="check the network, then try again."
            ) from None
        if self._process.returncode != 0:
            raise CloudError(
                f"the official SDKs failed:\n{trace.strip()}",
                fix="install the locked dependencies again (uv sync); if that does not help, report it.",
            )
        read: dict[str, Any] = json.loads(answer)
        return read
