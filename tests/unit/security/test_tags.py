"""Everything that takes tags has the stack's.

As: InfraGuard `ecs-instance-tags-required`, `oss-bucket-tags`.
"""

from __future__ import annotations

import pytest

from tests.unit.recorder import Deployment
from tests.unit.security.conftest import Run
from tests.unit.security.provider_schema import arguments, provided

TAGS = {"managed-by": "pulumi", "project": "oss-proxy", "stack": "dev"}
# The argument of each kind of tags -> how the program's inputs name it.
KINDS = {"tags": "tags", "volume_tags": "volumeTags"}


def untagged(made: Deployment, tags: dict[str, str]) -> list[str]:
    """What takes tags, and has not exactly these."""
    return [
        f"{one.name}: {argument}"
        for one in provided(made)
        for argument, key in KINDS.items()
        if argument in arguments(one.type) and one.inputs.get(key) != tags
    ]


def test_everything_that_takes_tags_has_project_and_stack(made: Deployment) -> None:
    assert untagged(made, TAGS) == []
    assert "proxy-instance: volume_tags" in untagged(made, {})


@pytest.mark.parametrize("owner", ["team-storage", "Jürgen <j@example.org>"])
def test_the_owner_is_on_everything_where_one_is_named(run: Run, owner: str) -> None:
    assert untagged(run({"owner": owner}), {**TAGS, "owner": owner}) == []


def test_the_schema_tells_what_takes_tags() -> None:
    assert "tags" in arguments("alicloud:vpc/switch:Switch")
    assert "tags" not in arguments("alicloud:ecs/eipAssociation:EipAssociation")
