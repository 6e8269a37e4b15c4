"""What stands at the stack's names: its own records, leftovers, what is astray, and others'."""

from __future__ import annotations

from typing import Any

import pytest

from infra.dns.names import RECORD_TYPE, logical_name
from infra.dns.survey import NoZoneError, Record, RecordError, Standing, judge, list_records
from infra.naming import Naming
from infra.recovery.state import State, parse
from infra.sdk_rpc import ApiError
from tests.unit.fake_dns import FakeDns, row
from tests.unit.recovery.world import deployment, resource

NAMING = Naming(project="oss-proxy", stack="dev")
HOST, ZONE, ADDRESS = "files.example.com", "example.com", "203.0.113.9"
EIP = resource("eip", "eip-1", outputs={"ipAddress": ADDRESS})


def kept(id_: str = "1", host: str = HOST, **changes: Any) -> dict[str, Any]:
    """A record in a state."""
    outputs = {
        "domainName": ZONE,
        "rr": host.removesuffix(f".{ZONE}"),
        **{"type": "A", "value": ADDRESS, "ttl": 600, "line": "default", "status": "ENABLE"},
    }
    more = {key: changes.pop(key) for key in ("replacementTrigger", "delete") if key in changes}
    urn = f"urn:pulumi:dev::oss-proxy::{RECORD_TYPE}::{logical_name(host)}"
    return {"urn": urn, "type": RECORD_TYPE, "id": id_, "outputs": {**outputs, **changes}, **more}


def state(*resources: dict[str, Any], **more: Any) -> State:
    return parse(deployment(EIP, *resources, **more))


def record(id_: str = "1", **changes: Any) -> Record:
    return Record(**{"id": id_, "host": HOST, "type": "A", "value": ADDRESS, **changes})


def standing(records: list[Record], known: State, *hosts: str) -> Standing:
    return judge(records, ZONE, hosts or (HOST,), known, NAMING)


def test_all_records_of_each_name_are_listed_as_the_cloud_tells_them() -> None:
    dns = FakeDns(
        rows=[
            row("1", HOST, "A", ADDRESS, Remark="note"),
            row("2", "example.com", "cname", "other.example.net", Line="telecom", Status="Disable", TTL=10),
            row("3", "elsewhere.example.com", "A", ADDRESS),
        ]
    )
    assert list_records(dns, ZONE, (HOST, "example.com")) == [
        record(remark="note"),
        record(
            "2",
            **{"host": "example.com", "type": "CNAME", "value": "other.example.net"},
            **{"line": "telecom", "ttl_s": 10, "enabled": False},
        ),
    ]
    asked = ("DescribeSubDomainRecords", {"DomainName": ZONE, "SubDomain": HOST, "PageSize": 100})
    assert asked in dns.calls


@pytest.mark.parametrize("code", ["InvalidDomainName.NoExist", "IncorrectDomainUser"])
def test_a_domain_that_the_account_does_not_have_is_refused(code: str) -> None:
    with pytest.raises(NoZoneError, match=r"has no domain example\.com in this account") as caught:
        list_records(FakeDns(refuses=code), ZONE, (HOST,))
    assert "pulumi config rm oss-proxy:dnsZone" in caught.value.fix


def test_another_refusal_is_told_as_it_is() -> None:
    with pytest.raises(ApiError, match=r"Forbidden\.RAM"):
        list_records(FakeDns(refuses="Forbidden.RAM"), ZONE, (HOST,))


def test_a_free_name_and_ones_own_record_are_fine() -> None:
    assert standing([], state()) == Standing()
    assert standing([record()], state(kept())) == Standing(remade={HOST: 0})
    apex = [record(host=ZONE)]
    assert standing(apex, state(kept(host=ZONE, rr="@")), ZONE) == Standing(remade={ZONE: 0})


@pytest.mark.parametrize("kind", ["MX", "TXT", "CAA", "SRV"])
def test_what_leads_nobody_elsewhere_may_stand_there(kind: str) -> None:
    assert standing([record("7", type=kind, value="x")], state()) == Standing()


