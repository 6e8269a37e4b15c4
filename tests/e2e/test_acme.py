"""HTTPS with certificates that the proxy gets itself: for its address, for a name, and none at all."""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Bucket, Deployed
from tests.support.localcloud import LocalCloud
from tests.support.project import Project

ZONE = "example.test"
# Fresh: the authority is content with an earlier validation of a name now and then.
NAME, WRONG, FAILING = (f"{kind}-{secrets.token_hex(4)}.{ZONE}" for kind in ("files", "wrong", "failing"))
# The authority asks from an address of its own, beside this one.
CLIENT = "192.0.2.20/32"
ELSEWHERE = "198.51.100.0/24"
DIRECTORY = "https://acme.localcloud.test/dir"
# How long certificates of addresses are good; they are renewed when a third is left.
LIFETIME_S = 120
STATE = "/var/lib/oss-proxy/acme"
UNITS = ("oss-proxy-acme.service", "oss-proxy-acme.timer")
SHOWN = "import ssl, sys; print(ssl.get_server_certificate((sys.argv[1], 443)))"
RECORD = """
import os, sys
from alibabacloud_alidns20150109 import client, models
from alibabacloud_tea_openapi.models import Config
env = os.environ
config = Config(access_key_id=env["ALIBABA_CLOUD_ACCESS_KEY_ID"], endpoint="alidns.aliyuncs.com",
    access_key_secret=env["ALIBABA_CLOUD_ACCESS_KEY_SECRET"], ca=env["REQUESTS_CA_BUNDLE"])
zone, name, value = sys.argv[1:]
rr = name.removesuffix("." + zone)
record = models.AddDomainRecordRequest(domain_name=zone, rr=rr, type="A", value=value)
client.Client(config).add_domain_record(record)
"""


class Acme:
    """The stack with an authority's certificate, and the authority."""

    def __init__(self, deployed: Deployed, bucket: Bucket, folder: Path) -> None:
        self.project, self.cloud = deployed.project, deployed.project.cloud
        self.address: str = deployed.outputs["public_ip"]
        self.instance: str = deployed.outputs["instance_id"]
        self.path = f"{bucket.prefix}hello.txt"
        self.folder = folder

    def up(self, **settings: Any) -> str:
        self.project.change(settings)
        return self.project.must("up", "--yes", "--skip-preview")

    def on_instance(self, *command: str) -> str:
        done = self.cloud.run(self.instance, command)
        return (done.stdout + done.stderr).decode()

    def noted(self) -> dict[str, Any]:
        """What it has noted of the last attempts; empty for none."""
        noted: dict[str, Any] = json.loads(
            self.on_instance("sh", "-c", f"cat {STATE}/status.json 2> /dev/null || echo '{{}}'")
        )
        return noted

    def said(self) -> str:
        """What it said in the journal."""
        return self.on_instance("journalctl", "--unit", UNITS[0], "--no-pager", "--output", "cat")

    def shown(self) -> str:
        """The certificate that clients of the address are shown."""
        return self.cloud.run("internet", [sys.executable, "-c", SHOWN, self.address]).stdout.decode()

    def issued(self) -> list[dict[str, Any]]:
        issued: list[dict[str, Any]] = json.loads(self.cloud.cli("acme", "issued", "--json").stdout)
        return issued

    def status(self, url: str, *options: str) -> int:
        """What a client that trusts the authority alone is answered."""
        trust = ("--cacert", str(self.folder / "root.pem"), "--connect-to", f"::{self.address}:")
        return self.cloud.curl("internet", url, *trust, *options, timeout_s=10).status

    def record(self, name: str, value: str) -> None:
        done = self.cloud.run("operator", [sys.executable, "-c", RECORD, ZONE, name, value])
        assert done.returncode == 0, done.stderr.decode()


