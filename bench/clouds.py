"""A cloud and a copy of the program for one measurement, gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.localcloud import LocalCloud
from tests.support.project import Project, pulumi_env

SAMPLE = b"Hello from a private bucket.\n"


@contextmanager
def running(*options: str) -> Iterator[Project]:
    """Starts a cloud, makes the bucket with one object, and copies the program beside it."""
    with tempfile.TemporaryDirectory(prefix="oss-proxy-bench-") as folder:
        root = Path(folder)
        cloud = LocalCloud(root / "home")
        env = pulumi_env(root / "state")
        cloud.cli("up", *options, *(f"--operator-env={name}={value}" for name, value in env.items()))
        try:
            project = Project.copy_to(root / "oss-proxy", cloud)
            fill_bucket(project, root)
            project.must("stack", "init", "dev")
            yield project
        finally:
            cloud.cli("down")


def fill_bucket(project: Project, folder: Path) -> None:
    """Makes the bucket that the settings name, with the object that the benchmarks ask for."""
    bucket = project.setting("bucketName")
    (folder / "hello.txt").write_bytes(SAMPLE)
    project.cloud.cli("oss", "mb", bucket, "--region", project.setting("alicloud:region"))
    project.cloud.cli("oss", "put", str(folder / "hello.txt"), bucket, sample_key(project))


def sample_key(project: Project) -> str:
    """The key of the one object."""
    prefix = project.setting("objectPrefixes")[0]
    return "hello.txt" if prefix == "*" else f"{prefix}hello.txt"
