"""A transport for the official SDKs that answers what the cloud answers."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import requests
from requests.adapters import BaseAdapter


class Transport(BaseAdapter):
    """Answers requests in turn, the last answer for ever, and keeps what was asked."""

    def __init__(self, answers: Iterable[tuple[int, str] | Exception]) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code, body = answer
        response.raw = io.BytesIO(body.encode())
        response.headers["x-oss-request-id"] = "5F00"
        response.headers["Content-Type"] = "application/xml"
        response.headers["Date"] = "Mon, 23 Nov 2026 22:00:00 GMT"
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is open."""


def failure(code: str, ec: str = "", endpoint: str = "") -> str:
    extra = f"<EC>{ec}</EC>" + (f"<Endpoint>{endpoint}</Endpoint>" if endpoint else "")
    return f"<Error><Code>{code}</Code><Message>no.</Message><RequestId>5F00</RequestId>{extra}</Error>"
