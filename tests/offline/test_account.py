"""A stack belongs to the account that it was made in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.offline.conftest import StartCloud, make_bucket
from tests.support.localcloud import LocalCloud
from tests.support.project import Project

OTHER_UID = "9000000000000077"


@pytest.fixture(scope="module")
def made_here(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A stack that is up in the first cloud, and gone afterwards: other tests have one of its name."""
    project = Project.copy_to(tmp_path_factory.mktemp("account") / "oss-proxy", cloud)
    make_bucket(project)
    project.must("stack", "init", "dev")
    try:
        project.must("up", "--yes", "--skip-preview")
        yield project
    finally:
        project.must("destroy", "--yes", "--skip-preview", "--remove")


@pytest.fixture(scope="module")
def elsewhere(made_here: Project, start_cloud: StartCloud) -> Project:
    """The same stack and folder, seen with the credentials of another account."""
    project = replace(made_here, cloud=start_cloud("--account-uid", OTHER_UID))
    make_bucket(project)
    return project


@pytest.mark.parametrize(
    "command",
    [
        ("preview",),
        ("up", "--yes", "--skip-preview"),
        ("destroy", "--yes", "--skip-preview"),
        # A refresh reads everything at once and believes what it reads, so here it is the preview before
        # it that is refused: README, "On a real account".
        ("refresh", "--yes"),
    ],
)
def test_another_account_is_refused(made_here: Project, elsewhere: Project, command: tuple[str, ...]) -> None:
    before = made_here.must("stack", "export")
    result = elsewhere.pulumi(*command)
    assert result.code != 0, result.text
    assert OTHER_UID in result.text
    assert "9000000000000001" in result.text
    assert _resources(made_here.must("stack", "export")) == _resources(before)


def test_the_stacks_own_account_still_owns_it_all(made_here: Project, elsewhere: Project) -> None:
    made_here.must("up", "--yes", "--skip-preview", "--expect-no-changes")


def _resources(exported: str) -> list[str]:
    deployment = json.loads(exported[exported.index("{") :])["deployment"]
    return sorted(resource["urn"] for resource in deployment["resources"])
