"""How to run a command inside a booted system. Only the standard library: `localcloud run` uses it."""

from __future__ import annotations

from collections.abc import Sequence

_ENVIRONMENT = {
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "LOGNAME": "root",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "SHELL": "/bin/bash",
    "USER": "root",
}


def enter_command(leader: int, argv: Sequence[str], *, term: str | None = None) -> list[str]:
    """Returns the command that runs `argv` inside a booted system as its root.

    Args:
        leader: Id of the system's first process, on the host.
        argv: The command inside.
        term: The terminal's type, when there is one.
    """
    environment = _ENVIRONMENT | ({"TERM": term} if term else {})
    return [
        *("nsenter", "--target", str(leader), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"),
        *("--root", "--wdns=/", "--", "/usr/bin/env", "-i"),
        *(f"{name}={value}" for name, value in environment.items()),
        *argv,
    ]
