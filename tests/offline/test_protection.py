"""Deletion protection with the real engine and provider: what is refused, when, and how it is taken off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.project import Project

OTHER_NETWORK = {"vpcCidr": "172.17.0.0/24", "vswitchCidr": "172.17.0.0/28"}
OTHER_IMAGE = "debian_13_1_x64_20G_alibase_20260316.vhd"


@pytest.fixture
def protected(stack: Project) -> Iterator[Project]:
    stack.change({"deletionProtection": True})
    stack.must("up", "--yes", "--skip-preview")
    try:
        yield stack
    finally:
        if stack.cloud.status()["instances"]:
            stack.change({"deletionProtection": None, "imageId": None, **dict.fromkeys(OTHER_NETWORK)})
            stack.change({"bandwidthBilling": None})
            stack.must("up", "--yes", "--skip-preview")


def situation(stack: Project) -> dict[str, Any]:
    """What exists, in the cloud and in the state."""
    status = stack.cloud.status()
    exported = json.loads(stack.must("stack", "export"))["deployment"]["resources"]
    return {
        "vpcs": status["vpcs"],
        "instances": status["instances"],
        "state": sorted((one["urn"], one.get("id")) for one in exported),
    }


def refused(stack: Project, *command: str) -> str:
    """The text of a command that must fail and change nothing."""
    before = situation(stack)
    result = stack.pulumi(*command)
    assert result.code != 0, result.text
    assert situation(stack) == before
    return result.text


def test_nothing_is_replaced_or_destroyed_before_the_protection_is_taken_off(protected: Project) -> None:
    (instance,) = protected.cloud.status()["instances"]
    assert instance["eip"]

    # What replaces the instance, everything, or the EIP; each in the preview and without one.
    changes = ({"imageId": OTHER_IMAGE}, OTHER_NETWORK, {"bandwidthBilling": "PayByBandwidth"})
    for change in changes:
        protected.change(change)
        for command in (("preview",), ("up", "--yes", "--skip-preview")):
            assert "marked for protection" in refused(protected, *command), change
        protected.change(dict.fromkeys(change))

    assert "is protected" in refused(protected, "destroy", "--yes")
    text = refused(protected, "destroy", "--yes", "--skip-preview")
    assert "the stack's deletionProtection is on" in text
    assert "pulumi config set oss-proxy:deletionProtection false" in text

    # Taking the protection off and replacing in one: the cloud would refuse that half way.
    protected.change({"deletionProtection": False, "imageId": OTHER_IMAGE})
    for command in (("preview",), ("up", "--yes", "--skip-preview")):
        text = refused(protected, *command)
        assert "this update changes imageId" in text
        assert "pulumi config set oss-proxy:imageId ''" in text

    protected.change({"imageId": ""})
    protected.must("up", "--yes", "--skip-preview")
    protected.must("destroy", "--yes")
    assert protected.cloud.status()["instances"] == []
