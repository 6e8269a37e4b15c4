"""The command that a person runs after an interrupted update."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra import sdk
from infra.dns.names import RECORD_TYPE
from infra.recovery import __main__ as command
from infra.recovery import commands
from infra.recovery.found import Found
from infra.recovery.state import parse
from tests.unit.fake_dns import FakeDns, row
from tests.unit.recovery.world import deployment, found, pending, resource

Run = Callable[..., int]


class Desk:
    """A stack whose state and cloud are a test's; remembers what was done."""

    def __init__(self) -> None:
        self.deployment = deployment(resource("vpc", "vpc-1"))
        self.listed: list[Found] = [found("vpc", "vpc-1", used=True)]
        self.asked: list[str] = []
        self.done: list[Any] = []
        self.settings: dict[str, str] = {}
        self.dns = FakeDns()


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()

    class Read:
        def __init__(self, stack: str | None) -> None:
            self.stack = stack

        def __enter__(self) -> Read:
            return self

        def __exit__(self, *error: object) -> None:
            """Nothing is open."""

        def result(self) -> Any:
            return parse(desk.deployment)

    monkeypatch.setattr(commands, "PendingState", Read)
    monkeypatch.setattr(commands, "settings_of", lambda stack: desk.settings)
    monkeypatch.setattr("infra.recovery.dns.RpcClient", lambda api, region: desk.dns)
    monkeypatch.setattr(commands, "replace", lambda state, stack: desk.done.append(("replace", state, stack)))
    monkeypatch.setattr(commands, "refresh", lambda stack: desk.done.append(("refresh", stack)) or 0)
    monkeypatch.setattr(command, "list_resources", lambda region, naming: desk.listed)
    monkeypatch.setattr(
        command, "delete", lambda orphans, *rest: desk.done.append(("delete", [one.id for one in orphans]))
    )
    monkeypatch.setattr(sdk, "caller_uid", lambda region: "1234567890123456")
    return desk


@pytest.fixture
def run(desk: Desk) -> Run:
    def run(*words: str, answer: str = "") -> int:
        return command.main(words, ask=lambda question: desk.asked.append(question) or answer)

    return run


