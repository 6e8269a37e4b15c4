"""Hostile and odd requests against the rendered configuration: what OSS gets of each, and what the client.

The requests stand in ``corpus/*.yaml``. One nginx serves all requests of a profile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from infra.nginx.links import key_file
from infra.render import NginxContext
from tests.unit.corpus import LINK_KEYS, Case, cases
from tests.unit.nginx_process import HOST, NGINXES, Proxy, context_for, running, statuses

CASES = cases()
PROFILES: dict[str, NginxContext] = {
    "plain": context_for("public/", "a/b/", "图片/", "v1.0+x/", "healthz/"),
    "whole": context_for("*"),
    "query": context_for("public/", allowed_query=("versionId", "x-oss-process")),
    "signed": context_for("public/", "图片/", presigned="allowed"),
    "signed-only": context_for("public/", presigned="required"),
    "links": context_for("public/", "图片/", links=True, allowed_query=("x-oss-process", "versionId")),
    "links-whole": context_for("*", links=True),
}
ALWAYS = [f"Host: {HOST}".encode(), b"x-oss-range-behavior: standard"]


@pytest.fixture(scope="module", params=NGINXES)
def proxy_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Proxy]]:
    started: dict[str, Proxy] = {}
    with ExitStack() as stack:

        def of(profile: str) -> Proxy:
            if profile not in started:
                folder = tmp_path_factory.mktemp(profile)
                (folder / "link-keys").write_text(key_file(LINK_KEYS))
                started[profile] = stack.enter_context(
                    running(folder, PROFILES[profile], binary=request.param)
                )
            return started[profile]

        yield of


def test_there_are_as_many_as_promised() -> None:
    assert len(CASES) >= 300
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_becomes_of_it(proxy_of: Callable[[str], Proxy], case: Case) -> None:
    assert fault_of(proxy_of(case.profile), case) is None


def fault_of(proxy: Proxy, case: Case) -> str | None:
    """Sends a request and tells what is not as expected, if anything."""
    proxy.origin.forget()
    answer = proxy.send(case.request, hangs_up=case.hangs_up)
    if statuses(answer) not in case.statuses:
        return f"the client got {answer[:300]!r}"
    lines = [request.partition(b"\r\n")[0] for request in proxy.origin.requests]
    if lines != case.arrives:
        return f"the origin got {lines}"
    for request in proxy.origin.requests:
        headers = request.split(b"\r\n")[1:-1]
        if sorted(headers) != sorted([*ALWAYS[: 1 if case.signed else None], *case.passes]):
            return f"the origin got {headers}"
    if any(proxy.origin.unread.values()):
        return f"the origin got bytes beside requests: {proxy.origin.unread}"
    head = answer.partition(b"\r\n\r\n")[0].decode("latin-1").lower().split("\r\n")
    for line in case.answer:
        found = [one for one in head if one.startswith(line.lstrip("!").lower())]
        if bool(found) == line.startswith("!"):
            return f"the client got {head}, expected {line}"
    return None
