"""What the records of commands tell about the configuration that an instance has."""

from __future__ import annotations

import pytest

from infra.rollout.records import Seen, last_brought, read


def seen(*rows: tuple[str, str]) -> list[Seen]:
    return [
        Seen(name=f"oss-proxy-dev-configuration-{name}", instance_id="i-1", status=status)
        for name, status in rows
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        ([("aaaa", "Success")], "aaaa"),
        ([("bbbb", "Success"), ("aaaa", "Success")], "bbbb"),
        # Its result is not known, or nobody waited for it.
        ([("bbbb", "Running"), ("aaaa", "Success")], "bbbb"),
        ([("bbbb", "Timeout"), ("aaaa", "Success")], "bbbb"),
        # It took everything back.
        ([("bbbb", "Failed"), ("aaaa", "Success")], "aaaa"),
        ([("bbbb", "Failed")], None),
        # Asking for the key brings nothing.
        ([("key", "Success"), ("aaaa", "Success")], "aaaa"),
    ],
)
def test_the_last_change_that_counts(rows: list[tuple[str, str]], expected: str | None) -> None:
    assert last_brought(seen(*rows), "i-1") == expected


def test_another_instances_commands_do_not_count() -> None:
    assert last_brought(seen(("bbbb", "Success")), "i-2") is None
    assert last_brought(seen(("bbbb", "Success")), None) is None


def test_an_answer_is_read_newest_first() -> None:
    def row(name: str, moment: str) -> dict[str, object]:
        part = {"InstanceId": "i-1", "InvocationStatus": "Success"}
        return {
            "CommandName": name,
            "CreationTime": moment,
            "InvokeInstances": {"InvokeInstance": [part]},
        }

    rows = [row("old", "2026-11-24T08:00:00Z"), row("new", "2026-11-24T09:00:00Z")]
    assert [one.name for one in read({"Invocations": {"Invocation": rows}})] == ["new", "old"]
