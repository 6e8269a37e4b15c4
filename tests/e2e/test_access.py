"""The kit of a stack that is up: written by the command, and its diagnosis on hosts that may and may not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Bucket, Deployed
from tests.support.project import ROOT


@pytest.fixture(scope="module")
def kit(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("access") / "kit"
    done = deployed.project.cloud.run(
        "operator",
        [sys.executable, "-m", "infra.access", "--stack", "dev", "--dir", str(folder)],
        cwd=deployed.project.folder,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode() == f"{folder / 'README.md'}: who uses what\n"
    return folder


def diagnosis(deployed: Deployed, kit: Path, place: str) -> tuple[int, str]:
    program = (kit / "oss-diagnose").read_text()
    done = deployed.project.cloud.run(place, ["python3", "-c", program])
    return done.returncode, (done.stdout + done.stderr).decode()


def test_the_first_page_is_the_output(deployed: Deployed, kit: Path, bucket: Bucket) -> None:
    page = (kit / "README.md").read_text()
    assert page == deployed.outputs["access"]
    assert f"{deployed.url}/{bucket.prefix}hello.txt" in page
    assert bucket.internal_host in page


def test_the_instance_may(deployed: Deployed, kit: Path) -> None:
    code, text = diagnosis(deployed, kit, deployed.outputs["instance_id"])
    assert code == 0, text
    assert f"this host is {deployed.outputs['instance_id']}, in cn-hangzhou" in text
    assert "without a signature: 200" in text


def test_another_host_of_the_vpc_may_not(deployed: Deployed, kit: Path) -> None:
    code, text = diagnosis(deployed, kit, "vpc")
    assert code == 1, text
    assert "403 0003-00000001: no statement of the bucket's policy lets this host" in text


def test_a_client_on_the_internet_is_sent_to_the_proxy(deployed: Deployed, kit: Path) -> None:
    code, text = diagnosis(deployed, kit, "internet")
    assert code == 0, text
    assert f"the proxy {deployed.url}/ answers 200" in text


def test_the_kit_is_that_of_the_checkout(kit: Path) -> None:
    assert (kit / "go" / "go.sum").read_text() == (ROOT / "templates/access/go/go.sum.j2").read_text()
