"""Proxies of several settings for one test module, each started once, before one recording origin each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from infra.nginx.answers import Answers
from infra.render import NginxContext
from tests.unit.nginx_process import Proxy, context_for, running

Start = Callable[[NginxContext], Proxy]


@contextmanager
def proxies(folder: Path, binary: str) -> Iterator[Start]:
    started: dict[NginxContext, Proxy] = {}
    with ExitStack() as stack:

        def start(context: NginxContext) -> Proxy:
            if context not in started:
                own = folder / str(len(started))
                own.mkdir()
                started[context] = stack.enter_context(running(own, context, binary=binary))
            started[context].origin.forget()
            return started[context]

        yield start


def with_answers(start: Start, **values: object) -> Proxy:
    return start(context_for("public/", answers=Answers(**values)))  # type: ignore[arg-type]


def oss_answer(
    status: int, *headers: str, body: bytes = b"", request_id: bool = True
) -> Callable[[bytes], bytes]:
    """An answer in OSS's form: its errors carry XML that names the bucket."""
    if status >= 400:
        body = b"<Error><BucketName>b</BucketName><HostId>b.oss-test-internal.aliyuncs.com</HostId></Error>"
        headers = ("Content-Type: application/xml", "x-oss-err: PEVycm9yPg==", *headers)
    lines = [f"HTTP/1.1 {status} X", *(["x-oss-request-id: 5F00"] if request_id else []), *headers]
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}"]).encode() + b"\r\n\r\n"
    return lambda request: head if request.startswith(b"HEAD ") or status == 304 else head + body
