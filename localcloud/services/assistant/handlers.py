"""The actions of Cloud Assistant.

Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-runcommand and its
sister pages (2026-11-23). Whether a command is taken for an instance that is not Running, or whose agent is
not there, is not told there in so many words; here it is taken and then Aborted, with the ErrorCode that is
documented for the case.
"""

from __future__ import annotations

import asyncio
from typing import Any

from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import missing_parameter, not_modelled
from localcloud.rpc.params import Params
from localcloud.services.assistant import errors, runner
from localcloud.services.assistant.models import Invocation, Run
from localcloud.services.assistant.orders import find_instances, read_order
from localcloud.services.assistant.views import (
    invocation_view,
    overall_record_status,
    record_status,
    result_view,
)
from localcloud.services.context import Call, Handler
from localcloud.services.ecs.models import Instance
from localcloud.services.ids import new_id, to_seconds
from localcloud.services.paging import page
from localcloud.services.tags import matches

AGENT_VERSION = "2.2.3.857"
_RECORDS_KEPT = 10_000
_LARGEST_PAGE = 50


async def describe_cloud_assistant_status(call: Call) -> Answer:
    """Tells of instances whether their agent takes commands; asks each instance itself."""
    params = call.params
    asked = find_instances(call, needed=False)
    if params.text("OSType", "Linux") != "Linux":
        asked = []
    if params.items("InstanceId"):
        shown, fields = asked, {"PageNumber": 1, "PageSize": len(asked), "TotalCount": len(asked)}
    else:
        cut, fields = page(asked, params, largest=_LARGEST_PAGE)
        shown = list(cut)
    there = await asyncio.gather(*(runner.agent_is_there(call.env, item) for item in shown))
    rows = [_status_view(call, item, agent) for item, agent in zip(shown, there, strict=True)]
    return {**fields, "InstanceCloudAssistantStatusSet": {"InstanceCloudAssistantStatus": rows}}


async def run_command(call: Call) -> Answer:
    """Gives a command to instances; what becomes of it is to be asked for."""
    order, env = read_order(call), call.env
    now = env.now()
    region_id = order.instances[0].region_id
    invocation = Invocation(
        invoke_id=new_id("t", region_id),
        command_id=new_id("c", region_id),
        account_uid=call.key.account_uid,
        region_id=region_id,
        created=now,
        content=order.content,
        timeout_s=order.timeout_s,
        runs=[Run(instance_id=item.instance_id, created=now, updated=now) for item in order.instances],
        name=order.name,
        description=order.description,
        working_dir=order.working_dir,
        username=order.username,
        termination_mode=order.termination_mode,
        tags=order.tags,
    )
    records = env.state.invocations
    records[invocation.invoke_id] = invocation
    if len(records) > _RECORDS_KEPT:
        del records[next(iter(records))]
    runner.start(env, invocation)
    return {"CommandId": invocation.command_id, "InvokeId": invocation.invoke_id}


async def describe_invocations(call: Call) -> Answer:
    """Lists commands, the newest first."""
    params = call.params
    with_output = params.flag("IncludeOutput")
    if with_output and not (params.text("InvokeId") or params.text("InstanceId")):
        raise missing_parameter("InvokeId")
    found = [
        (item, runs)
        for item in _selected(call)
        if (runs := _on_instance(item, params))
        and params.text("InvokeStatus") in ("", overall_record_status(item.runs))
        and params.text("CommandName") in ("", item.name)
        and params.text("CommandType") in ("", "RunShellScript")
    ]
    shown, fields = page(found, params, largest=_LARGEST_PAGE)
    rows = [
        invocation_view(item, runs, plain=_wants_text(params), with_output=with_output)
        for item, runs in shown
    ]
    return {**fields, "Invocations": {"Invocation": rows}}


async def describe_invocation_results(call: Call) -> Answer:
    """Lists what became of commands, one row for each instance, the newest first."""
    params = call.params
    if params.flag("IncludeHistory"):
        raise not_modelled("IncludeHistory=true", "every command runs once and has one result")
    wanted = params.text("InvokeRecordStatus")
    found = [
        (item, run)
        for item in _selected(call)
        for run in _on_instance(item, params)
        if wanted in ("", record_status(run), run.status)
    ]
    shown, fields = page(found, params, largest=_LARGEST_PAGE)
    rows = [result_view(item, run, plain=_wants_text(params)) for item, run in shown]
    return {"Invocation": {**fields, "InvocationResults": {"InvocationResult": rows}}}


async def stop_invocation(call: Call) -> Answer:
    """Ends a command on some or all of its instances; one that has ended stays as it is."""
    invocation = call.find(call.env.state.invocations, call.params.require("InvokeId"))
    if invocation is None:
        raise errors.invocation_not_found()
    ids = set(call.params.items("InstanceId"))
    if not ids <= {run.instance_id for run in invocation.runs}:
        raise errors.instance_not_found()
    await runner.stop(call.env, [run for run in invocation.runs if not ids or run.instance_id in ids])
    return {}


def _selected(call: Call) -> list[Invocation]:
    params = call.params
    return [
        item
        for item in reversed(call.visible(call.env.state.invocations.values()))
        if params.text("InvokeId") in ("", item.invoke_id)
        and params.text("CommandId") in ("", item.command_id)
        and matches(item.tags, params)
    ]


def _on_instance(invocation: Invocation, params: Params) -> list[Run]:
    return [run for run in invocation.runs if params.text("InstanceId") in ("", run.instance_id)]


def _wants_text(params: Params) -> bool:
    return params.text("ContentEncoding", "Base64").lower() == "plaintext"


def _status_view(call: Call, instance: Instance, there: bool) -> dict[str, Any]:
    runs = [
        run
        for invocation in call.visible(call.env.state.invocations.values())
        for run in invocation.runs
        if run.instance_id == instance.instance_id
    ]
    return {
        "InstanceId": instance.instance_id,
        "CloudAssistantStatus": "true" if there else "false",
        "CloudAssistantVersion": AGENT_VERSION if instance.heartbeat else "",
        "LastHeartbeatTime": to_seconds(instance.heartbeat) if instance.heartbeat else "",
        "InvocationCount": len(runs),
        "ActiveTaskCount": sum(run.active for run in runs),
        "LastInvokedTime": to_seconds(runs[-1].created) if runs else "",
        "OSType": "Linux",
        "SupportSessionManager": False,
    }


ACTIONS: dict[str, Handler] = {
    "DescribeCloudAssistantStatus": describe_cloud_assistant_status,
    "RunCommand": run_command,
    "DescribeInvocations": describe_invocations,
    "DescribeInvocationResults": describe_invocation_results,
    "StopInvocation": stop_invocation,
}
