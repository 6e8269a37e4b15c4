"""Commands are waited for, whatever the agent and the cloud do meanwhile."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from infra.rollout.assistant import Assistant, AssistantError, Command

COMMAND = Command(name="n-1", script="#!/bin/sh\n", timeout_s=60, tags={"stack": "dev"})


@dataclass
class Ecs:
    """Answers each action in turn, the last answer for ever, while its clock goes on."""

    agent: list[bool] = field(default_factory=lambda: [True])
    rows: list[dict[str, Any]] = field(default_factory=list)
    under_way: list[list[str]] = field(default_factory=lambda: [[]])
    now: float = 0
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def call(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((action, params))
        match action:
            case "DescribeCloudAssistantStatus":
                rows = [{"CloudAssistantStatus": str(_next(self.agent)).lower()}]
                return {"InstanceCloudAssistantStatusSet": {"InstanceCloudAssistantStatus": rows}}
            case "DescribeInvocations":
                found = [{"InvokeId": f"t-{name}", "CommandName": name} for name in _next(self.under_way)]
                return {"Invocations": {"Invocation": found}}
            case "RunCommand":
                return {"InvokeId": f"t-{self.count('RunCommand')}"}
        return {"Invocation": {"InvocationResults": {"InvocationResult": [_next(self.rows)]}}}

    def count(self, action: str) -> int:
        return sum(called == action for called, _ in self.calls)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def _next(answers: list[Any]) -> Any:
    return answers.pop(0) if len(answers) > 1 else answers[0]


def row(status: str, code: int | None = None, error: str = "", output: str = "") -> dict[str, Any]:
    shown = {} if code is None else {"ExitCode": code}
    text = base64.b64encode(output.encode()).decode()
    return {"InvocationStatus": status, "ErrorCode": error, "Output": text, **shown}


def assistant(ecs: Ecs) -> Assistant:
    return Assistant(ecs, "i-1", sleep=ecs.sleep, clock=lambda: ecs.now)


def test_a_command_is_given_whole_and_its_end_awaited() -> None:
    ecs = Ecs(rows=[row("Pending"), row("Running"), row("Success", 0, output="fine\n")])
    result = assistant(ecs).run(COMMAND, 30)
    assert (result.exit_code, result.output, result.invoke_id) == (0, "fine", "t-1")
    (given,) = [params for action, params in ecs.calls if action == "RunCommand"]
    assert base64.b64decode(given["CommandContent"]).decode() == COMMAND.script
    assert given["Name"] == "n-1"
    assert given["InstanceId"] == ["i-1"]
    assert given["Timeout"] == 60
    assert given["Tag"] == [{"Key": "stack", "Value": "dev"}]
    assert given["ClientToken"]


def test_a_command_that_fails_is_a_result() -> None:
    result = assistant(Ecs(rows=[row("Failed", 22, "ExitCodeNonzero", "no")])).run(COMMAND, 30)
    assert (result.exit_code, result.output) == (22, "no")


def test_an_agent_that_comes_late_is_waited_for() -> None:
    ecs = Ecs(agent=[False, False, True], rows=[row("Success", 0)])
    assistant(ecs).run(COMMAND, 30)
    assert ecs.count("DescribeCloudAssistantStatus") == 3
    assert ecs.count("RunCommand") == 1


def test_an_agent_that_goes_away_before_the_command_begins_is_waited_for() -> None:
    ecs = Ecs(rows=[row("Aborted", None, "ClientNotRunning"), row("Success", 0)])
    assert assistant(ecs).run(COMMAND, 30).invoke_id == "t-2"


def test_an_agent_that_never_comes_is_told() -> None:
    ecs = Ecs(agent=[False])
    with pytest.raises(AssistantError, match="agent of i-1 has not answered for 30 s") as caught:
        assistant(ecs).run(COMMAND, 30)
    assert "oss-proxy:bootTimeoutSeconds" in caught.value.fix
    assert ecs.count("RunCommand") == 0


@pytest.mark.parametrize(
    ("status", "error"),
    [("Timeout", "ExecutionTimeout"), ("Error", "InstanceReleased"), ("Cancelled", "")],
)
def test_a_command_without_an_end_of_its_own_is_told(status: str, error: str) -> None:
    ecs = Ecs(rows=[row(status, None, error, "got this far")])
    with pytest.raises(AssistantError, match=f"ended as {status}") as caught:
        assistant(ecs).run(COMMAND, 30)
    assert "got this far" in str(caught.value)
    assert "run `pulumi up` again" in caught.value.fix


def test_a_result_that_never_comes_is_told() -> None:
    ecs = Ecs(rows=[row("Running")])
    with pytest.raises(AssistantError, match="ended as Running"):
        assistant(ecs).run(COMMAND, 30)
    assert ecs.now > COMMAND.timeout_s


def test_commands_under_way_are_waited_for() -> None:
    ecs = Ecs(under_way=[["n-0", "other"], ["n-0"], ["other"]])
    assistant(ecs).await_idle("n", 30)
    assert ecs.count("DescribeInvocations") == 3


def test_a_command_that_does_not_end_is_named() -> None:
    ecs = Ecs(under_way=[["n-0"]])
    with pytest.raises(AssistantError, match="t-n-0 still runs on i-1 after 30 s") as caught:
        assistant(ecs).await_idle("n", 30)
    assert "StopInvocation --InvokeId t-n-0" in caught.value.fix
