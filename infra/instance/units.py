"""Makes systemd take up its files that changed: units, timers that are to run, the journal."""

from __future__ import annotations

from collections.abc import Iterable

from infra.instance.outcomes import Failed, Outcome
from infra.instance.system import System, tail

UNIT_FOLDER = "/etc/systemd/system/"
JOURNAL_FOLDER = "/etc/systemd/journald.conf.d/"


def timers(paths: Iterable[str]) -> list[str]:
    """Returns the names of the timers among files; each is to run while its file is there."""
    return sorted(
        path.removeprefix(UNIT_FOLDER)
        for path in paths
        if path.startswith(UNIT_FOLDER) and path.endswith(".timer")
    )


def end(system: System, names: Iterable[str]) -> None:
    """Ends timers for good, while their files are still there.

    Raises:
        Failed: systemd does not end one.
    """
    for name in names:
        require(system, "systemctl", "disable", "--quiet", "--now", name)


def take_up(system: System, changed: Iterable[str], running: Iterable[str]) -> None:
    """Makes systemd read units anew where one changed, and run timers.

    Args:
        system: The instance.
        changed: Paths of files that were written or removed.
        running: The timers that are to run, all of them.

    Raises:
        Failed: systemd does not do so.
    """
    changed = set(changed)
    if any(path.startswith(JOURNAL_FOLDER) for path in changed):
        require(system, "systemctl", "restart", "systemd-journald")
    changed = {path for path in changed if path.startswith(UNIT_FOLDER)}
    if changed:
        require(system, "systemctl", "daemon-reload")
    changed_timers = timers(changed)
    for name in running:
        enabled = system.run(["systemctl", "is-enabled", "--quiet", name]).code == 0
        if not enabled:
            require(system, "systemctl", "enable", "--quiet", name)
        if not enabled or name in changed_timers:
            # A timer that runs goes by its former text until it is started anew.
            require(system, "systemctl", "restart", name)
    for name in _extended(changed):
        require(system, "systemctl", "try-restart", name)


def _extended(changed: Iterable[str]) -> list[str]:
    """Returns the timers of packages that files of ours say something more about."""
    folders = {path.removeprefix(UNIT_FOLDER).split("/")[0] for path in changed}
    return sorted(name.removesuffix(".d") for name in folders if name.endswith(".timer.d"))


def require(system: System, *command: str) -> None:
    """Runs a command that has to succeed.

    Raises:
        Failed: It did not; the message holds what it wrote.
    """
    done = system.run(command)
    if done.code != 0:
        raise Failed(Outcome.BROKEN, f"{' '.join(command)} ended with {done.code}:\n{tail(done.text, 10)}")
