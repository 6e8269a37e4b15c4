"""Makes systemd take up its files that changed: units, those of them that are to run, the journal."""

from __future__ import annotations

from collections.abc import Iterable

from infra.instance.outcomes import Failed, Outcome
from infra.instance.system import System, tail

UNIT_FOLDER = "/etc/systemd/system/"
JOURNAL_FOLDER = "/etc/systemd/journald.conf.d/"
# What services run.
PROGRAM_FOLDER = "/usr/local/libexec/"


def running(paths: Iterable[str]) -> list[str]:
    """Returns the units among files that are to run: timers, and services that have none."""
    names = {path.removeprefix(UNIT_FOLDER) for path in paths if path.startswith(UNIT_FOLDER)}
    timers = {name for name in names if name.endswith(".timer")}
    started = {f"{name.removesuffix('.timer')}.service" for name in timers}
    # Without a folder of its own: a drop-in changes somebody else's unit.
    return sorted(
        timers | {name for name in names - started if name.endswith(".service") and "/" not in name}
    )


def end(system: System, names: Iterable[str]) -> None:
    """Ends units for good, while their files are still there.

    Raises:
        Failed: systemd does not end one.
    """
    for name in names:
        require(system, "systemctl", "disable", "--quiet", "--now", name)


def take_up(system: System, changed: Iterable[str], names: Iterable[str]) -> None:
    """Makes systemd read units anew where one changed, and run those that are to run.

    Args:
        system: The instance.
        changed: Paths of files that were written or removed.
        names: The units that are to run, all of them.

    Raises:
        Failed: systemd does not do so.
    """
    changed = set(changed)
    if any(path.startswith(JOURNAL_FOLDER) for path in changed):
        require(system, "systemctl", "restart", "systemd-journald")
    if any(path.startswith(UNIT_FOLDER) for path in changed):
        require(system, "systemctl", "daemon-reload")
    other_program = any(path.startswith(PROGRAM_FOLDER) for path in changed)
    for name in names:
        enabled = system.run(["systemctl", "is-enabled", "--quiet", name]).code == 0
        if not enabled:
            require(system, "systemctl", "enable", "--quiet", name)
        if not enabled or UNIT_FOLDER + name in changed or (other_program and name.endswith(".service")):
            # A unit that runs goes by its former text until it is started anew.
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
