"""Proofs by DNS: signed as the official SDK does, told before they count, gone afterwards."""

from __future__ import annotations

import ast
import json
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infra.instance.acme import alidns, authority, order, program, store, told
from infra.instance.acme.alidns import Proofs
from infra.instance.acme.order import NotIssued, Wanted
from infra.instance.acme.program import Keeper
from infra.instance.acme_paths import STATE
from infra.instance_files import PROGRAM, SystemContext, system_files
from tests.unit.fake_alidns import ZONE, Alidns, running

NAME = f"files.{ZONE}"
PROOF = f"_acme-challenge.{NAME}"
WANTED = Wanted(
    names=(NAME, f"*.{NAME}"),
    address="203.0.113.7",
    directory="https://ca.example.com/dir",
    authority="",
    email="",
    profile="",
    conf="listen 443 ssl;\n",
    zone=ZONE,
)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Alidns]:
    made = Alidns()
    with running(made) as (host, port):
        monkeypatch.setattr(alidns, "HOST", host)
        monkeypatch.setattr(alidns, "METADATA", host)
        monkeypatch.setattr(alidns, "HTTPSConnection", HTTPConnection)
        monkeypatch.setattr(told, "PORT", port)
        addresses = {"ns1.example.net": {"127.0.0.1"}}
        monkeypatch.setattr(told, "_addresses_of", lambda name: addresses.get(name, set()))
        monkeypatch.setattr(alidns, "WAIT_S", 0.01)
        for name in ("ROLE_PATIENCE_S", "TOLD_PATIENCE_S"):
            monkeypatch.setattr(alidns, name, 0.5)
        (tmp_path / "etc").mkdir()
        (tmp_path / "etc/resolv.conf").write_text("# none\nsearch a\nnameserver 127.0.0.1\n")
        yield made
    assert made.faults == []


def noted(root: Path) -> list[Any]:
    place = root / STATE[1:] / "dns-proofs.json"
    return list(json.loads(place.read_text())) if place.exists() else []


def test_records_come_are_told_and_go(world: Alidns, tmp_path: Path) -> None:
    others = {"1": (PROOF, "of another client"), "2": (f"_acme-challenge.{ZONE}", "likewise")}
    world.records |= others
    world.told_after = 3
    proofs = Proofs(WANTED, tmp_path)
    # The name and its wildcard have one record each, at the same place.
    for validation in ("first+/=~ value", "second"):
        proofs.publish(NAME, "token", validation)
    proofs.await_told()
    assert world.told_after < 0
    assert list(world.records.values())[2:] == [(PROOF, "first+/=~ value"), (PROOF, "second")]
    proofs.clear()
    assert world.records == others
    assert noted(tmp_path) == []
    Proofs(WANTED, tmp_path).publish(ZONE, "token", "of the zone itself")
    assert (f"_acme-challenge.{ZONE}", "of the zone itself") in world.records.values()


def test_what_an_interrupted_run_left_goes(world: Alidns, tmp_path: Path) -> None:
    Proofs(WANTED, tmp_path).publish(NAME, "token", "left")
    assert [one[2] for one in noted(tmp_path)] == ["left"]
    assert Proofs(WANTED, tmp_path)
    assert (world.records, noted(tmp_path)) == ({}, [])
    # Killed before the record was made, and with records of a zone that the role has no rights in any more.
    store.state(tmp_path).joinpath("dns-proofs.json").write_text(
        json.dumps([[ZONE, PROOF, "never made"], ["other.example", "_acme-challenge.other.example", "x"]])
    )
    assert Proofs(WANTED, tmp_path)
    assert noted(tmp_path) == []


