"""The errors of Cloud Assistant.

Source: the error codes on
https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-runcommand and the pages of
InvokeCommand, CreateCommand and StopInvocation (2026-11-23).
"""

from __future__ import annotations

from localcloud.rpc.errors import ApiError


def instance_missing() -> ApiError:
    """No instance is named."""
    return ApiError("MissingParam.InstanceId", "The parameter instanceId is missing or empty.")


def instance_not_found() -> ApiError:
    """No such instance for this caller, here. Not the code that the rest of ECS has for it."""
    return ApiError("InvalidInstance.NotFound", "The specified instance does not exist.", 404)


def instance_does_not_match() -> ApiError:
    """The command is for another operating system."""
    return ApiError("InvalidInstance.NotMatch", "The specified instance type does not match the command.")


def too_many_instances() -> ApiError:
    """More instances are named than one call may name."""
    return ApiError("InstanceIds.ExceedLimit", "The number of instance IDs exceeds the upper limit.", 403)


def invocation_not_found() -> ApiError:
    """No such invocation for this caller, here."""
    return ApiError("InvalidInvokeId.NotFound", "The specified invoke ID does not exist.", 404)


def content_not_base64() -> ApiError:
    """The command is said to be Base64, and is not."""
    return ApiError("CmdContent.DecodeError", "The CommandContent can not be base64 decoded.")


def content_too_long() -> ApiError:
    """The command is longer than 24 KB in Base64."""
    return ApiError("CmdContent.ExceedLimit", "The maximum length of a command is exceeded.", 403)


def too_long(what: str, called: str) -> ApiError:
    """A text is longer than it may be.

    Args:
        what: The code's first part.
        called: What the message calls it.
    """
    message = f"The length of the command {called} exceeds the upper limit."
    return ApiError(f"{what}.ExceedLimit", message, 403)


def invalid_working_dir() -> ApiError:
    """The folder to run in cannot be one."""
    return ApiError("InvalidParameter.WorkingDir", "The specified parameter WorkingDir is not valid.")


def termination_mode_not_found() -> ApiError:
    """There is no such way to end a command."""
    return ApiError(
        "InvalidTerminationMode.NotFound", "The specified parameter TerminationMode does not exist.", 404
    )
