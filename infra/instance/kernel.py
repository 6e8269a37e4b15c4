"""Gives the running kernel the values of files in /etc/sysctl.d that changed."""

from __future__ import annotations

from collections.abc import Iterable

from infra.instance.system import System

SYSCTL_FOLDER = "/etc/sysctl.d/"


def take_up(system: System, changed: Iterable[str]) -> list[str]:
    """Writes the values of these files; what a removed one said holds until the next boot.

    No value is worth a change: one that the kernel refuses, or does not know, is left as it is.

    Args:
        system: The instance.
        changed: Paths of files that were written or removed; others than of sysctl are passed over.

    Returns:
        What was refused, and why.
    """
    refused = []
    for path in sorted(one for one in changed if one.startswith(SYSCTL_FOLDER)):
        file = system.path(path)
        for line in file.read_text().splitlines() if file.exists() else ():
            key, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                refused += _write(system, key.strip(" -"), value.strip())
    return refused


def _write(system: System, key: str, value: str) -> list[str]:
    places = sorted(system.path("/proc/sys").glob(key.replace(".", "/")))
    if not places:
        return [f"{key}: this kernel has none"]
    refused = []
    for place in places:
        try:
            place.write_text(value)
        except OSError as error:
            refused.append(f"{key}: {error.strerror}")
    return refused
