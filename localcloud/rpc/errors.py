"""The error that an API answers with, and those that every API shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """An answer that is an error, in the cloud's terms.

    Attributes:
        code: The code that programs look at, for example ``InvalidVpcId.NotFound``.
        message: The text for people.
        status: The HTTP status.
        details: Further members of the answer.
    """

    def __init__(
        self, code: str, message: str, status: int = 400, *, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.details = dict(details or {})


def missing_parameter(name: str) -> ApiError:
    """A parameter that the action needs was not given."""
    return ApiError(
        "MissingParameter",
        f'The input parameter "{name}" that is mandatory for processing this request is not supplied.',
    )


def invalid_parameter(name: str, why: str = "") -> ApiError:
    """A parameter has a value that the action does not take."""
    detail = f" {why}" if why else ""
    return ApiError("InvalidParameter", f'The specified parameter "{name}" is not valid.{detail}')


def not_modelled(name: str, instead: str) -> ApiError:
    """The real cloud takes this parameter, the stand-in does not: better an error than a silent no-op.

    Args:
        name: The parameter, with its value where that matters.
        instead: What to do instead.
    """
    return ApiError(
        "UnsupportedParameter", f'The parameter "{name}" is not modelled by localcloud: {instead}.'
    )


def unknown_action() -> ApiError:
    """The action does not exist, or the stand-in does not have it.

    Source: https://help.aliyun.com/en/ecs/developer-reference/error-code-error-code-troubleshooting-ideas
    (2026-11-23).
    """
    return ApiError(
        "InvalidAction.NotFound", "Specified api is not found, please check your url and method.", 404
    )


def throttled() -> ApiError:
    """The caller calls too often.

    Source: https://help.aliyun.com/en/ecs/developer-reference/error-code-error-code-troubleshooting-ideas
    (2026-11-23).
    """
    return ApiError("Throttling.User", "Request was denied due to user flow control.")


def forbidden() -> ApiError:
    """No RAM policy of the caller allows the action.

    Source: https://help.aliyun.com/en/ecs/developer-reference/error-code-error-code-troubleshooting-ideas
    (2026-11-23).
    """
    message = "User not authorized to operate on the specified resource, or this API doesn't support RAM."
    return ApiError("Forbidden.RAM", message, 403)


def service_unavailable() -> ApiError:
    """The service fails for the moment.

    Source: https://help.aliyun.com/en/ecs/developer-reference/error-code-error-code-troubleshooting-ideas
    (2026-11-23).
    """
    message = "The request has failed due to a temporary failure of the server."
    return ApiError("ServiceUnavailable", message, 503)


def internal_error(detail: str = "") -> ApiError:
    """The service failed, not the caller.

    The cloud's status for it is 500. Here it is 400: the alicloud provider takes any 5xx for a passing
    trouble and repeats the call for ten minutes without a word, while what fails on one machine (a tool
    that is not there, a kernel without a feature) fails again.

    Args:
        detail: What failed; empty when nothing may be told.
    """
    message = "The request processing has failed due to some unknown error, exception or failure."
    return ApiError("InternalError", f"{message} {detail}".rstrip())
