"""A changed setting reaches the clients, and what they hold on to stays the same."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import Bucket, Deployed, wait_until_serving


@pytest.fixture(scope="module")
def changed(deployed: Deployed, bucket: Bucket) -> Deployed:
    """The stack after a second prefix was opened."""
    project = deployed.project
    project.change({"objectPrefixes": [bucket.prefix, "elsewhere/"]})
    project.must("up", "--yes", "--skip-preview")
    changed = Deployed(project, project.outputs())
    wait_until_serving(project.cloud, f"{changed.url}/elsewhere/hello.txt")
    return changed


def test_the_instance_is_replaced_rather_than_left_with_the_old_configuration(
    deployed: Deployed, changed: Deployed
) -> None:
    assert changed.outputs["instance_id"] != deployed.outputs["instance_id"]


def test_the_addresses_stay(deployed: Deployed, changed: Deployed) -> None:
    for name in ("public_ip", "private_ip", "url"):
        assert changed.outputs[name] == deployed.outputs[name]


def test_the_first_prefix_is_still_served(changed: Deployed, bucket: Bucket) -> None:
    answer = changed.project.cloud.curl("internet", f"{changed.url}/{bucket.prefix}hello.txt")
    assert answer.status == 200


def test_the_bucket_holds_the_exported_policy(changed: Deployed, bucket: Bucket) -> None:
    policy = changed.outputs["bucket_policy"]
    assert bucket.policy() == (json.loads(policy) if isinstance(policy, str) else policy)
