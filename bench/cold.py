"""`make up` on a checkout and caches that are empty, as on a machine that has never built it."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from bench.timing import Sample, run_command, timed

ROOT = Path(__file__).resolve().parents[1]
_CACHES = ("XDG_CACHE_HOME", "GOCACHE", "GOMODCACHE", "UV_CACHE_DIR", "PIP_CACHE_DIR")


def run() -> list[Sample]:
    """Measures the first `make up` and the second one of the same checkout; takes about 20 minutes."""
    with tempfile.TemporaryDirectory(prefix="oss-proxy-cold-") as folder:
        clone = Path(folder) / "oss-proxy"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        env = {name: str(Path(folder) / "caches" / name.lower()) for name in _CACHES}
        # The module cache is made read-only by default, and could not be removed with the folder.
        env["GOFLAGS"] = "-modcacherw"
        seconds = []
        for _ in range(2):
            seconds.append(timed(lambda: run_command(["make", "up"], cwd=clone, env=env)))
            run_command(["make", "down"], cwd=clone, env=env)
    return [
        Sample("make up, nothing cached", (seconds[0],)),
        Sample("make up, again", (seconds[1],)),
    ]