def test_it_shows_asks_deletes_mends_and_refreshes(
    desk: Desk, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.listed += [found("vpc", "vpc-2"), found("eip", "eip-2")]
    desk.deployment = deployment(resource("vpc", "vpc-1"), operations=[pending("creating", "eip")])
    assert run("--stack", "dev", answer="y") == 0
    shown = capsys.readouterr().out
    assert "not in the state: eip-2" in shown
    assert "not in the state: vpc-2" in shown
    assert "vpc-1" not in shown
    assert "interrupted while creating proxy-eip" in shown
    assert desk.asked == ["Delete these 2 resources? [y/N] "]
    (deleted, (_, mended, stack), refreshed) = desk.done
    assert deleted == ("delete", ["eip-2", "vpc-2"])
    assert (parse(mended).interrupted, stack) == ([], "dev")
    assert refreshed == ("refresh", "dev")


@pytest.mark.parametrize("answer", ["", "n", "no", "yep"])
def test_without_a_yes_nothing_happens(desk: Desk, run: Run, answer: str) -> None:
    desk.listed.append(found("vpc", "vpc-2"))
    assert run(answer=answer) == 1
    assert desk.done == []


def test_where_nobody_can_be_asked_nothing_happens(desk: Desk) -> None:
    def nobody(question: str) -> str:
        raise EOFError

    desk.listed.append(found("vpc", "vpc-2"))
    assert command.main([], ask=nobody) == 1
    assert desk.done == []


def test_with_yes_it_does_not_ask(desk: Desk, run: Run) -> None:
    desk.listed.append(found("vpc", "vpc-2"))
    assert run("--yes") == 0
    assert (desk.asked, desk.done[0]) == ([], ("delete", ["vpc-2"]))


def test_where_nothing_was_left_it_only_refreshes(desk: Desk, run: Run) -> None:
    assert run() == 0
    assert desk.asked == []
    assert desk.done == [("delete", []), ("refresh", "dev")]


def test_what_another_stack_of_the_same_name_uses_is_never_deleted(
    desk: Desk, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.listed += [found("vpc", "vpc-2"), found("eip", "eip-2", used=True)]
    assert run("--yes") == 1
    assert "whose state is elsewhere" in capsys.readouterr().err
    assert desk.done == []


def test_records_of_the_stack_that_its_state_does_not_know_go_too_and_no_others(
    desk: Desk, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    half_made = {"urn": "urn:pulumi:dev::oss-proxy::T::proxy-dns-b.example.com", "type": RECORD_TYPE}
    known = {
        "urn": "urn:pulumi:dev::oss-proxy::T::proxy-dns-example.com",
        "type": RECORD_TYPE,
        "id": "1",
        "inputs": {"domainName": "example.com", "rr": "@"},
    }
    desk.deployment = deployment(
        resource("vpc", "vpc-1"),
        resource("eip", "eip-1", outputs={"ipAddress": "203.0.113.9"}),
        known,
        operations=[
            {
                "type": "creating",
                "resource": {
                    **half_made,
                    "custom": True,
                    "inputs": {"domainName": "example.com", "rr": "b"},
                },
            }
        ],
    )
    desk.settings = {"oss-proxy:dnsZone": "example.com", "oss-proxy:domainNames": '["a.example.com"]'}
    own = {"Remark": "oss-proxy-dev-dns-record"}
    desk.dns.rows = [
        row("1", "example.com", "A", "203.0.113.9", **own),
        row("2", "a.example.com", "A", "203.0.113.8", **own),
        row("3", "b.example.com", "A", "203.0.113.9"),
        row("4", "b.example.com", "A", "203.0.113.7"),
        # By hand, as it seems: its making was not interrupted.
        row("5", "a.example.com", "A", "203.0.113.9"),
        row("6", "a.example.com", "TXT", "text", **own),
    ]
    assert run(answer="y") == 0
    assert desk.asked == ["Delete these 2 resources? [y/N] "]
    shown = capsys.readouterr().out
    assert "not in the state: 2 (the record a.example.com)" in shown
    assert "deleted 3 (the record b.example.com)" in shown
    assert [one["RecordId"] for one in desk.dns.rows] == ["1", "4", "5", "6"]


def test_with_its_domain_a_record_is_gone(desk: Desk, run: Run) -> None:
    desk.settings = {"oss-proxy:dnsZone": "example.org", "oss-proxy:domainNames": '["a.example.org"]'}
    assert run() == 0


def test_credentials_of_another_account_are_refused(
    desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sdk, "caller_uid", lambda region: "9")
    assert run("--yes") == 1
    assert "made in account 1234567890123456" in capsys.readouterr().err
    assert desk.done == []


def test_before_the_first_update_there_is_nothing(desk: Desk, run: Run) -> None:
    desk.deployment = {}
    assert run() == 0
    assert desk.done == []


@pytest.fixture
def pulumi(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Puts a script in the place of `pulumi`; it may write to the file that is returned."""

    def put(script: str) -> Path:
        executable = tmp_path / "pulumi"
        executable.write_text(f"#!/bin/sh\nout={tmp_path / 'out'}\n{script}\n")
        executable.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        return tmp_path / "out"

    return put


class TestPulumi:
    def test_the_state_is_exported_for_one_stack(self, pulumi: Callable[[str], Path]) -> None:
        text = json.dumps({"version": 3, "deployment": deployment(resource("vpc", "vpc-1"))})
        out = pulumi(f"echo \"$@\" >$out; cat <<'END'\n{text}\nEND")
        with commands.PendingState("org/oss-proxy/dev") as pending_state:
            assert "vpc-1" in pending_state.result().ids
        assert out.read_text() == "--non-interactive stack export --stack org/oss-proxy/dev\n"

    def test_a_refusal_is_told(self, pulumi: Callable[[str], Path]) -> None:
        pulumi("echo 'no stack named x found' >&2; exit 1")
        with commands.PendingState(None) as pending_state, pytest.raises(commands.StateError) as caught:
            pending_state.result()
        assert "no stack named x found" in str(caught.value)
        with pytest.raises(commands.StateError, match="no stack named x found"):
            commands.replace({}, "dev")

    def test_no_process_outlives_the_program(self, pulumi: Callable[[str], Path]) -> None:
        pulumi("exec sleep 60")
        with commands.PendingState(None) as pending_state:
            process = pending_state._process
        assert process.returncode is not None

    def test_a_state_is_written_as_it_was_exported(self, pulumi: Callable[[str], Path]) -> None:
        out = pulumi('echo "$@" >$out; cat >>$out')
        commands.replace({"resources": []}, "dev")
        words, text = out.read_text().splitlines()
        assert words == "--non-interactive stack import --stack dev"
        assert json.loads(text) == {"version": 3, "deployment": {"resources": []}}

    def test_a_refresh_asks_nothing_and_tells_how_it_ended(self, pulumi: Callable[[str], Path]) -> None:
        out = pulumi('echo "$@" >$out; exit 3')
        assert commands.refresh("dev") == 3
        assert out.read_text() == "--non-interactive refresh --stack dev --yes --skip-preview\n"

    def test_what_changes_the_state_is_the_command_that_a_person_would_run(
        self, pulumi: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        # Such as one that keeps salts out of the settings; the program's own look at the state is not its.
        out = pulumi('echo "own $@" >$out')
        (tmp_path / "bin").mkdir()
        wrapper = tmp_path / "bin/pulumi"
        wrapper.write_text(f"#!/bin/sh\necho usual >{out}\n")
        wrapper.chmod(0o755)
        monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
        assert commands.refresh("dev") == 0
        assert out.read_text() == "usual\n"

    def test_a_pulumi_that_is_not_there(self, pulumi: Callable[[str], Path], monkeypatch: Any) -> None:
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(commands.StateError, match="could not be run"):
            commands.PendingState(None)
