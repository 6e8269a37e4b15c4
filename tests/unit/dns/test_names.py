"""What records are called, what they say of themselves, and what is said of them."""

from __future__ import annotations

import pytest

from infra.dns import names
from infra.naming import Naming
from infra.regions import MAINLAND_REGIONS, REGIONS_WITH_SOURCE_VPC
from infra.stack import NAME


def test_a_host_in_its_zone() -> None:
    assert names.host_record("example.com", "example.com") == "@"
    assert names.host_record("a.b.example.com", "example.com") == "a.b"
    assert names.logical_name("example.com") == f"{NAME}-dns-example.com"
    assert names.host_record("*.files.example.com", "example.com") == "*.files"
    assert names.logical_name("*.example.com") == f"{NAME}-dns-_wildcard.example.com"


def test_a_note_tells_stacks_apart_and_is_as_long_as_the_cloud_takes() -> None:
    assert names.remark(Naming(project="oss-proxy", stack="dev")) == "oss-proxy-dev-dns-record"
    long = [names.remark(Naming(project="oss-proxy", stack="x" * 60 + end)) for end in ("a", "b")]
    assert [len(one) for one in long] == [50, 50]
    assert long[0] != long[1]


def test_the_records_are_told() -> None:
    hosts = ("files.example.com", "example.com")
    assert names.told(hosts, "", "203.0.113.9").splitlines() == [
        "to set: files.example.com. A 203.0.113.9",
        "to set: example.com. A 203.0.113.9",
    ]
    assert names.told(hosts[:1], "example.com", "203.0.113.9") == "set: files.example.com. A 203.0.113.9"
    assert names.told((), "", "203.0.113.9") == ""


@pytest.mark.parametrize("region", sorted(REGIONS_WITH_SOURCE_VPC))
def test_only_on_the_mainland_and_only_a_name_has_to_be_filed(region: str) -> None:
    notice = names.filing_notice(region, ("files.example.com",))
    assert (notice is not None) == (region in MAINLAND_REGIONS)
    assert names.filing_notice(region, ()) is None
    if notice:
        assert "ICP filing" in notice
        assert "files.example.com on ports 80 and 443" in notice


def test_the_mainland_is_what_it_is() -> None:
    assert MAINLAND_REGIONS < REGIONS_WITH_SOURCE_VPC
    assert {one for one in REGIONS_WITH_SOURCE_VPC if one.startswith("cn-")} - MAINLAND_REGIONS == {
        "cn-hongkong"
    }
