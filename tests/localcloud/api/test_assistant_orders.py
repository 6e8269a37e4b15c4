"""What commands Cloud Assistant takes, and which it refuses."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_tea_openapi import utils_models
from darabonba.runtime import RuntimeOptions

from tests.localcloud.api.assistant_desk import Desk
from tests.localcloud.api.harness import REGION, Cloud

MISSING = "i-bp1missing000000000000"


def test_base64_is_decoded(desk: Desk) -> None:
    desk.finish(command_content=base64.b64encode(b"\x00\xff").decode(), content_encoding="base64")
    assert desk.cloud.fabric.named("run_command")[0][2] == b"\x00\xff"


@pytest.mark.parametrize("in_body", [False, True])
def test_the_largest_command_arrives(desk: Desk, in_body: bool) -> None:
    # Characters that grow threefold on their way, and Base64 with those that are escaped.
    largest = "\n" * (24 * 1024 // 4 * 3)
    encoded = base64.b64encode(b"\xfb\xff" * (len(largest) // 2)).decode()
    for content, encoding in ((largest, "PlainText"), (encoded, "Base64")):
        request = desk.order(command_content=content, content_encoding=encoding)
        if in_body:
            call_in_body(desk.cloud, request)
        else:
            desk.cloud.ecs.run_command(request)
    desk.cloud.settle()
    assert [len(call[2]) for call in desk.cloud.fabric.named("run_command")] == [len(largest)] * 2


def call_in_body(cloud: Cloud, request: models.RunCommandRequest) -> None:
    """Calls RunCommand with its parameters in the body, as the provider does."""
    form = {key: value for key, value in request.to_map().items() if not isinstance(value, list)}
    form["InstanceId.1"] = request.instance_id[0]
    params = utils_models.Params(
        action="RunCommand",
        version="2014-05-26",
        protocol="HTTP",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    cloud.ecs.call_api(params, utils_models.OpenApiRequest(body=form), RuntimeOptions())


@pytest.mark.parametrize(
    ("more", "code", "status"),
    [
        ({"instance_id": []}, "MissingParam.InstanceId", 400),
        ({"instance_id": [MISSING]}, "InvalidInstance.NotFound", 404),
        ({"instance_id": [f"i-{n}" for n in range(101)]}, "InstanceIds.ExceedLimit", 403),
        ({"command_content": "x" * (24 * 1024 // 4 * 3 + 1)}, "CmdContent.ExceedLimit", 403),
        (
            {"command_content": "A" * (24 * 1024 + 4), "content_encoding": "Base64"},
            "CmdContent.ExceedLimit",
            403,
        ),
        ({"command_content": "not base64", "content_encoding": "Base64"}, "CmdContent.DecodeError", 400),
        ({"command_content": ""}, "MissingParameter", 400),
        ({"type": "RunBatScript"}, "InvalidInstance.NotMatch", 400),
        ({"type": "RunPerl"}, "InvalidParameter", 400),
        ({"name": "n" * 129}, "CmdName.ExceedLimit", 403),
        ({"description": "d" * 513}, "CmdDesc.ExceedLimit", 403),
        ({"working_dir": "srv"}, "InvalidParameter.WorkingDir", 400),
        ({"working_dir": "/" * 201}, "InvalidParameter.WorkingDir", 400),
        ({"timeout": 9}, "InvalidParameter", 400),
        ({"termination_mode": "Kindly"}, "InvalidTerminationMode.NotFound", 404),
        ({"enable_parameter": True}, "UnsupportedParameter", 400),
        ({"parameters": {"a": "b"}}, "UnsupportedParameter", 400),
        ({"keep_command": True}, "UnsupportedParameter", 400),
        ({"repeat_mode": "EveryReboot"}, "UnsupportedParameter", 400),
        ({"username": "www-data"}, "UnsupportedParameter", 400),
        ({"launcher": "python3"}, "UnsupportedParameter", 400),
    ],
)
def test_what_is_refused(
    desk: Desk, refused: Callable[..., Any], more: dict[str, Any], code: str, status: int
) -> None:
    refused(code, status, desk.cloud.ecs.run_command, desk.order(**more))
    assert desk.results() == []


def test_what_else_is_refused(desk: Desk, refused: Callable[..., Any]) -> None:
    ecs = desk.cloud.ecs
    status = models.DescribeCloudAssistantStatusRequest(region_id=REGION, instance_id=[MISSING])
    refused("InvalidInstance.NotFound", 404, ecs.describe_cloud_assistant_status, status)
    history = models.DescribeInvocationResultsRequest(region_id=REGION, include_history=True)
    refused("UnsupportedParameter", 400, ecs.describe_invocation_results, history)
    output = models.DescribeInvocationsRequest(region_id=REGION, include_output=True)
    refused("MissingParameter", 400, ecs.describe_invocations, output)
    stop = models.StopInvocationRequest(
        region_id=REGION, invoke_id=desk.finish().invoke_id, instance_id=[MISSING]
    )
    refused("InvalidInstance.NotFound", 404, ecs.stop_invocation, stop)


def test_the_actions_are_declared(cloud: Cloud) -> None:
    assert {
        "DescribeCloudAssistantStatus",
        "DescribeInvocationResults",
        "DescribeInvocations",
        "RunCommand",
        "StopInvocation",
    } <= set(cloud.coverage.as_dict()["actions"]["ecs"])
