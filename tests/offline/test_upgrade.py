"""The present program over the state of each release: nothing that serves clients changes, let alone goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.offline.test_changes import operations
from tests.support.project import Project

STATES = sorted((Path(__file__).parent / "states").glob("*.json"))
KEPT = (
    "proxy-vpc",
    "proxy-vswitch",
    "proxy-security-group",
    "proxy-ingress-192.0.2.0-24",
    "proxy-bucket-policy",
    "proxy-eip",
    "proxy-eip-association",
    "proxy-instance",
)


@pytest.fixture
def upgraded(project: Project, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Project]:
    """The present program with the state of a release, beside the bucket with the release's statement.

    Nothing else that the state tells of exists in this cloud. A preview does not look.
    """
    resources = json.loads(request.param.read_text())["deployment"]["resources"]
    (policy,) = [one for one in resources if one["urn"].endswith("::proxy-bucket-policy")]
    file = tmp_path / "policy.json"
    file.write_text(policy["outputs"]["document"])
    bucket = project.setting("bucketName")
    project.cloud.cli("oss", "policy", "set", bucket, str(file))
    project.must("stack", "init", "dev")
    try:
        project.must("stack", "import", "--file", str(request.param))
        yield project
    finally:
        project.must("stack", "rm", "--yes", "--force")
        project.cloud.cli("oss", "policy", "delete", bucket)


@pytest.mark.parametrize("upgraded", STATES, ids=lambda path: path.stem, indirect=True)
def test_an_upgrade_replaces_nothing(upgraded: Project) -> None:
    shown = operations(upgraded)
    assert isinstance(shown, dict), shown
    # What is recorded of the stack may change, and things may be added.
    assert {name: kind for name, kind in shown.items() if kind not in ("create", "update")} == {}
    assert {name: shown[name] for name in KEPT if name in shown} == {}
    # The program did run over that state, which had no such resource.
    assert shown["proxy-configuration"] == "create"


def test_a_state_of_every_release_is_here() -> None:
    assert "0.1.0" in {path.stem for path in STATES}
