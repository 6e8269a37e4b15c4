"""Logs are rotated by their size, by the real logrotate, and no line is lost on the way."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.instance_files import SystemContext, system_files
from infra.render import nginx_conf
from tests.support.nginx import await_listening, free_port, relocated
from tests.unit.nginx_process import NGINXES, Proxy, context_for
from tests.unit.recording_origin import recording_origin

ROTATIONS = 6


def text() -> str:
    files = {file.path: file.content for file in system_files(SystemContext(bucket_host="b"))}
    return files["/etc/logrotate.d/nginx"]


@pytest.fixture(params=NGINXES[:1])
def proxy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Proxy]:
    """A proxy with several workers, which write lines together as they do on an instance."""
    port = free_port()
    context = context_for("public/")
    with recording_origin() as origin:
        places = {"listen": f"127.0.0.1:{port}", "origin": f"127.0.0.1:{origin.port}"}
        conf = relocated(nginx_conf(context), tmp_path, context, **places, measured=True)
        assert "buffer=32k flush=1s" in conf
        (tmp_path / "nginx.conf").write_text(conf)
        command = [request.param, "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "error.log")]
        process = subprocess.Popen([*command, "-g", "daemon off;"], stderr=subprocess.PIPE)
        try:
            await_listening(port, process)
            yield Proxy(port, tmp_path, origin)
        finally:
            process.terminate()
            process.communicate(timeout=10)


class Logrotate:
    """logrotate with the instance's file, for logs in a folder, and from 20 KiB on."""

    def __init__(self, folder: Path, text: str) -> None:
        binary = shutil.which("logrotate", path=f"{os.environ['PATH']}:/usr/sbin")
        if binary is None:
            pytest.skip("no logrotate on this machine, run `make setup`")
        owner = "root root" if os.geteuid() == 0 else f"{os.geteuid()} {os.getegid()}"
        changes = {
            "/var/log/nginx/*.log": f"{folder}/access.log",
            "/run/nginx.pid": f"{folder}/nginx.pid",
            "maxsize 100M": "maxsize 20k",
            "create 0640 www-data adm": f"create 0640 {owner}",
        }
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        (folder / "logrotate.conf").write_text(text)
        (folder / "logrotate.conf").chmod(0o644)
        self._command = [binary, "--state", str(folder / "state"), str(folder / "logrotate.conf")]

    def run(self) -> None:
        done = subprocess.run(self._command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""


def logged(folder: Path) -> Counter[str]:
    """The paths in all logs, the packed ones too."""
    found: Counter[str] = Counter()
    for path in folder.glob("access.log*"):
        content = path.read_bytes()
        lines = gzip.decompress(content) if path.suffix == ".gz" else content
        found.update(re.findall(r'"path":"(/public/[0-9-]+)"', lines.decode()))
    return found


def await_true(what: object) -> None:
    deadline = time.monotonic() + 30
    while not what():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_no_line_is_lost_while_logs_are_rotated_by_their_size(proxy: Proxy) -> None:
    log, rotate = proxy.folder / "access.log", Logrotate(proxy.folder, text())
    asked: list[str] = []
    ended = threading.Event()

    def ask(client: int) -> None:
        number = 0
        while not ended.is_set():
            path = f"/public/{client}-{number}"
            proxy.ask(path)
            asked.append(path)
            number += 1

    clients = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for client in clients:
        client.start()
    try:
        for rotation in range(ROTATIONS):
            await_true(lambda: log.stat().st_size > 25_000)
            rotate.run()
            assert (proxy.folder / "access.log.1").exists()
            assert (proxy.folder / f"access.log.{rotation + 1}.gz").exists() or rotation == 0
    finally:
        ended.set()
        for client in clients:
            client.join()
    # nginx writes on to the new file.
    proxy.ask("/public/0-999999")
    await_true(lambda: "/public/0-999999" in log.read_text())
    await_true(lambda: logged(proxy.folder).total() > len(asked))
    assert logged(proxy.folder) == Counter([*asked, "/public/0-999999"])


def test_without_the_signal_nginx_would_write_on_to_the_old_file(proxy: Proxy) -> None:
    log = proxy.folder / "access.log"
    rotate = Logrotate(proxy.folder, text().replace("kill -USR1", "kill -0"))
    log.write_text("x" * 25_000)
    rotate.run()
    proxy.ask("/public/1-1")
    await_true(lambda: logged(proxy.folder)["/public/1-1"])
    assert log.read_text() == ""


def test_a_small_log_waits_for_its_day(proxy: Proxy) -> None:
    Logrotate(proxy.folder, text()).run()
    assert not (proxy.folder / "access.log.1").exists()


def test_logs_have_a_bound() -> None:
    # Two files unpacked, the others a tenth of their size: less than what is kept free beside the cache.
    assert re.search(r"^ +maxsize 100M$", text(), re.MULTILINE)
    assert re.search(r"^ +rotate 14$", text(), re.MULTILINE)
