"""What nginx's processes tell of themselves."""

from __future__ import annotations

import time
from pathlib import Path

# Held by whoever changes what nginx serves.
LOCK = "/run/oss-proxy.lock"


def workers(root: Path) -> tuple[set[int], list[int]]:
    """Returns the workers that take connections, and those that only end theirs, the oldest first."""
    serving, draining = set(), []
    try:
        master = (root / "run/nginx.pid").read_text().strip()
        children = Path(f"/proc/{master}/task/{master}/children").read_text()
    except OSError:
        return set(), []
    for pid in children.split():
        try:
            title = Path(f"/proc/{pid}/cmdline").read_bytes()
            born = int(Path(f"/proc/{pid}/stat").read_text().split(") ")[1].split()[19])
        except OSError:
            continue
        if b"nginx: worker process is" in title:
            draining.append((born, int(pid)))
        elif b"nginx: worker process" in title:
            serving.add(int(pid))
    return serving, [pid for _, pid in sorted(draining)]


def taken_up(root: Path, before: set[int], timeout_s: float) -> bool:
    """Waits for new workers in place of those of before; whether they came."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        # For a tenth of a second the old ones still take connections beside the new ones.
        serving, _ = workers(root)
        if serving and not serving & before:
            return True
        time.sleep(0.02)
    return False
