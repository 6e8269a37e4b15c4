"""The certificate authority's settings and rules, and its life in a cloud of API services."""

from __future__ import annotations

import base64
import ipaddress
import json
import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from localcloud.acme.rules import AcmeProblem, check
from localcloud.acme.settings import AcmeSettings, configuration, environment
from localcloud.cli import acme
from localcloud.errors import LocalcloudError
from localcloud.home import Home
from tests.support.localcloud import LocalCloud
from tests.support.machine import processes_of

DIRECTORY = "https://acme.localcloud.test/dir"


def encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def signed(payload: Any) -> bytes:
    """A request as it travels; nobody here looks at its signature."""
    return json.dumps(
        {"protected": "", "payload": encode(json.dumps(payload).encode()), "signature": ""}
    ).encode()


def order(*names: str, **more: str) -> bytes:
    kinds = {name: "ip" if name[-1].isdigit() else "dns" for name in names}
    return signed({"identifiers": [{"type": kind, "value": name} for name, kind in kinds.items()], **more})


def finalize(common_name: str | None) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("203.0.113.7"))])
    request = builder.add_extension(names, critical=False).sign(
        ec.generate_private_key(ec.SECP256R1()), SHA256()
    )
    return signed({"csr": encode(request.public_bytes(Encoding.DER))})


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("NewOrder", order("example.test")),
        ("NewOrder", order("example.test", profile="classic")),
        ("NewOrder", order("203.0.113.7", "example.test", profile="shortlived")),
        ("FinalizeOrder", finalize(None)),
        ("FinalizeOrder", finalize("example.test")),
        # What cannot be read is not for these rules.
        ("NewOrder", b""),
        ("NewOrder", b'{"payload": "!!"}'),
        ("NewOrder", signed(["a list"])),
        ("FinalizeOrder", signed({"csr": "AAAA"})),
        ("NewAccount", order("203.0.113.7")),
    ],
)
def test_what_lets_encrypt_takes_passes(operation: str, body: bytes) -> None:
    check(operation, body)


@pytest.mark.parametrize(
    ("operation", "body", "code", "said"),
    [
        ("NewOrder", order("203.0.113.7"), "rejectedIdentifier", "Default profile does not permit IP"),
        ("NewOrder", order("203.0.113.7", profile="tlsserver"), "rejectedIdentifier", "'tlsserver'"),
        ("FinalizeOrder", finalize("203.0.113.7"), "badCSR", "IP address in Common Name"),
    ],
)
def test_what_lets_encrypt_refuses_is_refused(operation: str, body: bytes, code: str, said: str) -> None:
    with pytest.raises(AcmeProblem) as caught:
        check(operation, body)
    document = json.loads(caught.value.document())
    assert document["type"] == f"urn:ietf:params:acme:error:{code}"
    assert said in document["detail"]
    assert document["status"] == caught.value.status == 400


def test_settings_reach_pebble(tmp_path: Path) -> None:
    settings = AcmeSettings.of(["shortlived=90"], 7, 100)
    told = json.loads(configuration(settings, tmp_path / "c", tmp_path / "k"))["pebble"]
    assert {name: one["validityPeriod"] for name, one in told["profiles"].items()} == {
        "classic": 90 * 86400,
        "tlsserver": 90 * 86400,
        "shortlived": 90,
    }
    assert (told["httpPort"], told["tlsPort"]) == (80, 443)
    assert environment(settings) == {
        "PEBBLE_VA_NOSLEEP": "1",
        "PEBBLE_WFE_NONCEREJECT": "7",
        "PEBBLE_AUTHZREUSE": "100",
    }


@pytest.mark.parametrize(
    ("lifetimes", "nonces", "reuse", "said"),
    [
        (["shortlived"], 0, 0, "PROFILE=SECONDS"),
        (["shortlived=0"], 0, 0, "PROFILE=SECONDS"),
        (["eternal=5"], 0, 0, "classic, tlsserver, shortlived"),
        ([], 101, 0, "--bad-nonces 101"),
        ([], 0, -1, "--reuse -1"),
    ],
)
def test_settings_that_make_no_sense(lifetimes: list[str], nonces: int, reuse: int, said: str) -> None:
    with pytest.raises(LocalcloudError, match=said):
        AcmeSettings.of(lifetimes, nonces, reuse)


