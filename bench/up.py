"""From warm caches to the first byte through the proxy, and how much of it the provider just waits."""

from __future__ import annotations

import time

from bench.clouds import SAMPLE, running, sample_key
from bench.timing import Sample, timed
from tests.support.project import Project

RUNS = 3
TIMEOUT_S = 180


def run() -> list[Sample]:
    """Measures the steps to the first byte, and a `pulumi up` in a cloud that boots nothing.

    The latter is the provider's fixed waits plus the engine's own work, in the same run on the same
    machine: what a faster boot could never save.
    """
    with_boot = [_with_boot() for _ in range(RUNS)]
    without = tuple(_without_boot() for _ in range(RUNS))
    cloud, deploy, serve = zip(*with_boot, strict=True)
    return [
        Sample("localcloud up, bucket, stack init", cloud),
        Sample("pulumi up", deploy),
        Sample("pulumi up where nothing boots (fixed waits)", without),
        Sample("from the end of pulumi up to the first byte", serve),
        Sample("all: from nothing running to the first byte", tuple(map(sum, with_boot))),
    ]


def _with_boot() -> tuple[float, float, float]:
    began = time.monotonic()
    with running() as project:
        cloud = time.monotonic() - began
        deploy = timed(lambda: project.must("up", "--yes", "--skip-preview"))
        url = f"{project.outputs()['url'].rstrip('/')}/{sample_key(project)}"
        serve = timed(lambda: _until_served(project, url))
        project.must("destroy", "--yes", "--skip-preview")
    return cloud, deploy, serve


def _without_boot() -> float:
    with running("--api-only") as project:
        seconds = timed(lambda: project.must("up", "--yes", "--skip-preview"))
        project.must("destroy", "--yes", "--skip-preview")
    return seconds


def _until_served(project: Project, url: str) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while project.cloud.curl("internet", url, timeout_s=5).body != SAMPLE:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{url} was not served within {TIMEOUT_S} s")
        time.sleep(0.1)
