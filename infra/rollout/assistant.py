"""Cloud Assistant: runs a command on an instance and waits for what becomes of it.

Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-runcommand and the
pages of DescribeCloudAssistantStatus, DescribeInvocations and DescribeInvocationResults (2026-11-24).
"""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from infra.errors import CloudError

POLL_S = 0.5
# What a command may take beyond its own time-out before its result must be there.
RESULT_MARGIN_S = 60.0
# Commands that have not ended; the older field, which the filter of DescribeInvocations knows.
_UNDER_WAY = "Running"
_ACTIVE = frozenset({"Pending", "Scheduled", "Running", "Stopping"})
_NO_AGENT = frozenset({"ClientNotRunning", "InstanceNotRunning", "ClientNetworkBlocked"})


class AssistantError(CloudError):
    """A command did not come to its end."""


class Rpc(Protocol):
    """Calls actions of ECS."""

    def call(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Calls an action; returns the answer's body."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command for an instance.

    Attributes:
        name: Its name in the records, at most 128 characters.
        script: The script.
        timeout_s: How long it may run, from 10 to 86,400 s.
        tags: The tags of its record.
    """

    name: str
    script: str
    timeout_s: float
    tags: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a command ended by itself.

    Attributes:
        exit_code: Its exit status.
        output: The last part of what it wrote, at most 24 KB.
        invoke_id: The id of its record.
    """

    exit_code: int
    output: str
    invoke_id: str


@dataclass(frozen=True)
class Assistant:
    """Cloud Assistant of one instance.

    Attributes:
        ecs: Calls actions of ECS in the instance's region.
        instance_id: The instance.
        sleep: Waits for some seconds; tests give their own.
        clock: Tells the time in seconds; tests give their own.
    """

    ecs: Rpc
    instance_id: str
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def await_agent(self, timeout_s: float) -> None:
        """Waits until the instance's agent takes commands: it starts with the system.

        Raises:
            AssistantError: When it does not within the time.
            CloudError: When ECS refuses to tell.
        """
        deadline = self.clock() + timeout_s
        while not self._has_agent():
            if self.clock() > deadline:
                raise AssistantError(
                    f"the Cloud Assistant agent of {self.instance_id} has not answered for {timeout_s:.0f} s",
                    consequence="the instance's configuration was not changed.",
                    fix="look whether the instance is running (its console output tells how far it booted), "
                    "raise oss-proxy:bootTimeoutSeconds for a slow one, then run `pulumi up` again.",
                )
            self.sleep(POLL_S)

    def await_idle(self, name: str, timeout_s: float) -> None:
        """Waits until commands of this name have ended: an update that was killed may have left one.

        Args:
            name: How the names of the commands begin.
            timeout_s: How long to wait.

        Raises:
            AssistantError: When one has not ended within the time.
            CloudError: When ECS refuses to tell.
        """
        deadline = self.clock() + timeout_s
        while running := self._under_way(name):
            if self.clock() > deadline:
                raise AssistantError(
                    f"the command {running[0]} still runs on {self.instance_id} after {timeout_s:.0f} s",
                    consequence="two changes at once would overtake each other, so nothing was changed.",
                    fix=f"wait for it or stop it (aliyun ecs StopInvocation --InvokeId {running[0]}), "
                    "then run `pulumi up` again.",
                )
            self.sleep(POLL_S)

    def run(self, command: Command, agent_timeout_s: float) -> Result:
        """Runs a command to its end.

        An agent that goes away before the command has begun is waited for.

        Args:
            command: The command; it may run twice when an answer of the cloud is lost, never at once.
            agent_timeout_s: How long to wait for the agent.

        Raises:
            AssistantError: When it did not come to an end of its own.
            CloudError: When ECS refuses it.
        """
        deadline = self.clock() + agent_timeout_s
        while True:
            self.await_agent(max(0.0, deadline - self.clock()))
            invoke_id = self._start(command)
            row = self._await_end(invoke_id, command.timeout_s + RESULT_MARGIN_S)
            status, error = str(row.get("InvocationStatus", "")), str(row.get("ErrorCode", ""))
            if status in ("Success", "Failed") and "ExitCode" in row:
                return Result(exit_code=int(row["ExitCode"]), output=_text(row), invoke_id=invoke_id)
            if error not in _NO_AGENT or self.clock() > deadline:
                raise self._unfinished(status, error, row, invoke_id)
            self.sleep(POLL_S)

    def _has_agent(self) -> bool:
        body = self.ecs.call("DescribeCloudAssistantStatus", {"InstanceId": [self.instance_id]})
        rows = body["InstanceCloudAssistantStatusSet"]["InstanceCloudAssistantStatus"]
        return any(str(row.get("CloudAssistantStatus")).lower() == "true" for row in rows)

    def _under_way(self, name: str) -> list[str]:
        wanted = {"InstanceId": self.instance_id, "InvokeStatus": _UNDER_WAY, "PageSize": 50}
        rows = self.ecs.call("DescribeInvocations", wanted)["Invocations"]["Invocation"]
        return [str(row["InvokeId"]) for row in rows if str(row.get("CommandName", "")).startswith(name)]

    def _start(self, command: Command) -> str:
        body = self.ecs.call(
            "RunCommand",
            {
                "Type": "RunShellScript",
                "Name": command.name,
                "InstanceId": [self.instance_id],
                "CommandContent": base64.b64encode(command.script.encode()).decode(),
                "ContentEncoding": "Base64",
                "Timeout": round(command.timeout_s),
                "KeepCommand": False,
                # A repeated call, after an answer that was lost, starts nothing anew.
                "ClientToken": str(uuid.uuid4()),
                "Tag": [{"Key": key, "Value": value} for key, value in command.tags.items()],
            },
        )
        return str(body["InvokeId"])

    def _await_end(self, invoke_id: str, timeout_s: float) -> Mapping[str, Any]:
        deadline = self.clock() + timeout_s
        while True:
            body = self.ecs.call(
                "DescribeInvocationResults", {"InvokeId": invoke_id, "InstanceId": self.instance_id}
            )
            rows: list[Mapping[str, Any]] = body["Invocation"]["InvocationResults"]["InvocationResult"]
            if rows and rows[0].get("InvocationStatus") not in _ACTIVE:
                return rows[0]
            if self.clock() > deadline:
                return rows[0] if rows else {}
            self.sleep(POLL_S)

    def _unfinished(self, status: str, error: str, row: Mapping[str, Any], invoke_id: str) -> AssistantError:
        output = _text(row)
        said = f"; it wrote:\n{output}" if output else ""
        return AssistantError(
            f"the command {invoke_id} on {self.instance_id} ended as {status or 'unknown'} "
            f"({error or 'no error code'}){said}",
            consequence="whether the instance has the new configuration is not certain.",
            fix="run `pulumi up` again: it brings the configuration once more, which does no harm.",
        )


def _text(row: Mapping[str, Any]) -> str:
    return base64.b64decode(str(row.get("Output") or "")).decode(errors="replace").strip()
