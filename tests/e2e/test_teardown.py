"""`pulumi destroy` takes the name, and leaves the bucket as it was; `localcloud down` the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import Bucket, Deployed
from tests.support.domain_owner import DomainOwner
from tests.support.localcloud import LocalCloud
from tests.support.machine import MachineState, processes_of

HOST = "files.example.com"


@pytest.fixture(scope="module")
def listing_before(bucket: Bucket, deployed: Deployed) -> str:
    return bucket.listing()


@pytest.fixture(scope="module")
def named(deployed: Deployed, listing_before: str) -> DomainOwner:
    """The stack has a name in a domain of the account."""
    owner = DomainOwner(deployed.project.cloud, "example.com")
    owner.cloud.cli("dns", "domain", "add", owner.name)
    deployed.project.change({"domainNames": [HOST], "dnsZone": owner.name})
    deployed.project.must("up", "--yes", "--skip-preview")
    return owner


@pytest.fixture(scope="module")
def destroyed(deployed: Deployed, named: DomainOwner) -> Deployed:
    deployed.project.must("destroy", "--yes", "--skip-preview")
    return deployed


def test_a_client_reads_by_the_name_that_the_url_has(
    deployed: Deployed, named: DomainOwner, bucket: Bucket
) -> None:
    outputs = deployed.project.outputs()
    assert outputs["url"] == f"http://{HOST}/"
    assert named.looked_up(HOST, "internet") == outputs["public_ip"]
    answer = named.cloud.curl("internet", f"{outputs['url']}{bucket.prefix}hello.txt")
    assert (answer.status, answer.body) == (200, b"Hello from a private bucket.\n")


def test_the_name_is_gone(destroyed: Deployed, named: DomainOwner) -> None:
    assert named.records() == {}
    assert named.looked_up(HOST, "internet") == ""


def test_the_objects_are_all_there(
    destroyed: Deployed, bucket: Bucket, listing_before: str, samples: Path, tmp_path: Path
) -> None:
    assert bucket.listing() == listing_before
    assert bucket.read(f"{bucket.prefix}hello.txt", tmp_path) == (samples / "hello.txt").read_bytes()


def test_the_buckets_settings_are_what_they_were(
    destroyed: Deployed, bucket: Bucket, facts_before: str
) -> None:
    assert bucket.facts() == facts_before
    assert bucket.policy() is None


def test_the_cloud_holds_nothing_of_the_stack(destroyed: Deployed, cloud: LocalCloud) -> None:
    status = cloud.status()
    assert status["instances"] == []
    assert status["vpcs"] == []
    assert status["coverage"]["unknown"] == {}


def test_down_leaves_the_machine_as_it_was(
    destroyed: Deployed, cloud: LocalCloud, machine_before: MachineState
) -> None:
    cloud.cli("down")
    assert MachineState.now() == machine_before
    assert processes_of(cloud.home) == []
