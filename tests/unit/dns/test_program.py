"""The records that the program registers, and what it says of names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from infra.dns.names import RECORD_TYPE
from tests.unit.fake_dns import row
from tests.unit.fakes import FakeCloud
from tests.unit.raw import raw
from tests.unit.recorder import Deployment, deploy
from tests.unit.recovery.world import deployment

HOSTS = ["files.example.com", "example.com"]
RECORD = "proxy-dns-files.example.com"
NAMED = {"domainNames": raw(HOSTS), "dnsZone": "example.com"}

Run = Callable[..., Deployment]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    for kind in ("info", "warn"):
        monkeypatch.setattr(pulumi.log, kind, told.append)
    return told


@pytest.fixture
def run(values: dict[str, str], cloud: FakeCloud) -> Run:
    def run(**changes: Any) -> Deployment:
        preview = changes.pop("preview", False)
        return deploy({**values, "tls": "off", **changes}, preview=preview)

    return run


@pytest.mark.parametrize("preview", [True, False])
def test_each_name_has_a_record_before_the_configuration_comes(run: Run, preview: bool) -> None:
    made = run(**NAMED, preview=preview)
    records = {name for name, kind in made.resources if kind == RECORD_TYPE}
    assert records == {f"proxy-dns-{host}" for host in HOSTS}
    assert records <= made["proxy-configuration"].dependencies
    assert records <= made["proxy-account-last"].dependencies


def test_a_record_leads_to_the_public_address_and_says_whose_it_is(run: Run) -> None:
    made = run(**NAMED)
    common = {
        **{"domainName": "example.com", "type": "A", "value": "203.0.113.9", "ttl": 600.0},
        "remark": "oss-proxy-dev-dns-record",
    }
    assert made[RECORD].inputs == {**common, "rr": "files"}
    assert made["proxy-dns-example.com"].inputs == {**common, "rr": "@"}
    assert not made[RECORD].request.deleteBeforeReplace
    assert made.outputs["dns_records"].splitlines() == [f"set: {host}. A 203.0.113.9" for host in HOSTS]
    assert made.outputs["url"] == "http://files.example.com/"


def test_without_a_zone_the_owner_is_told_what_to_set_and_dns_is_not_asked(
    run: Run, cloud: FakeCloud
) -> None:
    made = run(domainNames=raw(HOSTS))
    assert RECORD_TYPE not in {kind for _, kind in made.resources}
    assert made.outputs["dns_records"].splitlines() == [f"to set: {host}. A 203.0.113.9" for host in HOSTS]
    assert cloud.dns.calls == []


def test_a_domain_on_the_mainland_is_told_of_once_and_an_address_is_not(run: Run, told: list[str]) -> None:
    run()
    assert told == []
    run(domainNames=raw(HOSTS))
    (notice,) = told
    assert "needs an ICP filing" in notice


def test_nothing_is_registered_where_somebody_elses_record_stands(run: Run, cloud: FakeCloud) -> None:
    cloud.dns.rows = [row("7", HOSTS[0], "CNAME", "elsewhere.example.net")]
    with pytest.raises(pulumi.RunError, match=r"files\.example\.com CNAME elsewhere\.example\.net \(id 7\)"):
        run(**NAMED)


def test_nothing_is_registered_where_the_account_has_no_such_domain(run: Run, cloud: FakeCloud) -> None:
    cloud.dns.zone = "example.org"
    with pytest.raises(pulumi.RunError, match=r"no domain example\.com in this account[\s\S]*Fix: add it"):
        run(**NAMED)


def test_a_leftover_is_named_with_the_command_that_deletes_it(run: Run, cloud: FakeCloud) -> None:
    cloud.dns.rows = [row("7", HOSTS[0], "A", "192.0.2.1", Remark="oss-proxy-dev-dns-record")]
    with pytest.raises(pulumi.RunError, match=r"7 \(the record files\.example\.com\)[\s\S]*infra\.recovery"):
        run(**NAMED)


def test_a_record_that_is_astray_is_made_anew_in_its_place(
    run: Run, cloud: FakeCloud, told: list[str]
) -> None:
    outputs = {"domainName": "example.com", "rr": "files", "type": "A", "value": "203.0.113.9", "ttl": 600}
    record = {
        "urn": f"urn:pulumi:dev::oss-proxy::{RECORD_TYPE}::{RECORD}",
        **{"type": RECORD_TYPE, "id": "7", "outputs": {**outputs, "line": "default", "status": "ENABLE"}},
    }
    cloud.deployment = deployment(record)
    cloud.dns.rows = [row("7", HOSTS[0], "A", "203.0.113.9")]
    assert run(**NAMED)[RECORD].request.replacement_trigger.string_value == "0"
    cloud.dns.rows = [row("7", HOSTS[0], "A", "192.0.2.1")]
    request = run(**NAMED)[RECORD].request
    assert request.replacement_trigger.string_value == "1"
    assert request.deleteBeforeReplace
    assert any("there is files.example.com A 192.0.2.1 (id 7): it is made anew" in one for one in told)
