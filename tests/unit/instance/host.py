"""An instance in a folder: a real nginx, and a system whose commands are this machine's or canned."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from infra.instance.system import Result, System
from tests.unit.nginx_process import nginx_binary

DONE = Result(0, json.dumps({"status": "done", "errors": []}))
_TEMP_PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True)
class Host(System):
    """Runs nginx for real, below its own root; systemd and cloud-init are canned.

    `refusals` answer the next command that begins with the same words.
    """

    cloud_init: Result = DONE
    refusals: dict[str, Result] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def run(self, command: Sequence[str], *, timeout_s: float = 30, stdin: bytes = b"") -> Result:
        line = " ".join(command)
        self.asked.append(line)
        for words in list(self.refusals):
            if line.startswith(words):
                return self.refusals.pop(words)
        match command[0]:
            case "cloud-init":
                return self.cloud_init
            case "nginx":
                return super().run([str(nginx_binary()), *command[1:], "-e", "stderr"], timeout_s=timeout_s)
            case "systemctl":
                return self._systemctl(*command[1:])
        return super().run(command, timeout_s=timeout_s, stdin=stdin)

    def _systemctl(self, verb: str, *words: str) -> Result:
        enabled = self.root / "enabled"
        if verb == "is-enabled":
            return Result(0 if (enabled / words[-1]).exists() else 1, "")
        if verb == "enable":
            enabled.mkdir(exist_ok=True)
            (enabled / words[-1]).touch()
        if verb == "disable":
            if not self.path(f"/etc/systemd/system/{words[-1]}").exists():
                return Result(1, f"Unit file {words[-1]} does not exist.")
            (enabled / words[-1]).unlink(missing_ok=True)
        if verb == "reload":
            os.kill(int(self.path("/run/nginx.pid").read_text()), signal.SIGHUP)
        if verb == "restart" and words == ("nginx",):
            conf = self.path("/etc/nginx/nginx.conf")
            return super().run([str(nginx_binary()), "-c", str(conf), "-e", str(self.root / "error")])
        return Result(0, "")

    def enabled(self) -> list[str]:
        """The units that run."""
        return sorted(path.name for path in (self.root / "enabled").glob("*"))

    def conf(self, answer: str, port: int, more: str = "") -> str:
        """A configuration that answers every request with a text."""
        temp = "".join(f"{name}_temp_path {self.root}/{name};" for name in _TEMP_PATHS)
        return (
            f"pid {self.root}/run/nginx.pid; error_log {self.root}/var/log/nginx/error.log;\n"
            f"worker_processes 2; events {{}}\nhttp {{ {temp} access_log off;\n"
            f"server {{ listen 127.0.0.1:{port}; {more} location / {{ return 200 '{answer}'; }} }} }}\n"
        )


@contextmanager
def host(folder: Path) -> Iterator[Host]:
    """Makes an instance whose nginx does not run yet, and ends it."""
    for name in ("etc/nginx", "run", "var/log/nginx"):
        (folder / name).mkdir(parents=True)
    (folder / "proc").symlink_to("/proc")
    made = Host(root=folder)
    try:
        yield made
    finally:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
            pid = int((folder / "run/nginx.pid").read_text())
            os.kill(pid, signal.SIGTERM)
            _await_end(pid)


def _await_end(pid: int) -> None:
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}/task").exists() and time.monotonic() < deadline:
        time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(port: int) -> str:
    done = subprocess.run(
        ["curl", "--silent", "--max-time", "5", f"http://127.0.0.1:{port}/"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout
