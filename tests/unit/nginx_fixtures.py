"""Proxies of several settings for one test module, each started once, before one recording origin each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from infra.nginx.answers import Answers
from infra.render import NginxContext
from tests.unit.nginx_process import Proxy, context_for, running


class Start(Protocol):
    def __call__(self, context: NginxContext, *, without: tuple[str, ...] = ()) -> Proxy:
        """Starts a proxy, or returns the one of these settings.

        Args:
            context: Its settings.
            without: Files that it does not get.
        """


@contextmanager
def proxies(folder: Path, binary: str, files: Mapping[str, str] | None = None) -> Iterator[Start]:
    """Proxies that each have these files in their folder, by their names."""
    started: dict[NginxContext, Proxy] = {}
    with ExitStack() as stack:

        def start(context: NginxContext, *, without: tuple[str, ...] = ()) -> Proxy:
            if context not in started:
                own = folder / str(len(started))
                own.mkdir()
                for name, text in (files or {}).items():
                    if name not in without:
                        (own / name).write_text(text)
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