def test_without_the_program_the_way_is_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(acme.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalcloudError, match="make setup"):
        acme.find_program()
    broken = tmp_path / "pebble"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(LocalcloudError, match="cannot be started"):
        acme.find_program()


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    cloud = LocalCloud(tmp_path / "home")
    cloud.cli("up", "--api-only")
    yield cloud
    cloud.cli("down")


def first_answer(cloud: LocalCloud) -> tuple[int, Any]:
    answer = cloud.curl("operator", DIRECTORY)
    return answer.status, json.loads(answer.body)


@pytest.mark.offline
def test_it_runs_only_when_it_is_asked_for_and_has_a_root_of_its_own(cloud: LocalCloud) -> None:
    status, told = first_answer(cloud)
    assert (status, told["status"]) == (503, 503)
    assert "localcloud acme up" in told["detail"]
    assert "localcloud acme up" in cloud.cli("acme", "root", check=False).stderr

    assert cloud.cli("acme", "up", "--lifetime", "shortlived=60").stdout.strip() == DIRECTORY
    assert cloud.cli("acme", "directory").stdout.strip() == DIRECTORY
    status, told = first_answer(cloud)
    assert status == 200
    assert told["newAccount"].startswith("https://acme.localcloud.test/")
    assert sorted(told["meta"]["profiles"]) == ["classic", "shortlived", "tlsserver"]
    root = cloud.cli("acme", "root").stdout
    assert root != (cloud.home / "ca" / "ca.pem").read_text()
    assert "Pebble" in x509.load_pem_x509_certificate(root.encode()).subject.rfc4514_string()
    assert cloud.cli("acme", "issued").stdout == cloud.cli("acme", "revoked").stdout == "none\n"
    assert "ACME directory available" in cloud.cli("acme", "log").stdout

    assert cloud.cli("acme", "up", "--lifetime", "shortlived=60").returncode == 0
    assert cloud.cli("acme", "root").stdout == root, "the same settings change nothing"
    other = cloud.cli("acme", "up", check=False)
    assert (other.returncode, "localcloud acme down" in other.stderr) == (1, True)
    cloud.cli("acme", "down")
    assert first_answer(cloud)[0] == 503
    cloud.cli("acme", "up")
    assert cloud.cli("acme", "root").stdout != root


@pytest.mark.offline
def test_its_calls_are_noted_and_struck(cloud: LocalCloud) -> None:
    cloud.cli("acme", "up", "--bad-nonces", "100")
    cloud.cli("fault", "add", "--action", "acme:GetDirectory", "--kind", "throttle")
    limited = cloud.curl("operator", DIRECTORY)
    assert (limited.status, limited.headers["retry-after"]) == (429, "3600")
    assert json.loads(limited.body)["type"].endswith(":rateLimited")
    assert first_answer(cloud)[0] == 200
    nonce = cloud.curl("operator", "https://acme.localcloud.test/nonce-plz", "--head").headers["replay-nonce"]
    assert nonce
    assert cloud.curl("operator", "https://acme.localcloud.test/elsewhere").status == 404
    assert cloud.curl("operator", "http://acme.localcloud.test/dir").status == 404
    assert cloud.status()["coverage"]["unknown"]["acme"] == {"elsewhere": 1}
    calls = json.loads(cloud.cli("calls", "--json").stdout)
    assert [(call["action"], call["mutating"], call["outcome"]) for call in calls[:3]] == [
        ("GetDirectory", False, "rateLimited"),
        ("GetDirectory", False, "OK"),
        ("GetNonce", False, "OK"),
    ]


@pytest.mark.offline
def test_it_ends_with_the_cloud_however_that_ends(cloud: LocalCloud) -> None:
    def servers() -> list[str]:
        return [line for line in processes_of(cloud.home) if "-dnsserver" in line]

    cloud.cli("acme", "up")
    assert len(servers()) == 1
    running = Home(cloud.home).running()
    assert running is not None
    handle = os.pidfd_open(running.pid)
    os.kill(running.pid, signal.SIGKILL)
    assert select.select([handle], [], [], 5)[0]
    os.close(handle)
    cloud.cli("up", "--api-only")
    assert servers() == []
    cloud.cli("acme", "up")
    cloud.cli("down")
    assert processes_of(cloud.home) == []
