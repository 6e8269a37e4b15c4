"""A changed setting on a proxy that is up: how long until it serves, what clients lose, how large it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from bench.clouds import running, sample_key
from bench.timing import Sample, timed
from infra.instance_files import SystemContext, nginx_file, system_files
from infra.render import USER_DATA_MAX_BYTES
from infra.rollout import delivery
from tests.support.project import Project

RUNS = 5
REQUESTS = 10_000
LONGEST_LOAD_RUNS = 20


@dataclass(frozen=True)
class Figure:
    """Something that is no time."""

    name: str
    value: str

    def row(self) -> str:
        """The figure as a line of the table."""
        return f"{self.name:<48} {self.value}"


def run() -> Iterator[Sample | Figure]:
    """Measures changes without load, then under it until 10,000 requests were answered, then sizes."""
    with running() as project:
        project.must("up", "--yes", "--skip-preview")
        # `up` ends when the proxy serves what it was changed to.
        yield Sample(
            "pulumi up, a changed setting", tuple(timed(lambda: _change(project)) for _ in range(RUNS))
        )
        yield from _under_load(project)
        yield from _sizes(project)
        project.must("destroy", "--yes", "--skip-preview")


def _change(project: Project) -> None:
    """Opens one prefix more, or closes it again."""
    prefixes = project.setting("objectPrefixes")
    project.change(
        {"objectPrefixes": prefixes[:1] if len(prefixes) > 1 else [*prefixes, f"{os.urandom(4).hex()}/"]}
    )
    project.must("up", "--yes", "--skip-preview")


def _under_load(project: Project) -> Iterator[Sample | Figure]:
    url = f"{project.outputs()['url'].rstrip('/')}/{sample_key(project)}"
    seconds: list[float] = []
    answered = failed = again = 0
    while answered < REQUESTS and len(seconds) < LONGEST_LOAD_RUNS:
        with project.cloud.load("internet", url) as load:
            seconds.append(timed(lambda: _change(project)))
        answered += load.answered
        failed += load.counts.get("failed", 0)
        again += load.counts.get("asked again", 0)
    yield Sample("the same under load", tuple(seconds))
    yield Figure("requests answered meanwhile", str(answered))
    yield Figure("requests lost", str(failed))
    yield Figure(
        "kept connections that closed before an answer", f"{again} (asked again, as every client does)"
    )


def _sizes(project: Project) -> Iterator[Figure]:
    conf = project.outputs()["nginx_config"]
    host = f"{project.outputs()['bucket']}.{project.outputs()['internal_endpoint']}"
    order = {
        "nginx_conf": asdict(nginx_file(conf)),
        "files": [asdict(file) for file in system_files(SystemContext(bucket_host=host))],
        "sealed": "",
        "probe": {},
    }
    command = sum(map(delivery.size, delivery.scripts({"task": "change", "order": order})))
    instance = project.outputs()["instance_id"]
    user_data = project.cloud.run(instance, ["cloud-init", "query", "userdata"]).stdout
    for name, size, limit in (
        ("user data, bytes", len(user_data), USER_DATA_MAX_BYTES),
        ("command of a change, bytes in Base64", command, delivery.COMMAND_MAX_BASE64_BYTES),
    ):
        yield Figure(name, f"{size} of {limit} ({100 * size / limit:.0f} %)")
