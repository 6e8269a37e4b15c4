"""How long a reviewer waits: `pulumi preview` of a new stack, and of one that is up."""

from __future__ import annotations

from bench.clouds import running
from bench.timing import Sample, timed

RUNS = 5


def run() -> list[Sample]:
    """Measures both previews against localcloud's API services."""
    with running("--api-only") as project:
        project.must("preview")
        new = [timed(lambda: project.must("preview")) for _ in range(RUNS)]
        project.must("up", "--yes", "--skip-preview")
        existing = [timed(lambda: project.must("preview")) for _ in range(RUNS)]
        project.must("destroy", "--yes", "--skip-preview")
    return [
        Sample("pulumi preview, new stack", tuple(new)),
        Sample("pulumi preview, stack that is up", tuple(existing)),
    ]
