"""What a test leaves on the machine that it runs on."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class MachineState:
    """Everything of the kinds that localcloud makes, by name."""

    namespaces: frozenset[str]
    links: frozenset[str]
    tables: frozenset[str]
    mounts: frozenset[str]
    resolver_folders: frozenset[str]

    @classmethod
    def now(cls) -> MachineState:
        """Reads the machine's state from the kernel."""
        return cls(
            namespaces=frozenset(_lines("ip", "netns", "list")),
            links=frozenset(line.split(": ")[1].split("@")[0] for line in _lines("ip", "-o", "link", "show")),
            tables=frozenset(_lines("nft", "list", "tables")),
            mounts=frozenset(
                line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()
            ),
            resolver_folders=frozenset(path.name for path in Path("/etc/netns").glob("*")),
        )


def processes_of(home: Path) -> list[str]:
    """Command lines of running processes that name the home folder of a cloud."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        line = b" ".join(words).decode(errors="replace")
        if str(home) in line:
            found.append(line)
    return found


def _lines(*command: str) -> list[str]:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]
