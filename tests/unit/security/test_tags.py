"""Everything that takes tags has the stack's."""

from __future__ import annotations

import pytest

from tests.unit.recorder import Deployment
from tests.unit.security.catalogue import enforces
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


@enforces(
    "InfraGuard ecs-instance-tags-required",
    "InfraGuard ecs-instance-name-required",
    "InfraGuard oss-bucket-tags-required",
    "InfraGuard vpc-name-required",
    "InfraGuard vswitch-name-required",
)
def test_everything_that_takes_tags_or_a_name_has_project_and_stack_in_it(forms: list[Deployment]) -> None:
    for made in forms:
        assert untagged(made, TAGS) == []
        assert "proxy-instance: volume_tags" in untagged(made, {})
        for one in provided(made):
            # A domain is none of the stack's.
            names = [
                value for key, value in one.inputs.items() if key.endswith("Name") and key != "domainName"
            ]
            assert all(name.startswith("oss-proxy-dev-") for name in names), one.name


@pytest.mark.parametrize("owner", ["team-storage", "Jürgen <j@example.org>"])
def test_the_owner_is_on_everything_where_one_is_named(run: Run, owner: str) -> None:
    assert untagged(run({"owner": owner}), {**TAGS, "owner": owner}) == []


def test_the_schema_tells_what_takes_tags() -> None:
    assert "tags" in arguments("alicloud:vpc/switch:Switch")
    assert "tags" not in arguments("alicloud:ecs/eipAssociation:EipAssociation")
