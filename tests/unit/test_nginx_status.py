"""nginx's own numbers: on the instance itself, and nowhere else."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.unit.nginx_fixtures import Start, proxies
from tests.unit.nginx_process import NGINXES, Proxy, context_for


@pytest.fixture(scope="module", params=NGINXES)
def start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with proxies(tmp_path_factory.mktemp("nginx"), request.param) as made:
        yield made


def status_port(proxy: Proxy) -> int:
    (port,) = re.findall(r"listen 127\.0\.0\.1:(\d+);", (proxy.folder / "nginx.conf").read_text())
    return int(port)


def test_they_are_told_to_the_instance_and_not_logged(start: Start) -> None:
    proxy = start(context_for("public/"))
    before = proxy.log()
    url = f"http://127.0.0.1:{status_port(proxy)}/status"
    with urllib.request.urlopen(url, timeout=5) as answer:
        text = answer.read().decode()
    assert re.search(r"^Active connections: \d+ \nserver accepts handled requests\n", text)
    assert proxy.log() == before


@pytest.mark.parametrize("target", ["/status", "/stub_status", "/nginx_status"])
def test_no_path_of_the_public_server_tells_them(start: Start, target: str) -> None:
    limited = start(context_for("public/"))
    assert limited.get(target).status == 404
    assert limited.origin.requests == []
    # With the whole bucket it is a key like any other.
    open_to_all = start(context_for("*"))
    assert b"Active connections" not in open_to_all.get(target).body
    assert len(open_to_all.origin.requests) == 1


def test_the_server_that_tells_them_serves_nothing_else(start: Start) -> None:
    proxy = start(context_for("public/"))
    for path in ("/", "/public/a", "/healthz", "/readyz"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{status_port(proxy)}{path}", timeout=5)
    assert proxy.origin.requests == []