def test_name_servers_may_stand_at_the_zone_and_not_below() -> None:
    assert standing([record("7", host=ZONE, type="NS", value="ns1.alidns.com")], state(), ZONE) == Standing()
    with pytest.raises(RecordError, match=r"files\.example\.com NS"):
        standing([record("7", type="NS", value="ns1.example.net")], state())


@pytest.mark.parametrize("kind", ["AAAA", "CNAME", "REDIRECT_URL", "FORWORD_URL", "HTTPS", "A NEW ONE"])
def test_what_leads_elsewhere_is_refused_and_named(kind: str) -> None:
    with pytest.raises(RecordError) as caught:
        standing([record("7", type=kind, value="elsewhere", remark="by Jo")], state())
    assert f"files.example.com {kind} elsewhere (id 7, note 'by Jo')" in caught.value.fault
    assert "nothing was created" in caught.value.consequence
    assert "remove" in caught.value.fix
    assert "pulumi import" not in caught.value.fix


@pytest.mark.parametrize("changes", [{}, {"value": "198.51.100.7"}, {"enabled": False}])
def test_an_address_can_be_taken_over(changes: dict[str, Any]) -> None:
    # One that leads to the stack's own address somebody has set by hand, as it was told to be.
    with pytest.raises(RecordError) as caught:
        standing([record("7", **changes)], state())
    options = "--protect=false --generate-code=false --yes"
    command = f"pulumi import {RECORD_TYPE} proxy-dns-files.example.com 7 {options}"
    assert command in caught.value.fix


def test_only_one_record_of_a_name_can_be_taken_over() -> None:
    two = [record("7", value="198.51.100.7"), record("8", value="198.51.100.8")]
    with pytest.raises(RecordError) as caught:
        standing(two, state())
    assert caught.value.fix.count("pulumi import") == 1
    for one in (record("7", value="198.51.100.7"), record("7", line="telecom")):
        with pytest.raises(RecordError) as caught:
            standing([record(), one], state(kept()))
        assert "pulumi import" not in caught.value.fix


def test_a_record_with_the_stacks_note_that_its_state_does_not_know_was_left() -> None:
    left = standing([record("7", value="192.0.2.1", remark="oss-proxy-dev-dns-record")], state()).leftovers
    assert [str(one) for one in left] == ["7 (the record files.example.com)"]
    with pytest.raises(RecordError):
        standing([record("7", remark="oss-proxy-prod-dns-record")], state())


def test_a_record_without_a_note_was_left_where_its_making_was_interrupted() -> None:
    begun = {"urn": kept()["urn"], "type": RECORD_TYPE, "custom": True, "inputs": {}}
    known = state(operations=[{"type": "creating", "resource": begun}])
    assert [one.id for one in standing([record("7")], known).leftovers] == ["7"]
    for other in (record("7", value="192.0.2.1"), record("7", remark="by Jo")):
        with pytest.raises(RecordError):
            standing([other], known)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"value": "192.0.2.1"}, "files.example.com A 192.0.2.1 (id 1)"),
        ({"type": "CNAME", "value": "x.example"}, "files.example.com CNAME x.example (id 1)"),
        ({"ttl_s": 60}, f"files.example.com A {ADDRESS} (id 1, remembered for 60 s)"),
        ({"enabled": False}, f"files.example.com A {ADDRESS} (id 1, switched off)"),
        ({"line": "telecom"}, f"files.example.com A {ADDRESS} (id 1, line telecom)"),
    ],
)
def test_a_record_that_was_changed_is_made_anew(changes: dict[str, Any], told: str) -> None:
    assert standing([record(**changes)], state(kept())) == Standing(remade={HOST: 1}, astray={HOST: told})
    again = standing([record(**changes)], state(kept(replacementTrigger="3")))
    assert again.remade == {HOST: 4}


def test_a_record_that_is_gone_is_made_anew() -> None:
    assert standing([], state(kept())) == Standing(remade={HOST: 1}, astray={HOST: "none"})


def test_in_another_zone_nobody_has_looked() -> None:
    assert standing([], state(kept(domainName="com", replacementTrigger="2"))) == Standing(remade={HOST: 2})


def test_what_only_waits_for_its_deletion_is_not_ones_record() -> None:
    assert standing([record("2"), record("1")], state(kept("2"), kept("1", delete=True))).astray == {}
