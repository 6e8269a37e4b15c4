"""Hosts of VPCs that the grants of the program name, and hosts that they do not, over real networks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from infra.access.grants import Grant
from infra.policy import build
from localcloud.accounts import DEFAULT_ACCOUNT_UID
from tests.support.localcloud import LocalCloud
from tests.support.vpc_hosts import VpcHost, make_user, make_vpc, remove_vpc

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

BUCKET = "bucket-of-grants"
# What OSS says to a request without a signature that no statement and no ACL allows.
DENIED = (403, "0003-00000001")
PLACE = {"region": "cn-hangzhou", "cidr": "10.0.0.0/16", "vswitch": "10.0.1.0/24", "zone": "cn-hangzhou-k"}


@dataclass(frozen=True)
class Region:
    cloud: LocalCloud
    vpc: str
    other_vpc: str
    named: VpcHost
    beside: VpcHost
    in_network: VpcHost
    elsewhere: VpcHost


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    if os.geteuid() != 0:
        pytest.skip("networks need root; run: sudo make test")
    folder = tmp_path_factory.mktemp("grants")
    cloud = LocalCloud(folder / "home")
    try:
        cloud.cli("up", timeout_s=600)
        region = furnished(cloud, folder)
        yield region
    finally:
        cloud.cli("down")


def furnished(cloud: LocalCloud, folder: Path) -> Region:
    (folder / "hello.txt").write_text("hello")
    cloud.cli("oss", "mb", BUCKET, "--region", "cn-hangzhou")
    for key in ("public/hello.txt", "public/deep/hello.txt", "incoming/here.txt", "secret/hello.txt"):
        cloud.cli("oss", "put", str(folder / "hello.txt"), BUCKET, key)
    vpc, other = make_vpc(cloud, **PLACE), make_vpc(cloud, **PLACE)
    writer, _ = make_user(cloud, "writer", folder), make_user(cloud, "stranger", folder)
    anonymous = Grant(
        name="readers",
        vpc_id=vpc,
        networks=(IPv4Network("10.0.1.5/32"), IPv4Network("10.0.1.64/26")),
        permissions=("read", "list"),
        prefixes=("public/",),
    )
    signed = Grant(
        name="writers",
        vpc_id=vpc,
        networks=(IPv4Network("10.0.1.5/32"),),
        permissions=("read", "list", "write"),
        prefixes=("incoming/",),
        principals=(writer,),
    )
    policy = build(
        owner_uid=DEFAULT_ACCOUNT_UID,
        bucket=BUCKET,
        prefixes=["public/"],
        private_ips=[IPv4Address("172.16.0.1")],
        vpc_id="vpc-bp1theproxys",
        grants=[anonymous, signed],
    )
    (folder / "policy.json").write_text(policy)
    cloud.cli("oss", "policy", "set", BUCKET, str(folder / "policy.json"))

    def host(vpc_id: str, address: str) -> VpcHost:
        return VpcHost(cloud, f"{vpc_id}/{address}", BUCKET)

    return Region(
        cloud=cloud,
        vpc=vpc,
        other_vpc=other,
        named=host(vpc, "10.0.1.5"),
        beside=host(vpc, "10.0.1.6"),
        in_network=host(vpc, "10.0.1.70"),
        elsewhere=host(other, "10.0.1.5"),
    )


def test_block_public_access_stays_on(region: Region) -> None:
    shown = json.loads(region.cloud.cli("oss", "info", BUCKET).stdout)
    assert shown["block_public_access"] is True


class TestWithoutASignature:
    def test_a_named_host_reads_below_its_prefixes_and_nothing_else(self, region: Region) -> None:
        for host in (region.named, region.in_network):
            assert host.get("public/hello.txt").found == b"hello"
            assert host.get("public/deep/hello.txt").status == 200
            for key in ("secret/hello.txt", "incoming/here.txt"):
                assert (answer := host.get(key)).status == 403, answer

    def test_a_host_beside_it_and_the_same_address_in_another_vpc_do_not(self, region: Region) -> None:
        for host in (region.beside, region.elsewhere):
            answer = host.get("public/hello.txt")
            assert (answer.status, answer.ec) == DENIED
            assert host.get("?prefix=public/").status == 403

    def test_a_listing_is_kept_to_the_prefixes(self, region: Region) -> None:
        for query in (
            "?prefix=public/",
            "?list-type=2&prefix=public/",
            "?prefix=public/&delimiter=/",
            "?prefix=public/de&max-keys=1",
        ):
            assert region.named.get(query).status == 200, query
        found = region.named.get("?prefix=public/").found
        assert b"<Key>public/hello.txt</Key>" in found
        assert b"secret" not in found
        for query in ("", "?prefix=", "?prefix=publi", "?delimiter=/", "?prefix=secret/", "?list-type=2"):
            assert region.named.get(query).status == 403, query

    def test_nobody_writes(self, region: Region) -> None:
        assert region.named.put("public/new.txt").status == 403
        assert region.named.put("incoming/new.txt").status == 403


class TestSigned:
    def test_a_named_user_lists_reads_and_writes_below_the_prefixes(self, region: Region) -> None:
        host = region.named
        for verb in ("put", "upload", "parts"):
            assert host.signed("writer", verb, f"incoming/{verb}.bin").status == 200, verb
        for verb in ("get", "head"):
            assert host.signed("writer", verb, "incoming/here.txt").status == 200, verb
        for verb in ("list", "list-v2"):
            assert "incoming/upload.bin" in host.signed("writer", verb, "incoming/").found
        assert host.signed("writer", "list-folders", "incoming/").status == 200

    @pytest.mark.parametrize("verb", ["delete", "acl", "policy"])
    def test_it_deletes_and_administers_nothing(self, region: Region, verb: str) -> None:
        assert region.named.signed("writer", verb, "incoming/here.txt").status == 403

    def test_not_elsewhere_in_the_bucket(self, region: Region) -> None:
        for verb in ("get", "put", "upload", "list"):
            assert region.named.signed("writer", verb, "secret/").status == 403, verb
        # What needs no signature is not denied to one who has one.
        assert region.named.signed("writer", "get", "public/hello.txt").status == 200
        assert region.named.signed("writer", "put", "public/hello.txt").status == 403

    def test_not_from_other_hosts(self, region: Region) -> None:
        for host in (region.beside, region.in_network, region.elsewhere):
            for verb in ("get", "put", "list"):
                assert host.signed("writer", verb, "incoming/here.txt").status == 403

    def test_not_as_another_user(self, region: Region) -> None:
        for verb in ("get", "put", "list"):
            assert region.named.signed("stranger", verb, "incoming/here.txt").status == 403


class TestHostsOnOrder:
    @pytest.mark.parametrize(
        ("address", "words"),
        [
            ("10.0.2.5", "No vSwitch"),
            ("10.0.1.0", "No vSwitch"),
            ("10.0.1.253", "No vSwitch"),
            ("10.0.1.999", "No vSwitch"),
        ],
    )
    def test_an_address_that_no_host_can_have(self, region: Region, address: str, words: str) -> None:
        done = region.cloud.run(f"{region.vpc}/{address}", ["true"])
        assert done.returncode == 1
        assert words in done.stderr.decode()

    def test_an_unknown_vpc(self, region: Region) -> None:
        done = region.cloud.run("vpc-bp1nobodys/10.0.1.5", ["true"])
        assert "vpc-bp1nobodys has no network" in done.stderr.decode()

    def test_it_has_no_key_but_by_name(self, region: Region) -> None:
        script = 'import os; print(os.environ.get("OSS_ACCESS_KEY_ID", ""))'
        place = region.named.place
        named = region.cloud.run(place, ["python3", "-c", script], user="writer").stdout.decode().strip()
        assert named.startswith("LTAI")
        assert region.cloud.run("vpc", ["true"], user="writer").returncode == 1

    def test_it_goes_with_its_vpc(self, region: Region) -> None:
        vpc = make_vpc(region.cloud, **PLACE)
        place = f"{vpc}/10.0.1.9"
        assert region.cloud.run(place, ["true"]).returncode == 0
        remove_vpc(region.cloud, vpc, region="cn-hangzhou")
        assert "has no network" in region.cloud.run(place, ["true"]).stderr.decode()
