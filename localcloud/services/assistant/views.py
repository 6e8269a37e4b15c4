"""How commands look in answers; the shapes are those of the official SDK's models.

Source of the statuses and error texts:
https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinvocationresults and
.../api-ecs-2014-05-26-describeinvocations (2026-11-23).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from localcloud.services.assistant.models import ErrorCode, Invocation, Run, RunStatus
from localcloud.services.ecs.views import tag_list
from localcloud.services.ids import to_seconds

_ERROR_TEXTS: Mapping[ErrorCode, str] = {
    "": "",
    "InstanceNotRunning": "the instance is not running when create task.",
    "InstanceReleased": "the instance has released when create task.",
    "ClientNotRunning": "the aliyun service is not running on the instance.",
    "DirectoryNotExists": "the specified directory does not exists.",
    "ExecutionTimeout": "the command execution has been timeout.",
    "ExecutionException": "the command execution got an exception.",
    "ExecutionInterrupted": "the command execution has been interrupted.",
    "ExitCodeNonzero": "the command execution exit code is not zero.",
}
# The older status: Finished tells only that the command ended by itself, whatever its exit status.
_RECORD_STATUSES: Mapping[RunStatus, str] = {
    "Pending": "Running",
    "Running": "Running",
    "Success": "Finished",
    "Failed": "Finished",
    "Timeout": "Failed",
    "Invalid": "Failed",
    "Aborted": "Failed",
    "Error": "Failed",
    "Cancelled": "Stopped",
    "Terminated": "Stopped",
}
_STOPPED = frozenset({"Cancelled", "Terminated"})


def record_status(run: Run) -> str:
    """Returns the InvokeRecordStatus of a command on one instance."""
    return _RECORD_STATUSES[run.status]


def overall_status(statuses: Sequence[RunStatus]) -> str:
    """Returns the InvocationStatus of a command over all its instances."""
    for active in ("Pending", "Running"):
        if active in statuses:
            return active
    outcomes = set(statuses) - _STOPPED
    if not outcomes:
        return "Stopped"
    if outcomes == {"Success"}:
        return "Success"
    return "PartialFailed" if "Success" in outcomes else "Failed"


def overall_record_status(runs: Sequence[Run]) -> str:
    """Returns the older InvokeStatus of a command over all its instances."""
    statuses = {record_status(run) for run in runs}
    if "Running" in statuses:
        return "Running"
    outcomes = statuses - {"Stopped"}
    if len(outcomes) > 1:
        return "PartialFailed"
    return outcomes.pop() if outcomes else "Stopped"


def result_view(invocation: Invocation, run: Run, *, plain: bool) -> dict[str, Any]:
    """Returns a command on one instance as DescribeInvocationResults shows it.

    Args:
        invocation: The command.
        run: The instance's part.
        plain: Whether the output is shown as text instead of Base64.
    """
    return {
        "InvokeId": invocation.invoke_id,
        "CommandId": invocation.command_id,
        "InstanceId": run.instance_id,
        "InvocationStatus": run.status,
        "InvokeRecordStatus": record_status(run),
        **_outcome(run, plain=plain),
        "StartTime": _moment(run.started),
        "FinishedTime": _moment(run.finished),
        "StopTime": _moment(run.stopped),
        "Repeats": int(run.started is not None),
        "Username": invocation.username,
        "TerminationMode": invocation.termination_mode,
        **_NO_CONTAINER,
        **_NO_DELIVERY,
        "OssOutputDelivery": "",
        "Tags": tag_list(invocation.tags),
    }


def invocation_view(
    invocation: Invocation, runs: Sequence[Run], *, plain: bool, with_output: bool
) -> dict[str, Any]:
    """Returns a command as DescribeInvocations shows it.

    Args:
        invocation: The command.
        runs: Those of its parts that were asked for.
        plain: Whether content and output are shown as text instead of Base64.
        with_output: Whether the output is shown.
    """
    return {
        "InvokeId": invocation.invoke_id,
        "CommandId": invocation.command_id,
        "CommandName": invocation.name,
        "CommandDescription": invocation.description,
        "CommandType": "RunShellScript",
        "CommandContent": _encode(invocation.content, plain=plain),
        "CreationTime": to_seconds(invocation.created),
        "InvocationStatus": overall_status([run.status for run in invocation.runs]),
        "InvokeStatus": overall_record_status(invocation.runs),
        "RepeatMode": "Once",
        "Frequency": "",
        "Timed": False,
        "Timeout": invocation.timeout_s,
        "WorkingDir": invocation.working_dir,
        "Username": invocation.username,
        "TerminationMode": invocation.termination_mode,
        "Parameters": "{}",
        **_NO_CONTAINER,
        "OssOutputDelivery": "",
        "InvokeInstances": {
            "InvokeInstance": [_instance_view(run, plain=plain, with_output=with_output) for run in runs]
        },
        "Tags": tag_list(invocation.tags),
    }


_NO_CONTAINER = {"ContainerId": "", "ContainerName": "", "Launcher": ""}
_NO_DELIVERY = {
    "OssOutputStatus": "",
    "OssOutputUri": "",
    "OssOutputErrorCode": "",
    "OssOutputErrorInfo": "",
}


def _instance_view(run: Run, *, plain: bool, with_output: bool) -> dict[str, Any]:
    outcome = _outcome(run, plain=plain)
    if not with_output:
        outcome["Output"] = ""
    return {
        "InstanceId": run.instance_id,
        "InvocationStatus": run.status,
        "InstanceInvokeStatus": record_status(run),
        **outcome,
        "CreationTime": to_seconds(run.created),
        "StartTime": _moment(run.started),
        "FinishTime": _moment(run.finished),
        "StopTime": _moment(run.stopped),
        "UpdateTime": to_seconds(run.updated),
        "Repeats": int(run.started is not None),
        "Timed": False,
        **_NO_DELIVERY,
    }


def _outcome(run: Run, *, plain: bool) -> dict[str, Any]:
    code = {} if run.exit_code is None else {"ExitCode": run.exit_code}
    return {
        **code,
        "ErrorCode": run.error,
        "ErrorInfo": _ERROR_TEXTS[run.error],
        "Output": _encode(run.output.kept, plain=plain),
        "Dropped": run.output.dropped,
    }


def _encode(data: bytes, *, plain: bool) -> str:
    return data.decode(errors="replace") if plain else base64.b64encode(data).decode()


def _moment(moment: datetime | None) -> str:
    return to_seconds(moment) if moment else ""
