"""Gives the running kernel the values of files in /etc/sysctl.d that changed."""

from __future__ import annotations

from collections.abc import Iterable

from infra.instance.system import System

SYSCTL_FOLDER = "/etc/sysctl.d/"


def take_up(system: System, changed: Iterable[str]) -> None:
    """Writes the values of these files; what a removed one said holds until the next boot.

    No value is worth a change: one that the kernel refuses, or does not know, is told and left as it is.

    Args:
        system: The instance.
        changed: Paths of files that were written or removed; others than of sysctl are passed over.
    """
    for path in changed:
        file = system.path(path)
        if path.startswith(SYSCTL_FOLDER) and file.exists():
            for line in file.read_text().splitlines():
                _write(system, *line.lstrip("-").split("="))


def _write(system: System, key: str, value: str) -> None:
    pattern = key.replace(".", "/")
    for place in list(system.path("/proc/sys").glob(pattern)) or [system.path(f"/proc/sys/{pattern}")]:
        try:
            # Opened so that a key that is not there is not made.
            with place.open("r+") as opened:
                opened.write(value)
        except OSError as error:
            print(f"The kernel refuses {key}: {error.strerror}.")