def test_what_cannot_be_removed_waits_for_the_next_time(
    world: Alidns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proofs = Proofs(WANTED, tmp_path)
    proofs.publish(NAME, "token", "left")
    world.refusals["DeleteDomainRecord"] = ["DomainForbidden"]
    proofs.clear()
    assert "Records _acme-challenge are left in example.com: Alibaba Cloud DNS refuses" in (
        capsys.readouterr().out
    )
    again = Proofs(WANTED, tmp_path)
    assert world.records == {}
    again.publish(NAME, "token", "another")
    again.await_told()


def test_lost_answers_and_new_rights_are_no_faults(world: Alidns, tmp_path: Path) -> None:
    proofs = Proofs(WANTED, tmp_path)
    world.refusals["AddDomainRecord"] = ["Forbidden.RAM", "ServiceUnavailable", "DomainRecordDuplicate"]
    proofs.publish(NAME, "token", "value")
    assert world.calls.count("AddDomainRecord") == 3
    proofs.publish(NAME, "token", "made")
    world.refusals["DeleteDomainRecord"] = ["DomainRecordNotBelongToUser"]
    proofs.clear()
    assert noted(tmp_path) == []


def test_a_lasting_refusal_is_told_and_a_missing_role_too(world: Alidns, tmp_path: Path) -> None:
    proofs = Proofs(WANTED, tmp_path)
    world.refusals["AddDomainRecord"] = ["InvalidDomainName.NoExist"]
    with pytest.raises(NotIssued, match=r"refuses AddDomainRecord \(InvalidDomainName.NoExist\): no") as at:
        proofs.publish(NAME, "token", "value")
    assert not at.value.invalid
    world.has_role = False
    with pytest.raises(
        NotIssued, match="the instance has no credentials of its RAM role: metadata answers 404"
    ):
        proofs.publish(NAME, "token", "value")


def test_a_record_that_is_not_told_costs_nothing_at_the_authority(world: Alidns, tmp_path: Path) -> None:
    proofs = Proofs(WANTED, tmp_path)
    proofs.publish(NAME, "token", "value")
    world.told_after = 1 << 30
    with pytest.raises(NotIssued, match=f"do not tell the record TXT {PROOF}: has its registrar named") as at:
        proofs.await_told()
    assert not at.value.invalid
    world.name_servers = ()
    with pytest.raises(NotIssued, match=r"no name servers of example\.com are known"):
        proofs.await_told()


def test_what_is_no_answer_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "ANSWER_S", 0.05)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        monkeypatch.setattr(told, "PORT", silent.getsockname()[1])
        assert told.ask("127.0.0.1", ZONE, told.TXT) is None
    header = b"\0\7\x80\0\0\1\0\1\0\0\0\0"
    assert told._records(header, 8, 0, told.TXT) is None
    # A name that points at itself ends, and so does one that goes on behind the end.
    assert told._name_at(b"\xc0\0", 0)[0] == ""
    for broken in (b"", header[:5], header, header + b"\xc0"):
        with pytest.raises((OSError, ValueError, IndexError, told.struct.error)):
            told._records(broken, 7, 0, told.TXT)


class Challenge:
    """A challenge as certbot's library has it."""

    def __init__(self, typ: str) -> None:
        self.typ = typ

    def encode(self, name: str) -> str:
        return name

    def validation(self, account: str) -> str:
        return f"{self.typ} of {account}"


def test_the_kind_of_proof_is_chosen(tmp_path: Path, world: Alidns) -> None:
    bodies = [SimpleNamespace(chall=Challenge(typ)) for typ in ("tls-alpn-01", "http-01", "dns-01")]
    body = SimpleNamespace(challenges=bodies, identifier=SimpleNamespace(value=NAME))
    files = authority.Files(tmp_path)
    assert authority._publish(files, "me", body) is bodies[1]
    assert (tmp_path / "run/oss-proxy-acme/token").read_text() == "http-01 of me"
    files.await_told()
    files.clear()
    assert authority._publish(Proofs(WANTED, tmp_path), "me", body) is bodies[2]
    assert list(world.records.values()) == [(PROOF, "dns-01 of me")]
    del bodies[1]
    with pytest.raises(NotIssued, match=f"the authority takes no proof by http-01 for {NAME}"):
        authority._publish(files, "me", body)


def test_names_need_not_lead_here_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "_addresses", lambda name, family: {"198.51.100.1"})
    order.require_names_lead_here(WANTED)
    Keeper(tmp_path).await_names(WANTED, 0.0)


def test_a_wildcard_leads_to_the_host_that_was_asked_for() -> None:
    assert store.hosts(("files.example.com", "*.example.org")) == (
        "hostnames;\nfiles.example.com files.example.com;\n*.example.org $host;\n"
    )
    assert store.hosts(("203.0.113.7",)) == "203.0.113.7 203.0.113.7;\n"


def files_of(**changes: bool) -> dict[str, str]:
    context = SystemContext(bucket_host="b.example.com", acme=True, **changes)
    return {file.path: file.content for file in system_files(context)}


def test_only_who_proves_by_dns_carries_what_that_needs_and_its_program_runs(tmp_path: Path) -> None:
    without, whole = files_of()[PROGRAM], files_of(acme_dns=True)[PROGRAM]
    assert "alidns.aliyuncs.com" not in without
    assert "alidns.aliyuncs.com" in whole
    body = ast.parse(whole).body
    defined = Counter(one.name for one in body if isinstance(one, ast.FunctionDef | ast.ClassDef))
    defined += Counter(ast.unparse(one.targets[0]) for one in body if isinstance(one, ast.Assign))
    assert {name for name, count in defined.items() if count > 1} == set()
    differ = {path for path, text in files_of().items() if text != files_of(acme_dns=True)[path]}
    assert differ == {PROGRAM, "/etc/systemd/system/nginx.service.d/oss-proxy.conf"}
    (tmp_path / "program").write_text(whole)
    (tmp_path / "program").chmod(0o755)
    done = subprocess.run([str(tmp_path / "program")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert program.CHALLENGES in without
