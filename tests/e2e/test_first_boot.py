"""A replaced instance is complete when `up` ends, and a first boot that fails is told with its log."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Bucket, Deployed
from tests.support.project import Project

CLOUD_INIT = "templates/cloud-init/user-data.yaml.j2"


@pytest.fixture
def edited(deployed: Deployed) -> Iterator[Project]:
    """The stack's project, whose template of the user data is put back afterwards."""
    template = deployed.project.folder / CLOUD_INIT
    text = template.read_text()
    try:
        yield deployed.project
    finally:
        template.write_text(text)


def replace(project: Project) -> tuple[str, ...]:
    urns = project.must("stack", "--show-urns").split()
    (urn,) = [word for word in urns if word.endswith("::proxy-instance")]
    return ("up", "--yes", "--skip-preview", "--replace", urn)


def test_a_first_boot_that_fails_is_told_and_a_replaced_instance_serves_at_once(
    edited: Project, deployed: Deployed, bucket: Bucket
) -> None:
    template = edited.folder / CLOUD_INIT
    text = template.read_text()
    template.write_text(text + "  - [sh, -c, 'echo the disk is on fire; exit 7']\n")
    failed = edited.pulumi(*replace(edited))
    assert failed.code != 0
    assert "the instance's first boot ended with an error" in failed.text
    assert "the disk is on fire" in failed.text

    template.write_text(text)
    edited.must(*replace(edited))
    answer = edited.cloud.curl("internet", f"{deployed.url}/{bucket.prefix}hello.txt", timeout_s=5)
    assert answer.status == 200
    outputs = edited.outputs()
    assert outputs["instance_id"] != deployed.outputs["instance_id"]
    assert outputs["public_ip"] == deployed.outputs["public_ip"]
    edited.must("up", "--yes", "--skip-preview", "--expect-no-changes")
