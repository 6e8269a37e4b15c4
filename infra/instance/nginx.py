"""Lets nginx judge a configuration, and take one up without losing a request."""

from __future__ import annotations

import time
from pathlib import Path

from infra.instance.outcomes import Failed, Outcome
from infra.instance.system import System, tail

PID_FILE = "/run/nginx.pid"
ERROR_LOG = "/var/log/nginx/error.log"
# Old workers stay until their last client has gone; new ones are there within a moment.
RELOAD_TIMEOUT_S = 30.0
LOOK_AGAIN_S = 0.02


def require_accepted(system: System, configuration: Path) -> None:
    """Lets nginx read a configuration that does not count yet.

    Raises:
        Failed: nginx refuses it; the message is nginx's own.
    """
    done = system.run(["nginx", "-t", "-q", "-c", str(configuration)])
    if done.code != 0:
        raise Failed(
            Outcome.CONFIGURATION_REFUSED, f"nginx refuses the configuration:\n{tail(done.text, 20)}"
        )


def take_up(system: System) -> None:
    """Makes nginx serve the configuration that is in place; connections go on.

    Raises:
        Failed: It does not start, or goes on with what it had; the message holds its log's last lines.
    """
    before = workers(system)
    if not before:
        started = system.run(["systemctl", "restart", "nginx"])
        if started.code != 0 or not _take_over(system, before):
            raise Failed(Outcome.NGINX_NOT_RUNNING, f"nginx does not start:\n{_why(system, started.text)}")
        return
    reloaded = system.run(["systemctl", "reload", "nginx"])
    if reloaded.code != 0 or not _take_over(system, before):
        # It reads the files itself at a reload, and keeps what it has when it cannot use them.
        raise Failed(
            Outcome.CONFIGURATION_REFUSED,
            f"nginx did not take the configuration up:\n{_why(system, reloaded.text)}",
        )


def workers(system: System) -> set[int]:
    """Returns the process ids of the workers that take new connections; none where nginx does not run."""
    try:
        master = int(system.path(PID_FILE).read_text())
        children = system.path(f"/proc/{master}/task/{master}/children").read_text().split()
    except (OSError, ValueError):
        return set()
    return {int(child) for child in children if _takes_connections(system, child)}


def _takes_connections(system: System, pid: str) -> bool:
    try:
        title = system.path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return title.startswith(b"nginx: worker process") and b"shutting down" not in title


def _take_over(system: System, before: set[int]) -> bool:
    deadline = time.monotonic() + RELOAD_TIMEOUT_S
    while time.monotonic() < deadline:
        # For a tenth of a second the old ones still take connections beside the new ones.
        if (now := workers(system)) and not now & before:
            return True
        time.sleep(LOOK_AGAIN_S)
    return False


def _why(system: System, text: str) -> str:
    try:
        log = tail(system.path(ERROR_LOG).read_text(errors="replace"), 10)
    except OSError as error:
        log = f"  ({error})"
    return f"{tail(text, 10)}\n{ERROR_LOG} ends with:\n{log}"
