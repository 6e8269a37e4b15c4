"""Lets nginx judge a configuration, and take one up without losing a request."""

from __future__ import annotations

from pathlib import Path

from infra.instance.outcomes import Failed, Outcome
from infra.instance.system import System, tail
from infra.instance.workers import taken_up, workers

ERROR_LOG = "/var/log/nginx/error.log"
# Old workers stay until their last client has gone; new ones are there within a moment.
RELOAD_TIMEOUT_S = 30.0


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
    before, _ = workers(system.root)
    if not before:
        started = system.run(["systemctl", "restart", "nginx"])
        if started.code != 0 or not taken_up(system.root, before, RELOAD_TIMEOUT_S):
            raise Failed(Outcome.NGINX_NOT_RUNNING, f"nginx does not start:\n{_why(system, started.text)}")
        return
    reloaded = system.run(["systemctl", "reload", "nginx"])
    if reloaded.code != 0 or not taken_up(system.root, before, RELOAD_TIMEOUT_S):
        # It reads the files itself at a reload, and keeps what it has when it cannot use them.
        raise Failed(
            Outcome.CONFIGURATION_REFUSED,
            f"nginx did not take the configuration up:\n{_why(system, reloaded.text)}",
        )


def _why(system: System, text: str) -> str:
    try:
        log = tail(system.path(ERROR_LOG).read_text(errors="replace"), 10)
    except OSError as error:
        log = f"  ({error})"
    return f"{tail(text, 10)}\n{ERROR_LOG} ends with:\n{log}"
