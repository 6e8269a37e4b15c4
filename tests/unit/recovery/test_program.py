"""What the program makes of what an interrupted update left."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

from infra.sdk_rpc import ApiError
from tests.unit.fakes import FakeCloud
from tests.unit.recorder import Answers, deploy
from tests.unit.recovery.world import GUARD, deployment, found, pending, resource


class NothingRegistered(Answers):
    """Fails where a resource is registered."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        raise AssertionError(f"{args.name} was registered")


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", told.append)
    return told


@pytest.mark.parametrize("preview", [True, False])
def test_orphans_stop_it_before_anything_is_registered(
    values: dict[str, str], cloud: FakeCloud, preview: bool
) -> None:
    cloud.resources = [found("vpc", "vpc-2")]
    with pytest.raises(pulumi.RunError, match=r"vpc-2[\s\S]*python -m infra\.recovery --stack dev"):
        deploy(values, NothingRegistered(), preview=preview)


def test_an_interruption_stops_it_even_where_nothing_may_be_listed(
    values: dict[str, str], cloud: FakeCloud
) -> None:
    cloud.refuses_list = ApiError("no.", code="Forbidden.RAM", consequence="none.", fix="grant it.")
    cloud.deployment = deployment(operations=[pending("creating", "vpc")])
    with pytest.raises(pulumi.RunError, match="interrupted while creating proxy-vpc"):
        deploy(values, NothingRegistered())


def test_who_may_not_list_is_warned_and_goes_on(
    values: dict[str, str], cloud: FakeCloud, warnings: list[str]
) -> None:
    cloud.refuses_list = ApiError("no.", code="Forbidden.RAM", consequence="none.", fix="grant it.")
    assert deploy({**values, "tls": "off"}).resources
    (told,) = warnings
    assert "vpc:DescribeVpcs" in told


def test_a_resource_that_the_cloud_does_not_list_is_told(
    values: dict[str, str], cloud: FakeCloud, warnings: list[str]
) -> None:
    cloud.deployment = deployment(resource("vpc", "vpc-1"), GUARD)
    assert deploy({**values, "tls": "off"}).resources
    (told,) = warnings
    assert "vpc-1" in told
