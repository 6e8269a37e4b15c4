"""Records of the stack's names, by the real engine and provider, beside what others do in the same domain."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.faults.stack import FaultyStack
from tests.offline.test_recovery import COMMAND, kill_at, recover
from tests.support.domain_owner import DomainOwner
from tests.support.project import Project

NOW = ("--yes", "--skip-preview")
ZONE = "example.com"
HOST = f"files.{ZONE}"

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def owner(stack: Project) -> Iterator[DomainOwner]:
    """The account's domain, without records; the stack is to have a name in it."""
    stack.cloud.cli("dns", "domain", "add", ZONE)
    stack.change({"domainNames": [HOST], "dnsZone": ZONE})
    try:
        yield DomainOwner(stack.cloud, ZONE)
    finally:
        # Before the stack is destroyed, which finds its records gone then.
        stack.cloud.cli("dns", "domain", "rm", ZONE)
        stack.cloud.cli("dns", "domain", "add", ZONE)


def refused(stack: Project) -> str:
    """What an `up` says that makes nothing."""
    result = stack.pulumi("up", *NOW)
    assert result.code != 0
    assert "Traceback" not in result.text
    return result.text


def take_over(stack: Project, text: str) -> None:
    """Runs the command that a refusal names."""
    command = re.search(r"pulumi (import \S+ \S+ \S+ --protect=false --generate-code=false --yes)", text)
    assert command, text
    stack.must(*command[1].split())


def vpcs(stack: Project) -> int:
    return len(stack.cloud.status()["vpcs"])


def test_records_come_follow_are_put_right_and_go(stack: Project, owner: DomainOwner) -> None:
    stack.change({"domainNames": [HOST, ZONE]})
    assert stack.must("preview").partition("Diagnostics:")[2].count("needs an ICP filing") == 1
    stack.must("up", *NOW)
    outputs = stack.outputs()
    address = outputs["public_ip"]
    made = owner.records()
    assert set(made) == {"files A", "@ A"}
    for one in made.values():
        assert (one["Value"], one["TTL"], one["Status"]) == (address, 600, "ENABLE")
        assert one["Remark"] == "oss-proxy-dev-dns-record"
    assert owner.looked_up(HOST) == owner.looked_up(ZONE) == address
    assert outputs["url"] == f"http://{HOST}/"
    assert outputs["dns_records"].splitlines() == [f"set: {host}. A {address}" for host in (HOST, ZONE)]
    stack.must("up", *NOW, "--expect-no-changes")
    stack.must("preview", "--refresh", "--expect-no-changes")

    # By hand: one changed, one removed.
    owner.call(
        "UpdateDomainRecord", RecordId=made["files A"]["RecordId"], RR="files", Type="A", Value="192.0.2.1"
    )
    owner.call("DeleteDomainRecord", RecordId=made["@ A"]["RecordId"])
    told = stack.must("up", *NOW)
    assert f"there is {HOST} A 192.0.2.1" in told
    assert f"The record of {ZONE} is not as the last update left it, there is none" in told
    right = owner.records()
    assert {key: one["Value"] for key, one in right.items()} == {"files A": address, "@ A": address}
    stack.must("up", *NOW, "--expect-no-changes")

    # Another name, and another address: the record that stays is the same one.
    stack.change({"domainNames": [HOST, f"www.{ZONE}"], "bandwidthBilling": "PayByBandwidth"})
    stack.must("up", *NOW)
    new = stack.outputs()["public_ip"]
    assert new != address
    moved = owner.records()
    assert {key: one["Value"] for key, one in moved.items()} == {"files A": new, "www A": new}
    assert moved["files A"]["RecordId"] == right["files A"]["RecordId"]
    stack.must("up", *NOW, "--expect-no-changes")

    stack.must("destroy", *NOW)
    assert owner.records() == {}
    # Whoever gets the address next must not get the name's clients with it.
    last = {call["action"]: call["number"] for call in FaultyStack(stack).calls()}
    assert last["DeleteDomainRecord"] < last["ReleaseEipAddress"]


def test_what_others_set_is_refused_and_can_be_taken_over(stack: Project, owner: DomainOwner) -> None:
    owner.add("files", "TXT", "harmless")
    theirs = owner.add("files", "A", "198.51.100.7")
    text = refused(stack)
    assert f"{HOST} A 198.51.100.7 (id {theirs})" in text
    assert vpcs(stack) == 0
    take_over(stack, text)
    stack.must("up", *NOW)
    taken = owner.records()["files A"]
    assert (taken["RecordId"], taken["Value"]) == (theirs, stack.outputs()["public_ip"])
    assert taken["Remark"] == "oss-proxy-dev-dns-record"
    stack.must("up", *NOW, "--expect-no-changes")

    # Beside it later: half of the clients would go there.
    owner.add("files", "A", "198.51.100.8")
    assert f"{HOST} A 198.51.100.8" in refused(stack)
    # Who does without the stack's records keeps all others.
    stack.change({"dnsZone": None})
    stack.must("up", *NOW)
    assert {key: one["Value"] for key, one in owner.records().items()} == {
        "files A": "198.51.100.8",
        "files TXT": "harmless",
    }
    assert stack.outputs()["dns_records"] == f"to set: {HOST}. A {stack.outputs()['public_ip']}"


def test_an_alias_and_a_domain_of_nobody_are_refused_before_anything_is_made(
    stack: Project, owner: DomainOwner
) -> None:
    owner.add("files", "CNAME", "elsewhere.example.net")
    assert f"{HOST} CNAME elsewhere.example.net" in refused(stack)
    stack.change({"domainNames": ["files.example.org"], "dnsZone": "example.org"})
    assert "no domain example.org in this account" in refused(stack)
    assert vpcs(stack) == 0


def test_a_record_whose_making_was_interrupted_is_found_and_goes(stack: Project, owner: DomainOwner) -> None:
    kill_at(stack, "alidns:AddDomainRecord")
    (left,) = owner.records().values()
    assert not left.get("Remark")
    text = refused(stack)
    assert f"{left['RecordId']} (the record {HOST})" in text
    assert f"Fix: {COMMAND}" in text
    done = recover(stack, "--yes")
    assert done.code == 0, done.text
    assert f"deleted {left['RecordId']}" in done.text
    assert owner.records() == {}
    stack.must("up", *NOW)
    assert set(owner.records()) == {"files A"}
    stack.must("up", *NOW, "--expect-no-changes")


def test_a_record_whose_answer_was_lost_is_named_and_taken_over(stack: Project, owner: DomainOwner) -> None:
    stack.cloud.cli("fault", "add", "--action", "alidns:AddDomainRecord", "--kind", "lost-answer")
    text = refused(stack)
    stack.cloud.cli("fault", "clear")
    assert "the name has a record that the state does not know (DomainRecordDuplicate)" in text
    take_over(stack, refused(stack))
    stack.must("up", *NOW)
    stack.must("up", *NOW, "--expect-no-changes")
    assert set(owner.records()) == {"files A"}
