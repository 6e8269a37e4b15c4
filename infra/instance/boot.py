"""Waits until cloud-init has done the first boot, and tells why when it has not.

Source: https://docs.cloud-init.io/en/25.1/explanation/return_codes.html and .../reference/cli.html#status
(0 done, 1 failed, 2 done with recoverable errors; 2026-11-24).
"""

from __future__ import annotations

import json
import subprocess

from infra.instance.outcomes import Failed, Outcome
from infra.instance.system import System, tail

OUTPUT_LOG = "/var/log/cloud-init-output.log"
LOG_LINES = 20


def await_first_boot(system: System, timeout_s: float) -> None:
    """Returns when the first boot is complete.

    Args:
        system: The instance.
        timeout_s: How long it may take from now.

    Raises:
        Failed: It ended with an error, or has not ended in time; the message holds the log's last lines.
    """
    try:
        done = system.run(["cloud-init", "status", "--wait", "--format", "json"], timeout_s=timeout_s)
    except subprocess.TimeoutExpired:
        raise Failed(
            Outcome.FIRST_BOOT_TOO_SLOW,
            f"cloud-init has not ended the first boot after {timeout_s:.0f} s. "
            f"Its log ends with:\n{_log(system)}",
        ) from None
    status, errors = _read(done.text)
    if done.code == 1 or status == "error":
        told = "\n".join(f"  {error}" for error in errors)
        raise Failed(
            Outcome.FIRST_BOOT_FAILED,
            f"cloud-init ended the first boot with an error:\n{told}\nIts log ends with:\n{_log(system)}",
        )
    if done.code not in (0, 2):
        raise Failed(Outcome.BROKEN, f"cloud-init status ended with {done.code}:\n{tail(done.text, 10)}")


def _read(text: str) -> tuple[str, list[str]]:
    # Dots that show the waiting may stand before the JSON.
    try:
        report = json.loads(text[text.index("{") :])
        return str(report.get("status", "")), [str(error) for error in report.get("errors", [])]
    except ValueError:
        return "", []


def _log(system: System) -> str:
    try:
        text = system.path(OUTPUT_LOG).read_text(errors="replace")
    except OSError as error:
        return f"  ({error})"
    return tail(text, LOG_LINES)
