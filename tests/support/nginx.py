"""A real nginx of this machine with a configuration that was made for an instance."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

from infra.instance.follow import FOLDER, servers
from infra.instance_files import CA_CERTIFICATES, LINK_KEYS
from infra.nginx import rules
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
    address, port = origin.split(":")
    oss_port = 443 if context.oss_over_https else 80
    temp_paths = "".join(f"    {name}_temp_path {folder}/{name};\n" for name in _TEMP_PATHS)
    changes = {
        # The folders of tests are their owner's alone.
        "user www-data;\n": "user root;\n" if os.geteuid() == 0 else "",
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "/var/log/nginx/": f"{folder}/",
        f"include {FOLDER}{context.bucket_host}_{oss_port}.conf;": servers([address], port).replace(
            "\n", " "
        ),
        f"listen {context.listen_port} ": f"listen {listen} ",
        f"listen 127.0.0.1:{rules.STATUS_PORT};": f"listen 127.0.0.1:{free_port()};",
        "\nhttp {\n": f"\nhttp {{\n{temp_paths}",
    }
    if not measured:
        changes |= {"worker_processes auto;": "worker_processes 1;", " buffer=32k flush=1s;": ";"}
    if context.cache:
        changes["/var/cache/nginx-oss "] = f"{folder}/cache "
    if context.links:
        changes[f"{LINK_KEYS[:-1]}["] = f"{folder}/link-key["
    if context.oss_over_https:
        changes[CA_CERTIFICATES] = f"{folder}/ca.pem"
    for old, new in changes.items():
        if conf.count(old) == 0:
            raise AssertionError(f"the configuration has no {old!r}")
        conf = conf.replace(old, new)
    return conf


def free_port() -> int:
    (port,) = free_ports(1)
    return port


def free_ports(count: int) -> list[int]:
    """Ports that nobody has, and each another: one alone may be had again as soon as it is let go."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


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
