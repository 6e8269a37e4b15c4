"""HTTPS with a certificate that is proven by records in Alibaba Cloud DNS: port 80 stays shut."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Bucket
from tests.support.localcloud import LocalCloud
from tests.support.project import Project

ZONE = "dns-proof.test"
# Fresh: the authority is content with an earlier validation of a name now and then.
NAME = f"files-{secrets.token_hex(4)}.{ZONE}"
# The authority asks from an address of its own, beside this one.
CLIENT = "192.0.2.20/32"
DIRECTORY = "https://acme.localcloud.test/dir"
STATE = "/var/lib/oss-proxy/acme"
SERVICE = "oss-proxy-acme.service"


@pytest.fixture(scope="module")
def trust(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """What makes curl trust an authority, and the account has a domain."""
    root = tmp_path_factory.mktemp("acme-dns") / "root.pem"
    cloud.cli("acme", "up", timeout_s=900)
    try:
        root.write_text(cloud.cli("acme", "root").stdout)
        cloud.cli("dns", "domain", "add", ZONE)
        yield ("--cacert", str(root))
    finally:
        cloud.cli("dns", "domain", "rm", ZONE, check=False)
        cloud.cli("acme", "down")


@pytest.fixture
def by_dns(cloud: LocalCloud, bucket: Bucket, trust: tuple[str, str], tmp_path: Path) -> Iterator[Project]:
    project = Project.copy_to(tmp_path / "by-dns", cloud)
    project.change(
        {
            "tls": "acme",
            "acmeChallenge": "dns-01",
            "acmeDirectory": DIRECTORY,
            "allowedCidrs": [CLIENT],
            "domainNames": [NAME, f"*.{NAME}"],
            "dnsZone": ZONE,
        }
    )
    project.stack_file.rename(project.folder / "Pulumi.by-dns.yaml")
    project.must("stack", "init", "by-dns")
    try:
        yield project
    finally:
        project.must("destroy", "--yes", "--skip-preview")


def records(cloud: LocalCloud) -> list[tuple[str, str, str]]:
    """The zone's records: what is in front, type and value."""
    (zone,) = [one for one in cloud.status()["domains"] if one["name"] == ZONE]
    return sorted((one["rr"], one["type"], one["value"]) for one in zone["records"])


def issued(cloud: LocalCloud) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads(cloud.cli("acme", "issued", "--json").stdout)
    return made


def test_names_are_proven_with_no_port_open_and_nothing_of_it_stays(
    cloud: LocalCloud, bucket: Bucket, by_dns: Project, trust: tuple[str, str]
) -> None:
    project = by_dns
    project.must("up", "--yes", "--skip-preview")
    outputs = project.outputs()
    address, instance, label = outputs["public_ip"], outputs["instance_id"], NAME.partition(".")[0]
    assert outputs["url"] == f"https://{NAME}/"

    def answers(host: str, *options: str) -> int:
        there = ("--connect-to", f"::{address}:")
        url = f"https://{host}/{bucket.prefix}hello.txt"
        return cloud.curl("internet", url, *trust, *there, *options, timeout_s=10).status

    assert [sorted(one["names"]) for one in issued(cloud)] == [sorted((NAME, f"*.{NAME}"))]
    assert answers(NAME) == answers(f"any.{NAME}") == 200
    redirect = cloud.curl("internet", f"http://any.{NAME}/x")
    assert (redirect.status, redirect.headers["location"]) == (301, f"https://any.{NAME}/x")
    # Clients alone are let in, on any port.
    assert ingress(project) == {("80/80", CLIENT), ("443/443", CLIENT)}
    # The names lead here; what proved them is gone, here and there.
    addresses = sorted([(label, "A", address), (f"*.{label}", "A", address)])
    assert records(cloud) == addresses
    assert "No such file" in on_instance(cloud, instance, "ls", f"{STATE}/dns-proofs.json")

    # systemd is to keep nginx's processes from the credentials; this kernel need not have what that takes.
    shut = on_instance(cloud, instance, "systemctl", "show", "nginx", "--property", "IPAddressDeny")
    assert shut == "IPAddressDeny=100.100.100.200/32\n"

    # It is renewed as it was issued, after a run that was interrupted, whose record goes.
    left = ["_acme-challenge." + NAME, "left-behind"]
    program = "import sys; sys.path.insert(0, '/tmp/proof'); import acme_program as p; "
    on_instance(
        cloud,
        instance,
        *("sh", "-c", "mkdir /tmp/proof; cp /usr/local/libexec/oss-proxy-acme /tmp/proof/acme_program.py"),
    )
    made = on_instance(
        cloud,
        instance,
        *("python3", "-c"),
        f"{program}w = p.Wanted.read(p.Path('/')); z = p.Proofs(w, p.Path('/')); "
        f"z.publish({NAME!r}, '', {left[1]!r})",
    )
    assert records(cloud) == sorted([*addresses, (f"_acme-challenge.{label}", "TXT", left[1])]), made
    on_instance(cloud, instance, "rm", "-r", f"{STATE}/certificates")
    on_instance(cloud, instance, "systemctl", "start", SERVICE)
    assert len(issued(cloud)) == 2, on_instance(cloud, instance, "journalctl", "-u", SERVICE, "-o", "cat")
    assert records(cloud) == addresses
    assert answers(NAME) == 200

    # The instance has the rights of the one role, which go with the stack.
    (role,) = cloud.status()["roles"]
    assert (role["name"], role["instances"]) == ("oss-proxy-by-dns-acme-dns", [instance])
    project.must("up", "--yes", "--skip-preview", "--expect-no-changes")
    project.must("destroy", "--yes", "--skip-preview")
    status = cloud.status()
    assert (status["roles"], status["policies"], records(cloud)) == ([], [], [])


def ingress(project: Project) -> set[tuple[str, str]]:
    """The ports that are open, each with the network that it is open to."""
    export = ["pulumi", "--non-interactive", "stack", "export"]
    state = json.loads(project.cloud.run("operator", export, cwd=project.folder).stdout)
    rules = [one.get("inputs", {}) for one in state["deployment"]["resources"]]
    return {(one["portRange"], one["cidrIp"]) for one in rules if one.get("type") == "ingress"}


def on_instance(cloud: LocalCloud, instance: str, *command: str) -> str:
    done = cloud.run(instance, command)
    return (done.stdout + done.stderr).decode()
