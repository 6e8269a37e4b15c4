"""Cloud Assistant: what becomes of commands that were given to instances."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models

from tests.localcloud.api.assistant_desk import SCRIPT, Desk
from tests.localcloud.api.harness import AT_LEISURE, REGION


def test_the_status_follows_the_agent_and_counts_commands(desk: Desk) -> None:
    desk.cloud.fabric.agents_down.add(desk.instance)
    row = desk.status()
    assert (row.cloud_assistant_status, row.last_heartbeat_time, row.ostype) == ("false", "", "Linux")
    desk.cloud.fabric.agents_down.clear()
    desk.finish()
    row = desk.status()
    assert (row.cloud_assistant_status, row.invocation_count, row.active_task_count) == ("true", 1, 0)
    assert row.cloud_assistant_version
    assert row.last_heartbeat_time
    assert row.last_invoked_time


def test_a_stopped_instance_has_no_agent(desk: Desk) -> None:
    desk.cloud.ecs.stop_instance(models.StopInstanceRequest(instance_id=desk.instance))
    desk.cloud.settle()
    assert desk.status().cloud_assistant_status == "false"


def test_success_with_output(desk: Desk) -> None:
    desk.cloud.fabric.output = [b"hel", b"lo\n"]
    let_go = desk.cloud.hold("run_command")
    invoke_id = desk.run(timeout=77, working_dir="/srv", username="root")
    desk.wait_until_running(invoke_id)
    running = desk.result(invoke_id)
    assert (running.invocation_status, running.output) == ("Running", "hello\n")
    assert (running.exit_code, running.finished_time) == (None, "")
    let_go()
    desk.cloud.settle()
    result = desk.result(invoke_id)
    assert (result.invocation_status, result.invoke_record_status) == ("Success", "Finished")
    assert (result.exit_code, result.output, result.dropped) == (0, "hello\n", 0)
    assert (result.error_code, result.error_info, result.repeats) == ("", "", 1)
    assert result.start_time
    assert result.finished_time >= result.start_time
    assert base64.b64decode(desk.result(invoke_id, content_encoding="").output) == b"hello\n"
    ((instance_id, argv, stdin, timeout_s),) = desk.cloud.fabric.named("run_command")
    assert (instance_id, stdin, timeout_s) == (desk.instance, SCRIPT.encode(), 77)
    assert argv[-2:] == [invoke_id, "/srv"]


def test_a_failure_keeps_its_output(desk: Desk) -> None:
    desk.cloud.fabric.output, desk.cloud.fabric.exit_code = [b"nginx: [emerg]\n"], 3
    result = desk.finish()
    assert (result.invocation_status, result.invoke_record_status) == ("Failed", "Finished")
    assert (result.exit_code, result.output) == (3, "nginx: [emerg]\n")
    assert (result.error_code, result.error_info) == (
        "ExitCodeNonzero",
        "the command execution exit code is not zero.",
    )


def test_a_time_out_keeps_what_was_written(desk: Desk) -> None:
    desk.cloud.fabric.output, desk.cloud.fabric.times_out = [b"begun\n"], True
    result = desk.finish()
    assert (result.invocation_status, result.invoke_record_status) == ("Timeout", "Failed")
    assert (result.error_code, result.exit_code, result.output) == ("ExecutionTimeout", None, "begun\n")


def test_only_the_end_of_long_output_is_kept(desk: Desk) -> None:
    desk.cloud.fabric.output = [b"a" * 1000, b"b" * 24 * 1024]
    result = desk.finish()
    assert (result.output, result.dropped) == ("b" * 24 * 1024, 1000)


@pytest.mark.parametrize("how", ["agent", "machinery", "folder"])
def test_a_command_that_cannot_run(desk: Desk, how: str) -> None:
    fabric = desk.cloud.fabric
    fabric.agents_down = {desk.instance} if how == "agent" else set()
    fabric.fails = {"run_command"} if how == "machinery" else set()
    fabric.folders_missing = {"/nowhere"}
    result = desk.finish(working_dir="/nowhere" if how == "folder" else None)
    assert (result.invocation_status, result.error_code) == {
        "agent": ("Aborted", "ClientNotRunning"),
        "machinery": ("Error", "ExecutionException"),
        "folder": ("Invalid", "DirectoryNotExists"),
    }[how]
    assert result.invoke_record_status == "Failed"


def test_agent_and_command_fail_on_order(desk: Desk) -> None:
    desk.cloud.faults.add("assistant:Agent", "error", times=2)
    assert desk.status().cloud_assistant_status == "false"
    assert desk.finish().error_code == "ClientNotRunning"
    assert desk.status().cloud_assistant_status == "true"
    desk.cloud.faults.add("assistant:Command", "error")
    result = desk.finish()
    assert (result.invocation_status, result.exit_code, result.output) == ("Failed", 1, "failed on order\n")
    assert desk.cloud.fabric.named("run_command") == []
    assert desk.finish().invocation_status == "Success"


def test_a_stopped_instance_takes_no_command(desk: Desk) -> None:
    desk.cloud.ecs.stop_instance(models.StopInstanceRequest(instance_id=desk.instance))
    desk.cloud.settle()
    result = desk.finish()
    assert (result.invocation_status, result.error_code) == ("Aborted", "InstanceNotRunning")
    assert desk.cloud.fabric.named("run_command") == []


def test_a_command_is_stopped(desk: Desk) -> None:
    desk.cloud.hold("run_command")
    invoke_id = desk.run()
    desk.wait_until_running(invoke_id)
    assert desk.status().active_task_count == 1
    desk.stop(invoke_id, instance_id=[desk.instance])
    result = desk.result(invoke_id)
    assert (result.invocation_status, result.invoke_record_status) == ("Terminated", "Stopped")
    assert result.stop_time
    assert desk.cloud.fabric.ended_early == [desk.instance]
    assert desk.invocation(invoke_id).invocation_status == "Stopped"


@pytest.mark.parametrize("delays", [dataclasses.replace(AT_LEISURE, command_s=60)], ids=["late"])
def test_a_command_is_stopped_before_it_begins(desk: Desk) -> None:
    invoke_id = desk.run()
    desk.stop(invoke_id)
    desk.stop(invoke_id)
    assert desk.result(invoke_id).invocation_status == "Cancelled"
    desk.cloud.settle()
    assert desk.cloud.fabric.named("run_command") == []


@pytest.mark.parametrize(("release", "code"), [(True, "InstanceReleased"), (False, "ExecutionInterrupted")])
def test_a_command_ends_with_its_instance(desk: Desk, release: bool, code: str) -> None:
    desk.cloud.hold("run_command")
    invoke_id = desk.run()
    desk.wait_until_running(invoke_id)
    if release:
        desk.cloud.delete_instance(desk.instance)
    else:
        desk.cloud.ecs.stop_instance(models.StopInstanceRequest(instance_id=desk.instance))
        desk.cloud.settle()
    result = desk.result(invoke_id)
    assert (result.invocation_status, result.error_code) == ("Error", code)
    assert desk.cloud.fabric.ended_early == [desk.instance]


def test_closing_the_cloud_ends_commands(desk: Desk) -> None:
    desk.cloud.hold("run_command")
    desk.wait_until_running(desk.run())
    desk.cloud.run(desk.cloud.services.close())
    assert desk.cloud.fabric.ended_early == [desk.instance]


def test_several_instances_and_the_list_of_commands(desk: Desk) -> None:
    other = desk.cloud.make_instance(desk.site.vswitch, desk.site.group)
    desk.cloud.fabric.agents_down.add(other)
    desk.cloud.fabric.output = [b"out"]
    tag = models.RunCommandRequestTag(key="stack", value="dev")
    invoke_id = desk.run(instance_id=[desk.instance, other], name="apply", tag=[tag])
    desk.cloud.settle()
    assert {row.instance_id: row.invocation_status for row in desk.results(invoke_id=invoke_id)} == {
        desk.instance: "Success",
        other: "Aborted",
    }
    shown = desk.invocation(invoke_id, content_encoding="PlainText", include_output=True)
    assert (shown.invocation_status, shown.invoke_status) == ("PartialFailed", "PartialFailed")
    assert (shown.command_name, shown.command_content, shown.timeout) == ("apply", SCRIPT, 60)
    assert [(tag.tag_key, tag.tag_value) for tag in shown.tags.tag] == [("stack", "dev")]
    assert [row.output for row in shown.invoke_instances.invoke_instance] == ["out", ""]
    assert base64.b64decode(desk.invocation(invoke_id).command_content) == SCRIPT.encode()


def test_results_are_found_by_what_they_are_and_in_pages(desk: Desk) -> None:
    first, second = desk.finish().invoke_id, desk.finish().invoke_id
    assert [row.invoke_id for row in desk.results()] == [second, first]
    assert [row.invoke_id for row in desk.results(page_size=1, page_number=2)] == [first]
    request = models.DescribeInvocationResultsRequest(region_id=REGION, max_results=1)
    answer = desk.cloud.ecs.describe_invocation_results(request).body.invocation
    assert [row.invoke_id for row in desk.results(max_results=1, next_token=answer.next_token)] == [first]
    assert desk.results(invoke_record_status="Running") == []
    assert desk.results(instance_id="i-other") == []
    assert desk.results(invoke_id="t-unknown") == []


def test_strangers_see_nothing(desk: Desk, refused: Callable[..., Any]) -> None:
    invoke_id = desk.finish().invoke_id
    stranger = desk.cloud.client(type(desk.cloud.ecs), desk.cloud.stranger)
    request = models.DescribeInvocationResultsRequest(region_id=REGION, invoke_id=invoke_id)
    found = stranger.describe_invocation_results(request).body.invocation.invocation_results
    assert found.invocation_result == []
    refused("InvalidInstance.NotFound", 404, stranger.run_command, desk.order())
    stop = models.StopInvocationRequest(region_id=REGION, invoke_id=invoke_id)
    refused("InvalidInvokeId.NotFound", 404, stranger.stop_invocation, stop)


def test_the_same_token_runs_once(desk: Desk, refused: Callable[..., Any]) -> None:
    assert desk.run(client_token="once") == desk.run(client_token="once")
    desk.cloud.settle()
    assert len(desk.cloud.fabric.named("run_command")) == 1
    again = desk.order(client_token="once", command_content="other")
    refused("IdempotentParameterMismatch", 400, desk.cloud.ecs.run_command, again)
