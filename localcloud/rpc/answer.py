"""Rendering answers and errors as JSON or XML."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from aiohttp import web

from localcloud.rpc.errors import ApiError

Answer = Mapping[str, Any]


def new_request_id() -> str:
    """Returns a request id in the cloud's form: a UUID in capitals."""
    return str(uuid.uuid4()).upper()


def render(action: str, answer: Answer, *, request_id: str, xml: bool) -> web.Response:
    """Renders a successful answer.

    Args:
        action: The action; XML names its root element after it.
        answer: The answer without its request id.
        request_id: The request's id.
        xml: Whether to render XML instead of JSON.
    """
    return _response({"RequestId": request_id, **answer}, f"{action}Response", 200, request_id, xml)


def render_error(error: ApiError, *, product: str, host: str, request_id: str, xml: bool) -> web.Response:
    """Renders an error with the fields that the cloud's clients read.

    Source: https://help.aliyun.com/en/ecs/developer-reference/error-code-error-code-troubleshooting-ideas
    (2026-11-23).
    """
    content = {
        "RequestId": request_id,
        "HostId": host,
        "Code": error.code,
        "Message": error.message,
        "Recommend": (
            f"https://api.aliyun.com/troubleshoot?q={error.code}&product={product}&requestId={request_id}"
        ),
        **error.details,
    }
    return _response(content, "Error", error.status, request_id, xml)


def _response(content: Answer, root: str, status: int, request_id: str, xml: bool) -> web.Response:
    if xml:
        text = f'<?xml version="1.0" encoding="UTF-8"?>{_element(root, content)}'
        kind = "text/xml"
    else:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        kind = "application/json"
    return web.Response(
        text=text,
        status=status,
        headers={"Content-Type": f"{kind};charset=utf-8", "x-acs-request-id": request_id},
    )


def _element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        inner = "".join(_element(key, member) for key, member in value.items())
    elif isinstance(value, (list, tuple)):
        return "".join(_element(name, member) for member in value)
    elif isinstance(value, bool):
        inner = "true" if value else "false"
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"
