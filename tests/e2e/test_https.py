"""HTTPS with the owner's certificate: who is served, how one follows another, and where the key is not."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.e2e.conftest import Bucket, Deployed
from tests.support.certificates import Issued, authority, server
from tests.support.project import Project

NAME = "files.example.com"
SHOWN = "import ssl, sys; print(ssl.get_server_certificate((sys.argv[1], 443)))"


@pytest.fixture(scope="module")
def root() -> Issued:
    return authority(now=datetime.now(UTC))


@pytest.fixture(scope="module")
def trust(root: Issued, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with the authority that clients trust."""
    path = tmp_path_factory.mktemp("trust") / "root.pem"
    path.write_text(root.pem)
    return str(path)


def bring(project: Project, issued: Issued) -> None:
    project.change({"tls": "provided", "tlsCertificate": issued.pem})
    project.must("config", "set", "--secret", "--", "oss-proxy:tlsPrivateKey", issued.key_pem())
    project.must("up", "--yes", "--skip-preview")


@pytest.fixture(scope="module")
def issued(root: Issued, deployed: Deployed) -> Issued:
    return server(root, (NAME,), addresses=(deployed.outputs["public_ip"],), now=datetime.now(UTC))


@pytest.fixture(scope="module")
def secured(deployed: Deployed, issued: Issued) -> Iterator[Project]:
    """The stack with HTTPS, without it again afterwards."""
    project = deployed.project
    before = project.stack_file.read_text()
    try:
        bring(project, issued)
        yield project
    finally:
        project.stack_file.write_text(before)
        project.must("up", "--yes", "--skip-preview")


def test_who_asks_by_name_or_address_is_served_and_others_are_not(
    secured: Project, deployed: Deployed, bucket: Bucket, trust: str
) -> None:
    cloud, address = secured.cloud, deployed.outputs["public_ip"]
    assert secured.outputs()["url"] == f"https://{NAME}/"
    resolved = ("--cacert", trust, "--connect-to", f"::{address}:")
    for host in (NAME, address):
        answer = cloud.curl("internet", f"https://{host}/{bucket.prefix}hello.txt", *resolved)
        assert answer.status == 200, answer
    other = cloud.curl(
        "internet", f"https://other.example.com/{bucket.prefix}hello.txt", "--insecure", *resolved
    )
    assert other.status == 421


def test_plain_http_leads_to_https(secured: Project, deployed: Deployed, bucket: Bucket) -> None:
    address = deployed.outputs["public_ip"]
    answer = secured.cloud.curl("internet", f"http://{address}/{bucket.prefix}hello.txt")
    assert (answer.status, answer.headers["location"]) == (301, f"https://{address}/{bucket.prefix}hello.txt")


def test_another_certificate_takes_the_place_of_the_first_without_a_lost_request(
    secured: Project, deployed: Deployed, bucket: Bucket, root: Issued, issued: Issued, trust: str
) -> None:
    address = deployed.outputs["public_ip"]
    other = server(root, (NAME,), addresses=(address,), now=datetime.now(UTC))
    try:
        with secured.cloud.load("internet", f"https://{address}/{bucket.prefix}hello.txt", trust) as load:
            bring(secured, other)
        assert load.counts.get("failed", 0) == 0, load.failures
        assert load.answered > 500
        shown = secured.cloud.run("internet", [sys.executable, "-c", SHOWN, address]).stdout.decode()
        assert shown.split() == other.pem.split()
    finally:
        bring(secured, issued)


def test_a_second_up_changes_nothing(secured: Project) -> None:
    secured.must("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_the_key_is_nowhere_in_the_clear(secured: Project, deployed: Deployed, issued: Issued) -> None:
    cloud, instance = secured.cloud, deployed.outputs["instance_id"]
    mode = cloud.run(instance, ["stat", "--format", "%a %U", "/etc/nginx/oss-proxy/certificate.key"]).stdout
    assert mode.split() == [b"600", b"root"]
    line = issued.key_pem().splitlines()[1].encode()
    everywhere = {
        "user data": cloud.run(instance, ["cloud-init", "query", "userdata"]).stdout,
        "outputs": json.dumps(secured.outputs()).encode(),
        "settings": secured.stack_file.read_bytes(),
        "cloud's log": cloud.cli("logs").stdout.encode(),
        "instance's logs": cloud.cli("logs", instance).stdout.encode(),
        "preview": secured.must("preview", "--diff", "--show-full-output").encode(),
        "state": b"".join(path.read_bytes() for path in (cloud.home.parent / "state").rglob("*.json")),
    }
    for place, text in everywhere.items():
        assert text, place
        assert line not in text, place
