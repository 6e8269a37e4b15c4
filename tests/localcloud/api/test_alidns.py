"""Domains and their records, asked with the official client; and what the name servers make of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_alidns20150109 import models
from alibabacloud_alidns20150109.client import Client

from localcloud.dns import NameServer, View
from localcloud.errors import LocalcloudError
from tests.localcloud.api.harness import Cloud
from tests.localcloud.dns_client import answers, ask

VIEW = View(api="198.51.100.10", public_oss="198.51.100.20")
Refused = Callable[..., Any]


@pytest.fixture
def dns(cloud: Cloud) -> Client:
    cloud.services.alidns.add_domain("example.test", cloud.key.account_uid)
    return cloud.client(Client)


@pytest.fixture
def server(cloud: Cloud) -> NameServer:
    return NameServer(VIEW, cloud.services.alidns)


def wanted(**more: Any) -> models.AddDomainRecordRequest:
    values = {"domain_name": "example.test", "rr": "www", "type": "A", "value": "203.0.113.7", **more}
    return models.AddDomainRecordRequest(**values)


def add(dns: Client, **more: Any) -> str:
    made: str = dns.add_domain_record(wanted(**more)).body.record_id
    return made


def info(dns: Client, record_id: str) -> Any:
    return dns.describe_domain_record_info(models.DescribeDomainRecordInfoRequest(record_id=record_id)).body


def update(dns: Client, record_id: str, **more: Any) -> Any:
    values = {"record_id": record_id, "rr": "www", "type": "A", "value": "203.0.113.7", "ttl": 600, **more}
    return dns.update_domain_record(models.UpdateDomainRecordRequest(**values))


def listed(dns: Client, **more: Any) -> list[str]:
    request = models.DescribeDomainRecordsRequest(**{"domain_name": "example.test", **more})
    return [
        f"{one.rr} {one.value}" for one in dns.describe_domain_records(request).body.domain_records.record
    ]


def test_a_record_is_made_told_changed_and_removed(dns: Client, server: NameServer) -> None:
    assert answers(server, "www.example.test") is None
    record_id = add(dns)
    shown = info(dns, record_id)
    assert (shown.domain_name, shown.rr, shown.type, shown.value) == (
        *("example.test", "www", "A", "203.0.113.7"),
    )
    assert (shown.line, shown.ttl, shown.status, shown.locked) == ("default", 600, "ENABLE", False)
    assert answers(server, "WWW.Example.test") == ["203.0.113.7"]
    assert ask(server, "www.example.test").rr[0].ttl == 600

    update(dns, record_id, value="203.0.113.8", ttl=1200)
    assert (info(dns, record_id).value, info(dns, record_id).ttl) == ("203.0.113.8", 1200)
    assert answers(server, "www.example.test") == ["203.0.113.8"]

    dns.delete_domain_record(models.DeleteDomainRecordRequest(record_id=record_id))
    assert answers(server, "www.example.test") is None
    assert listed(dns) == []


def test_a_record_can_be_switched_off_and_noted_on(dns: Client, server: NameServer) -> None:
    record_id = add(dns)
    off = dns.set_domain_record_status(
        models.SetDomainRecordStatusRequest(record_id=record_id, status="Disable")
    )
    assert (off.body.status, info(dns, record_id).status) == ("DISABLE", "DISABLE")
    assert answers(server, "www.example.test") is None
    dns.set_domain_record_status(models.SetDomainRecordStatusRequest(record_id=record_id, status="ENABLE"))
    assert answers(server, "www.example.test") == ["203.0.113.7"]
    remark = models.UpdateDomainRecordRemarkRequest(record_id=record_id, remark="by hand")
    dns.update_domain_record_remark(remark)
    assert info(dns, record_id).remark == "by hand"


def test_refusals(dns: Client, cloud: Cloud, refused: Refused) -> None:
    record_id = add(dns)
    refused("DomainRecordDuplicate", 400, add, dns)
    refused("DomainRecordDuplicate", 400, update, dns, record_id)
    cname = lambda: add(dns, type="CNAME", value="other.test")  # noqa: E731
    refused("DomainRecordConflict", 400, cname)
    refused("InvalidDomainName.NoExist", 400, lambda: add(dns, domain_name="nobody.test"))
    cloud.services.alidns.add_domain("theirs.test", cloud.stranger.account_uid)
    refused("IncorrectDomainUser", 400, lambda: add(dns, domain_name="theirs.test"))
    theirs = add(cloud.client(Client, cloud.stranger), domain_name="theirs.test")
    for gone in (theirs, "900000000000000000"):
        refused("DomainRecordNotBelongToUser", 400, info, dns, gone)
        refused("DomainRecordNotBelongToUser", 400, update, dns, gone)
        request = models.DeleteDomainRecordRequest(record_id=gone)
        refused("DomainRecordNotBelongToUser", 400, dns.delete_domain_record, request)
    assert listed(dns) == ["www 203.0.113.7"]


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("QuotaExceeded.TTL", {"ttl": 60}),
        ("QuotaExceeded.TTL", {"ttl": 100_000}),
        ("SubDomainInvalid.Value", {"value": "not an address"}),
        ("SubDomainInvalid.Value", {"value": "2001:db8::1"}),
        ("SubDomainInvalid.Value", {"type": "CNAME", "value": "no name"}),
        ("SubDomainInvalid.Value", {"type": "CAA", "value": "letsencrypt.org"}),
        ("InvalidParameter", {"rr": "a..b"}),
        ("InvalidParameter", {"rr": "a.*"}),
        ("MissingParameter", {"type": "MX", "value": "mail.example.test"}),
        ("UnsupportedParameter", {"type": "REDIRECT_URL", "value": "http://x.test"}),
        ("UnsupportedParameter", {"line": "telecom"}),
    ],
)
def test_what_cannot_be_a_record(dns: Client, refused: Refused, code: str, more: dict[str, Any]) -> None:
    refused(code, 400, lambda: add(dns, **more))
    assert listed(dns) == []


def test_lists_are_searched_and_paged(dns: Client) -> None:
    add(dns)
    add(dns, rr="_acme-challenge", type="TXT", value="One")
    add(dns, rr="_acme-challenge", type="TXT", value="Two")
    assert listed(dns) == ["_acme-challenge Two", "_acme-challenge One", "www 203.0.113.7"]
    assert listed(dns, type="txt", rrkey_word="ACME", value_key_word="tw") == ["_acme-challenge Two"]
    assert listed(dns, key_word="ww") == ["www 203.0.113.7"]
    assert listed(dns, key_word="ww", search_mode="EXACT") == []
    assert listed(dns, page_size=2, page_number=2) == ["www 203.0.113.7"]
    assert listed(dns, status="Disable") == []
    of_name = models.DescribeSubDomainRecordsRequest(sub_domain="www.example.test")
    body = dns.describe_sub_domain_records(of_name).body
    assert (body.total_count, body.domain_records.record[0].rr) == (1, "www")


def test_domains_are_listed_and_names_split(dns: Client, cloud: Cloud, refused: Refused) -> None:
    cloud.services.alidns.add_domain("second.test", cloud.key.account_uid)
    cloud.services.alidns.add_domain("theirs.test", cloud.stranger.account_uid)
    add(dns)
    found = dns.describe_domains(models.DescribeDomainsRequest()).body
    assert [(one.domain_name, one.record_count) for one in found.domains.domain] == [
        ("second.test", 0),
        ("example.test", 1),
    ]
    only = dns.describe_domains(models.DescribeDomainsRequest(key_word="EXA")).body
    assert [one.domain_name for one in only.domains.domain] == ["example.test"]

    def split(name: str) -> tuple[str, str]:
        body = dns.get_main_domain_name(models.GetMainDomainNameRequest(input_string=name)).body
        return body.domain_name, body.rr

    assert split("a.b.example.test") == ("example.test", "a.b")
    assert split("example.test") == ("example.test", "@")
    assert split("www.elsewhere.example") == ("elsewhere.example", "www")
    refused("InvalidParameter", 400, split, "nonsense")


def test_names_follow_the_rules_of_dns(dns: Client, server: NameServer) -> None:
    add(dns, rr="@")
    add(dns, rr="*.cdn", value="203.0.113.9")
    add(dns, rr="a.b.cdn", value="203.0.113.10")
    add(dns, rr="alias", type="CNAME", value="www.example.test.")
    add(dns, value="203.0.113.7")
    add(dns, rr="bucket", type="CNAME", value="b.oss-cn-hangzhou.aliyuncs.com")
    add(dns, rr="lost", type="CNAME", value="nowhere.example")
    add(dns, rr="mail", type="MX", value="mx.example.test", priority=5)
    add(dns, rr="@", type="CAA", value='0 issue "letsencrypt.org"')
    add(dns, rr="long", type="TXT", value="x" * 300)

    assert answers(server, "example.test") == ["203.0.113.7"]
    assert answers(server, "anything.cdn.example.test") == ["203.0.113.9"]
    assert answers(server, "a.b.cdn.example.test") == ["203.0.113.10"]
    assert answers(server, "b.cdn.example.test") == [], "a name above a record exists"
    assert answers(server, "x.b.cdn.example.test") is None, "and so hides the wildcard"
    assert answers(server, "alias.example.test") == ["www.example.test.", "203.0.113.7"]
    assert answers(server, "bucket.example.test") == ["b.oss-cn-hangzhou.aliyuncs.com.", "198.51.100.20"]
    assert answers(server, "lost.example.test") is None
    assert answers(server, "www.example.test", "AAAA") == []
    assert answers(server, "mail.example.test", "MX") == ["5 mx.example.test."]
    assert answers(server, "example.test", "CAA") == ['0 issue "letsencrypt.org"']
    (text,) = ask(server, "long.example.test", "TXT").rr
    assert b"".join(text.rdata.data) == b"x" * 300
    assert answers(server, "nothing.example.test") is None
    assert answers(server, "example.com") is None


def test_a_domain_is_added_once_and_goes_with_its_records(dns: Client, cloud: Cloud) -> None:
    domains = cloud.services.alidns
    assert domains.add_domain("Example.Test.", cloud.key.account_uid) == "example.test"
    for name, uid in (("example.test", "1"), ("sub.example.test", cloud.key.account_uid), ("nothing", "1")):
        with pytest.raises(LocalcloudError, match=name):
            domains.add_domain(name, uid)
    add(dns)
    domains.remove_domain("example.test")
    assert domains.domains() == []
    domains.add_domain("example.test", cloud.key.account_uid)
    assert listed(dns) == []
    with pytest.raises(LocalcloudError, match=r"no domain gone\.test"):
        domains.remove_domain("gone.test")


POLICY = """{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "alidns:*",
 "Resource": "acs:alidns:*:*:domain/example.test"}]}"""


def test_ram_judges_by_the_domain(dns: Client, cloud: Cloud, refused: Refused) -> None:
    cloud.services.alidns.add_domain("second.test", cloud.key.account_uid)
    user = cloud.client(Client, cloud.ram.put_user("dns", POLICY))
    record_id, other = add(user), add(dns, domain_name="second.test")
    update(user, record_id, value="203.0.113.9")
    assert info(user, record_id).value == "203.0.113.9"
    assert listed(user) == ["www 203.0.113.9"]
    refused("Forbidden.RAM", 403, lambda: add(user, domain_name="second.test", rr="x"))
    refused("Forbidden.RAM", 403, info, user, other)
    refused("Forbidden.RAM", 403, user.describe_domains, models.DescribeDomainsRequest())
    sub = models.DescribeSubDomainRecordsRequest(sub_domain="www.second.test")
    refused("Forbidden.RAM", 403, user.describe_sub_domain_records, sub)
    user.delete_domain_record(models.DeleteDomainRecordRequest(record_id=record_id))
    assert cloud.ram.as_dict()["authorised"]["dns"]["alidns:DeleteDomainRecord"] == [
        f"acs:alidns:*:{cloud.key.account_uid}:domain/example.test"
    ]


def test_every_action_is_in_the_coverage_list(dns: Client, cloud: Cloud) -> None:
    add(dns)
    told = cloud.coverage.as_dict()
    assert "GetMainDomainName" in told["actions"]["alidns"]
    assert told["calls"]["alidns"] == {"AddDomainRecord": 1}


def test_a_domain_names_its_servers_which_are_there(cloud: Cloud, dns: Client) -> None:
    view = View(api="198.51.100.10", public_oss="198.51.100.20", name_servers="198.51.100.53")
    server = NameServer(view, cloud.services.alidns)
    told = answers(server, "example.test", "NS") or []
    assert sorted(told) == ["ns1.alidns.com.", "ns2.alidns.com."]
    assert [answers(server, name.rstrip(".")) for name in told] == [["198.51.100.53"]] * 2
    assert answers(server, "www.example.test", "NS") is None
    # Where no view has them, their names do not exist.
    assert answers(NameServer(VIEW, cloud.services.alidns), "ns1.alidns.com") is None
    # Beside the domain's own records, whatever they are.
    add(dns, rr="@", type="TXT", value="v")
    assert answers(server, "example.test", "TXT") == ['"v"']
