"""A real nginx of this machine with a configuration that was made for an instance."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from infra.render import NginxContext
from tests.support.debian_13 import cache_dir

START_TIMEOUT_S = 10

_PLACES = ("nginx", "/usr/sbin/nginx", str(cache_dir() / "debian/usr/sbin/nginx"))

# Debian's compiled-in paths belong to the packaged service.
_TEMP_PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def nginx_binary() -> str | None:
    """The nginx of this machine: on PATH, where Debian puts it, or where `make setup` unpacks it."""
    return next(filter(None, map(shutil.which, _PLACES)), None)


def relocated(
    conf: str, folder: Path, context: NginxContext, *, listen: str, origin: str, measured: bool = False
) -> str:
    """The rendered configuration with other paths and addresses, and hardly anything else changed.

    Unless it is to be measured it has one worker, and a log that can be read as soon as an answer is there.
    """
    temp_paths = "".join(f"    {name}_temp_path {folder}/{name};\n" for name in _TEMP_PATHS)
    changes = {
        # The folders of tests are their owner's alone.
        "user www-data;\n": "user root;\n" if os.geteuid() == 0 else "",
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "/var/log/nginx/": f"{folder}/",
        f"server {context.bucket_host}:80 ": f"server {origin} ",
        f"listen {context.listen_port} ": f"listen {listen} ",
        "\nhttp {\n": f"\nhttp {{\n{temp_paths}",
    }
    if not measured:
        changes |= {"worker_processes auto;": "worker_processes 1;", " buffer=32k flush=1s;": ";"}
    if context.cache:
        changes["/var/cache/nginx-oss "] = f"{folder}/cache "
    for old, new in changes.items():
        if conf.count(old) == 0:
            raise AssertionError(f"the configuration has no {old!r}")
        conf = conf.replace(old, new)
    return conf


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def await_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    process.kill()
    # What it said may have gone elsewhere.
    said = process.communicate()[1] or b""
    raise AssertionError(f"nothing listens: {said.decode()}")
