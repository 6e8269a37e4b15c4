"""The first boot is waited for, and its failure told with the log's last lines."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.instance.boot import OUTPUT_LOG, await_first_boot
from infra.instance.outcomes import Failed, Outcome
from infra.instance.system import Result, System


def system(folder: Path, answer: Result | Exception) -> System:
    class Canned(System):
        def run(self, command: Sequence[str], *, timeout_s: float = 30, stdin: bytes = b"") -> Result:
            assert list(command) == ["cloud-init", "status", "--wait", "--format", "json"]
            if isinstance(answer, Exception):
                raise answer
            return answer

    made = Canned(root=folder)
    log = made.path(OUTPUT_LOG)
    log.parent.mkdir(parents=True)
    log.write_text("\n".join(f"line {number}" for number in range(50)) + "\nE: no nginx to be had\n")
    return made


def report(status: str, *errors: str) -> str:
    return "...\n" + json.dumps({"status": status, "errors": list(errors)})


@pytest.mark.parametrize("code", [0, 2])
def test_a_boot_that_is_done_is_fine_with_recoverable_errors_too(tmp_path: Path, code: int) -> None:
    await_first_boot(system(tmp_path, Result(code, report("done"))), 5)


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        (
            Result(1, report("error", "('scripts_user', RuntimeError)")),
            Outcome.FIRST_BOOT_FAILED,
            "scripts_user",
        ),
        (subprocess.TimeoutExpired("cloud-init", 5), Outcome.FIRST_BOOT_TOO_SLOW, "after 5 s"),
        (Result(127, "No such file: cloud-init"), Outcome.BROKEN, "No such file"),
    ],
)
def test_what_went_wrong_is_told(
    tmp_path: Path, answer: Result | Exception, outcome: Outcome, words: str
) -> None:
    with pytest.raises(Failed, match=words.replace("(", r"\(")) as caught:
        await_first_boot(system(tmp_path, answer), 5)
    assert caught.value.outcome == outcome
    if outcome != Outcome.BROKEN:
        assert "E: no nginx to be had" in str(caught.value)
        assert "line 10\n" not in str(caught.value)


def test_a_log_that_is_not_there_hides_nothing(tmp_path: Path) -> None:
    broken = system(tmp_path, Result(1, "no json"))
    broken.path(OUTPUT_LOG).unlink()
    with pytest.raises(Failed, match="No such file"):
        await_first_boot(broken, 5)
