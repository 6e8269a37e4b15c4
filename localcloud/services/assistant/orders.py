"""Reading and checking what RunCommand orders."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from localcloud.rpc.errors import not_modelled
from localcloud.rpc.params import Params
from localcloud.services.assistant import errors
from localcloud.services.context import Call
from localcloud.services.ecs.models import Instance
from localcloud.services.tags import read_tags

# Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-runcommand and the
# request's description in alibabacloud_ecs20140526 7.11 (2026-11-23).
CONTENT_MAX_BASE64_BYTES = 24 * 1024
INSTANCES_PER_CALL = 100
NAME_CHARACTERS = 128
DESCRIPTION_CHARACTERS = 512
WORKING_DIR_CHARACTERS = 200
DEFAULT_TIMEOUT_S = 60
SHORTEST_TIMEOUT_S = 10
LONGEST_TIMEOUT_S = 86_400

_REFUSED = {
    "ContainerId": "no instance has containers",
    "ContainerName": "no instance has containers",
    "Frequency": "run the command once",
    "Launcher": "begin the script with #! and the interpreter",
    "OssOutputDelivery": "read the output with DescribeInvocationResults",
    "Parameters": "put the values into the command",
    "ResourceTag.1.Key": "name the instances",
    "WindowsPasswordName": "no instance runs Windows",
}


@dataclass(frozen=True, kw_only=True)
class Order:
    """A command to be run.

    Attributes:
        content: The script, decoded.
        timeout_s: Seconds that it may run.
    """

    instances: tuple[Instance, ...]
    content: bytes
    timeout_s: int
    name: str
    description: str
    working_dir: str
    username: str
    termination_mode: str
    tags: dict[str, str]


def read_order(call: Call) -> Order:
    """Reads and checks an order.

    Raises:
        ApiError: The cloud's code for whatever is wrong; ``UnsupportedParameter`` for what the cloud
            takes and the stand-in does not.
    """
    params = call.params
    _check_modelled(params)
    kind = params.require("Type")
    if kind in ("RunBatScript", "RunPowerShellScript"):
        raise errors.instance_does_not_match()
    params.choice("Type", ("RunShellScript",), kind)
    content = decode_content(params.require("CommandContent"), params.text("ContentEncoding"))
    for name, limit, fault in (
        ("Name", NAME_CHARACTERS, errors.too_long("CmdName", "name")),
        ("Description", DESCRIPTION_CHARACTERS, errors.too_long("CmdDesc", "description")),
        ("WorkingDir", WORKING_DIR_CHARACTERS, errors.invalid_working_dir()),
    ):
        if len(params.text(name)) > limit:
            raise fault
    working_dir = params.text("WorkingDir")
    if working_dir and not working_dir.startswith("/"):
        raise errors.invalid_working_dir()
    termination_mode = params.text("TerminationMode")
    if termination_mode not in ("", "Process", "ProcessTree"):
        raise errors.termination_mode_not_found()
    return Order(
        instances=tuple(find_instances(call, needed=True)),
        content=content,
        timeout_s=params.integer(
            "Timeout", DEFAULT_TIMEOUT_S, low=SHORTEST_TIMEOUT_S, high=LONGEST_TIMEOUT_S
        ),
        name=params.text("Name"),
        description=params.text("Description"),
        working_dir=working_dir,
        username=params.text("Username"),
        termination_mode=termination_mode,
        tags=read_tags(params),
    )


def decode_content(text: str, encoding: str) -> bytes:
    """Decodes a command; an encoding that does not exist counts as plain text.

    Args:
        text: The command as sent.
        encoding: ``Base64`` or ``PlainText``, in any case.

    Raises:
        ApiError: ``CmdContent.DecodeError``, or ``CmdContent.ExceedLimit`` when it is longer than
            24 KB in Base64.
    """
    if encoding.lower() == "base64":
        encoded = text.encode()
        try:
            content = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise errors.content_not_base64() from None
    else:
        content = text.encode()
        encoded = base64.b64encode(content)
    if len(encoded) > CONTENT_MAX_BASE64_BYTES:
        raise errors.content_too_long()
    return content


def find_instances(call: Call, *, needed: bool) -> list[Instance]:
    """Returns the instances that ``InstanceId.N`` names, or all when none are named and none are needed.

    Raises:
        ApiError: ``MissingParam.InstanceId``, ``InstanceIds.ExceedLimit`` or ``InvalidInstance.NotFound``.
    """
    ids = list(dict.fromkeys(call.params.items("InstanceId")))
    if not ids and not needed:
        return call.visible(call.env.state.instances.values())
    if not ids:
        raise errors.instance_missing()
    if len(ids) > INSTANCES_PER_CALL:
        raise errors.too_many_instances()
    found = [call.find(call.env.state.instances, instance_id) for instance_id in ids]
    instances = [instance for instance in found if instance is not None]
    if len(instances) < len(ids):
        raise errors.instance_not_found()
    return instances


def _check_modelled(params: Params) -> None:
    for name, instead in _REFUSED.items():
        if params.text(name):
            raise not_modelled(name, instead)
    if params.flag("EnableParameter"):
        raise not_modelled("EnableParameter=true", "put the values into the command")
    if params.flag("KeepCommand"):
        raise not_modelled("KeepCommand=true", "run the command anew with RunCommand")
    if params.text("RepeatMode", "Once") != "Once":
        raise not_modelled(f"RepeatMode={params.text('RepeatMode')}", "run the command once")
    if params.text("Username", "root") != "root":
        raise not_modelled(f"Username={params.text('Username')}", "use runuser inside the command")
