"""What a preview's log of events is turned into: a report, and a verdict on a deploy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ci.changes import REFUSED, Change, IncompleteError, main, read_changes, refused, report, without_secrets

URN = "urn:pulumi:prod::oss-proxy::oss-proxy:infra:Proxy$alicloud:ecs/instance:Instance::"


def step(
    op: str, name: str, *, type: str = "alicloud:ecs/instance:Instance", custom: bool = True, **more: Any
) -> dict[str, Any]:
    return {
        "resourcePreEvent": {
            "metadata": {"op": op, "urn": URN + name, "type": type, "new": {"custom": custom}, **more}
        }
    }


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "events"


def write(log: Path, *events: dict[str, Any], complete: bool = True) -> Path:
    ends = [{"summaryEvent": {"resourceChanges": {}}}] if complete else []
    log.write_text("".join(json.dumps(event) + "\n" for event in [{"preludeEvent": {}}, *events, *ends]))
    return log


def judge(log: Path, allow: str = "") -> int:
    return main(["judge", "--stack", "prod", "--events", str(log), "--allow", allow])


def test_the_changes_of_a_preview_those_that_destroy_first(log: Path) -> None:
    write(
        log,
        step("same", "unchanged"),
        step("create", "made"),
        step("update", "changed", diffs=["bandwidth"]),
        step("delete-replaced", "replaced", keys=["userData"]),
        step("replace", "replaced", keys=["userData"]),
        step("create-replacement", "replaced", keys=["userData", "imageId"]),
        step("delete", "gone"),
        step("update", "plug-in", type="pulumi:providers:alicloud"),
        step("delete", "old plug-in", type="pulumi:providers:alicloud"),
        step("create", "group", type="oss-proxy:infra:Proxy", custom=False),
    )
    type_ = "alicloud:ecs/instance:Instance"
    assert read_changes(log) == [
        Change("gone", "delete", type_),
        Change("replaced", "replace", type_, ("userData", "imageId")),
        Change("changed", "update", type_, ("bandwidth",)),
        Change("made", "create", type_),
    ]


@pytest.mark.parametrize(
    "operation",
    ["delete", "replace", "discard-replaced", "remove-pending-replace", "import-replacement", "yet-unknown"],
)
def test_whatever_is_not_known_to_be_harmless_is_refused(
    log: Path, operation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(log, step(operation, "a"))
    assert judge(log) == REFUSED
    assert "DEPLOY_ALLOW='a' ci/deploy prod" in capsys.readouterr().err


@pytest.mark.parametrize("operation", ["same", "create", "update", "read", "refresh", "import"])
def test_what_loses_nothing_passes(log: Path, operation: str) -> None:
    assert judge(write(log, step(operation, "a"))) == 0


def test_names_allow_what_they_name_and_nothing_else(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(log, step("delete", "a"), step("replace", "b"))
    assert judge(log, "a") == REFUSED
    said = capsys.readouterr().err
    assert "  replace  b" in said
    assert "  delete" not in said
    assert "DEPLOY_ALLOW='a b'" in said
    assert judge(log, "b, a") == 0
    assert judge(log, "all") == 0
    assert judge(log, "A") == REFUSED
    assert refused(read_changes(log), "") == read_changes(log)


@pytest.mark.parametrize("text", [None, "", "not json\n", '{"resourcePreEvent": {}}\n', "[]\n", '{"a": 1}\n'])
def test_a_log_without_an_end_is_refused(
    log: Path, text: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        log.write_text(text)
    with pytest.raises(IncompleteError):
        read_changes(log)
    assert judge(log, "all") == REFUSED
    assert "nothing was changed" in capsys.readouterr().err


def test_a_report(log: Path) -> None:
    changes = read_changes(write(log, step("replace", "a", keys=["userData"]), step("update", "b|`c")))
    text = report("prod", changes, "~ instance\n", 0)
    assert text.startswith(
        "<!-- oss-proxy preview of prod -->\n### Preview of `prod`: 1 to replace, 1 to update\n"
    )
    assert "| **replace** | `a` | `alicloud:ecs/instance:Instance` | `userData` |" in text
    assert "| update | `b c` |" in text
    assert "until it is allowed by name" in text
    assert "<details><summary>" in text
    assert "```text\n~ instance\n```" in text


def test_reports_of_nothing_and_of_failure() -> None:
    assert "`prod`: no change\n" in report("prod", [], "", 0)
    failed = report("prod", None, "error: allowedCidrs", 1)
    assert "`prod`: it failed, and a deploy would\n" in failed
    assert "<details open>" in failed
    assert "error: allowedCidrs" in failed


def test_a_text_cannot_leave_its_fence_and_is_not_longer_than_a_comment() -> None:
    text = report("prod", [], "````\n@everybody\n", 0)
    assert "\n`````text\n````\n@everybody\n`````\n" in text
    long = report("prod", [], "x" * 100_000, 0)
    assert len(long) < 65_000
    assert "shortened" in long


def test_values_of_secret_variables_are_taken_out(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret-of-the-key")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "passphrase of many words")
    shown = tmp_path / "text"
    shown.write_text("error: secret-of-the-key, passphrase of many words, LTAI")
    main(["report", "--stack", "prod", "--events", str(write(log)), "--text", str(shown)])
    said = capsys.readouterr().out
    assert "error: [secret], [secret], LTAI" in said
    assert without_secrets("a passphrase", {"PASSPHRASE": "a", "HOME": "passphrase"}) == "a passphrase"