@pytest.fixture(scope="module")
def authority(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the root of an authority, which nobody else trusts."""
    folder = tmp_path_factory.mktemp("acme")
    cloud.cli("acme", "up", "--lifetime", f"shortlived={LIFETIME_S}", timeout_s=900)
    try:
        (folder / "root.pem").write_text(cloud.cli("acme", "root").stdout)
        cloud.cli("dns", "domain", "add", ZONE)
        yield folder
    finally:
        cloud.cli("dns", "domain", "rm", ZONE, check=False)
        cloud.cli("acme", "down")


@pytest.fixture(scope="module")
def acme(deployed: Deployed, bucket: Bucket, authority: Path) -> Iterator[Acme]:
    """The stack with a certificate for its address, without it again afterwards."""
    made = Acme(deployed, bucket, authority)
    before = made.project.stack_file.read_text()
    try:
        # The instance runs already, without what gets certificates; the authority is not in allowedCidrs.
        made.up(tls="acme", acmeDirectory=DIRECTORY, acmeOpenPort80=True, allowedCidrs=[CLIENT])
        yield made
    finally:
        made.project.stack_file.write_text(before)
        made.project.must("up", "--yes", "--skip-preview")


@contextmanager
def unproven(acme: Acme) -> Iterator[None]:
    """While it lasts the authority's question is answered wrong."""
    place = "/run/oss-proxy-acme"
    acme.on_instance("sh", "-c", f"rm -rf {place}; mkdir /run/elsewhere; ln -s /run/elsewhere {place}")
    try:
        yield
    finally:
        acme.on_instance("sh", "-c", f"rm -r {place} /run/elsewhere")


def renew(acme: Acme, done: Callable[[], bool]) -> None:
    """Runs what the timer runs until something is so."""
    deadline = time.monotonic() + LIFETIME_S
    while not done():
        assert time.monotonic() < deadline, acme.said()
        acme.on_instance("systemctl", "start", UNITS[0])
        time.sleep(1)


def test_the_address_has_a_certificate_that_clients_check(acme: Acme) -> None:
    outputs = acme.project.outputs()
    assert outputs["url"] == f"https://{acme.address}/"
    assert acme.status(f"https://{acme.address}/{acme.path}") == 200
    assert acme.status(f"https://other.example.com/{acme.path}", "--insecure") == 421
    (issued,) = acme.issued()
    assert issued["names"] == [acme.address]
    assert f"for {acme.address}, from {DIRECTORY}, until " in outputs["certificate"]
    shown = acme.cloud.curl("internet", f"https://{acme.address}/readyz", "--insecure")
    assert shown.body.startswith(b"ready\ncertificate: ")


def test_plain_http_leads_to_the_address_and_to_no_other(acme: Acme) -> None:
    answer = acme.cloud.curl("internet", f"http://{acme.address}/{acme.path}")
    assert (answer.status, answer.headers["location"]) == (301, f"https://{acme.address}/{acme.path}")
    assert acme.status(f"http://other.example.com/{acme.path}") == 421


def test_nothing_but_root_sees_the_keys_and_the_timer_runs(acme: Acme) -> None:
    assert acme.on_instance("stat", "--format", "%a %U", STATE).split() == ["700", "root"]
    modes = acme.on_instance("sh", "-c", f"stat --format '%a %U' {STATE}/live/key.pem {STATE}/account-*.json")
    assert modes.splitlines() == ["600 root", "600 root"]
    assert acme.on_instance("systemctl", "is-active", UNITS[1]).strip() == "active"
    assert acme.on_instance("ls", "/run/oss-proxy-acme") == ""


def test_it_is_renewed_before_it_ends_without_a_lost_request_and_failures_wait(acme: Acme) -> None:
    former, before = acme.shown(), acme.issued()
    url = f"https://{acme.address}/{acme.path}"
    with acme.cloud.load("internet", url, str(acme.folder / "root.pem")) as load:
        with unproven(acme):
            renew(acme, lambda: bool(acme.noted().get("failures")))
            assert f"validation failed: {acme.address}: " in acme.noted()["reason"]
            acme.on_instance("systemctl", "start", UNITS[0])
        assert acme.noted()["failures"] == 1
        assert "the authority is not asked again before" in acme.said()
        assert acme.shown() == former
        # Later, for the timer.
        acme.on_instance("rm", f"{STATE}/status.json")
        renew(acme, lambda: acme.shown() != former)
    assert load.counts.get("failed", 0) == 0, load.failures
    assert load.answered > 500
    assert len(acme.issued()) == len(before) + 1
    # Not before it was time for it, and while it was still good.
    first, second = (datetime.fromisoformat(one["not_before"]) for one in acme.issued()[-2:])
    assert LIFETIME_S * 0.6 < (second - first).total_seconds() < LIFETIME_S
    assert acme.status(url) == 200


def test_a_good_certificate_is_not_asked_for_again(acme: Acme) -> None:
    before = len(acme.issued())
    acme.project.must("up", "--yes", "--skip-preview", "--expect-no-changes")
    acme.up(hstsSeconds=300)
    assert len(acme.issued()) == before


def test_a_name_that_leads_elsewhere_is_told_and_costs_nothing(acme: Acme) -> None:
    acme.record(WRONG, "203.0.113.99")
    former = acme.shown()
    acme.project.change({"domainNames": [WRONG]})
    failed = acme.project.pulumi("up", "--yes", "--skip-preview")
    assert failed.code != 0
    assert f"the name {WRONG} leads to 203.0.113.99, not to {acme.address}" in failed.text
    assert f"set the record A {WRONG} -> {acme.address}" in failed.text
    assert "validation" not in failed.text
    assert acme.shown() == former


def test_what_the_authority_says_is_told_and_the_former_certificate_serves(acme: Acme) -> None:
    acme.record(FAILING, acme.address)
    former = acme.shown()
    acme.project.change({"domainNames": [FAILING]})
    with unproven(acme):
        failed = acme.project.pulumi("up", "--yes", "--skip-preview")
    assert failed.code != 0
    assert f"the authority's validation failed: {FAILING}: " in failed.text
    assert acme.shown() == former
    # As it was asked for by somebody, and again.
    acme.cloud.cli("fault", "add", "--action", "acme:NewOrder", "--kind", "throttle")
    failed = acme.project.pulumi("up", "--yes", "--skip-preview")
    assert failed.code != 0
    assert "the authority refuses (rateLimited)" in failed.text
    assert acme.shown() == former


def test_a_name_gets_a_certificate(acme: Acme) -> None:
    acme.up(domainNames=[NAME], dnsZone=ZONE)
    assert acme.project.outputs()["url"] == f"https://{NAME}/"
    assert acme.status(f"https://{NAME}/{acme.path}") == 200
    assert acme.issued()[-1]["names"] == [NAME]
    # Who names another, or none, is shown none.
    assert acme.status(f"https://{acme.address}/{acme.path}", "--insecure") == 0


def test_a_stranger_reaches_nothing_but_the_challenge(acme: Acme) -> None:
    acme.up(allowedCidrs=[ELSEWHERE])
    for path in ("", "healthz", "readyz", acme.path, ".well-known/acme-challenge/"):
        assert acme.status(f"http://{acme.address}/{path}") == 403, path
    # There is none now.
    assert acme.status(f"http://{acme.address}/.well-known/acme-challenge/abc") == 404
    assert acme.status(f"http://{acme.address}/.well-known/acme-challenge/abc", "-XPOST") == 405
    assert acme.status(f"https://{NAME}/{acme.path}") == 0


def test_without_it_nothing_of_it_runs_or_is_open(acme: Acme) -> None:
    acme.up(
        tls="off",
        **dict.fromkeys(("acmeDirectory", "acmeOpenPort80", "domainNames", "dnsZone", "hstsSeconds")),
    )
    assert acme.status(f"http://{acme.address}/healthz") == 0
    for unit in UNITS:
        assert "could not be found" in acme.on_instance("systemctl", "status", unit)
    assert "No such file" in acme.on_instance("ls", "/etc/oss-proxy/acme.json")
    assert acme.on_instance("ss", "-Htln", "sport = :443") == ""


def test_a_proxy_that_is_open_to_all_has_https_from_its_first_update_and_goes_whole(
    cloud: LocalCloud, bucket: Bucket, authority: Path, tmp_path: Path
) -> None:
    project = Project.copy_to(tmp_path / "open", cloud)
    stack = "open"
    project.change({"tls": None, "public": True, "allowedCidrs": ["0.0.0.0/0"], "acmeDirectory": DIRECTORY})
    project.stack_file.rename(project.folder / f"Pulumi.{stack}.yaml")
    project.must("stack", "init", stack)
    try:
        said = project.must("up", "--yes", "--skip-preview")
        outputs = project.outputs()
        assert "certificate" in outputs, said
        trust = ("--cacert", str(authority / "root.pem"))
        answer = cloud.curl("internet", f"{outputs['url']}{bucket.prefix}hello.txt", *trust)
        assert (outputs["url"], answer.status) == (f"https://{outputs['public_ip']}/", 200)
    finally:
        project.must("destroy", "--yes", "--skip-preview")
    assert cloud.curl("internet", outputs["url"], *trust, timeout_s=5).status == 0
    assert f"oss-proxy-{stack}" not in json.dumps(cloud.status())
