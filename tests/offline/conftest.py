"""The real engine and provider against localcloud's API services alone: no root, nothing boots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.offline.bucket_policy import Policy
from tests.support.localcloud import LocalCloud
from tests.support.project import Project, pulumi_env


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks everything here; one worker runs it all, so that its clouds are shared."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.offline)


StartCloud = Callable[..., LocalCloud]


@pytest.fixture(scope="session")
def start_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartCloud]:
    """Starts a cloud of API services; its operator shares one state folder with the others'."""
    state = tmp_path_factory.mktemp("state")
    clouds: list[LocalCloud] = []

    def start(*options: str) -> LocalCloud:
        cloud = LocalCloud(tmp_path_factory.mktemp("cloud") / "home")
        clouds.append(cloud)
        env = (f"--operator-env={name}={value}" for name, value in pulumi_env(state).items())
        cloud.cli("up", "--api-only", *env, *options)
        return cloud

    try:
        yield start
    finally:
        for cloud in clouds:
            cloud.cli("down")


@pytest.fixture(scope="session")
def cloud(start_cloud: StartCloud) -> LocalCloud:
    return start_cloud()


@pytest.fixture
def project(cloud: LocalCloud, tmp_path: Path) -> Project:
    """A fresh copy of the program beside the bucket that its settings name."""
    project = Project.copy_to(tmp_path / "oss-proxy", cloud)
    make_bucket(project)
    return project


@pytest.fixture
def stack(project: Project) -> Iterator[Project]:
    """The project with a stack that is empty yet."""
    project.must("stack", "init", "dev")
    try:
        yield project
    finally:
        # Also after a refused `up`, which may have recorded the provider that it asked.
        project.must("destroy", "--yes", "--skip-preview", "--remove")


@pytest.fixture
def policy(project: Project, tmp_path: Path) -> Iterator[Policy]:
    """The policy of the project's bucket, which holds nothing yet."""
    policy = Policy(project.cloud, project.setting("bucketName"), tmp_path)
    try:
        yield policy
    finally:
        policy.remove()


def make_bucket(project: Project) -> None:
    """Makes the bucket that the settings name, unless an earlier test did."""
    bucket, region = project.setting("bucketName"), project.setting("alicloud:region")
    if bucket not in project.cloud.cli("oss", "ls").stdout:
        project.cloud.cli("oss", "mb", bucket, "--region", region)
