"""``oss-diagnose`` on hosts of a cloud: what works, and causes as they are there."""

from __future__ import annotations

import re

import pytest

from localcloud.accounts import AccessKey
from tests.clients.region import Region
from tests.localcloud.net.conftest import allow

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

WORKS = "There is a way to the bucket."
FAILS = "This host does not get to the bucket."


@pytest.fixture(autouse=True)
def instances(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    region.instances(monkeypatch)


async def test_a_host_that_may(region: Region) -> None:
    code, text = await region.diagnose(region.granted)
    assert (code, WORKS in text, "FAIL" in text) == (0, True, False), text
    assert f"in cn-hangzhou, {region.granted.vpc_id}, 10.1.1.10" in text
    assert "leads to 100." in text
    assert "clock is OSS's" in text
    assert "without a signature: 200, public/hello.txt can be read" in text
    code, text = await region.diagnose(region.granted, keys=region.user)
    assert (code, f"signed with {region.user.id}: 200" in text) == (0, True), text
    assert region.user.secret not in text
    code, text = await region.diagnose(region.granted, "--key", "public/nothing", "--http")
    assert (code, "let in; there is no object public/nothing" in text) == (0, True), text


async def test_a_host_that_nobody_named(region: Region) -> None:
    code, text = await region.diagnose(region.other)
    assert (code, FAILS in text) == (1, True), text
    assert "FAIL   without a signature: 403 0003-00000001: no statement of the bucket's policy" in text
    assert "accessGrants" in text
    code, text = await region.diagnose(region.other, keys=region.user)
    assert code == 1
    assert f"FAIL   signed with {region.user.id}: 403" in text


async def test_keys_that_are_wrong(region: Region) -> None:
    wrong = AccessKey(**{**vars(region.user), "secret": "x" * 30})
    code, text = await region.diagnose(region.granted, keys=wrong)
    assert (code, "0002-00000201: the signature is wrong" in text) == (1, True), text
    unknown = AccessKey(**{**vars(region.user), "id": "LTAI5tNobody0000000000"})
    code, text = await region.diagnose(region.granted, keys=unknown)
    assert (code, "0002-00000902: OSS knows no such AccessKey" in text) == (1, True), text


async def test_the_roles_keys(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    region.instances(monkeypatch, role="reader")
    code, text = await region.diagnose(region.granted)
    assert (code, bool(re.search(r"signed with STS\.\w+: 200", text))) == (0, True), text
    assert "CAIS" not in text


async def test_another_regions_endpoint(region: Region) -> None:
    shanghai = ("--endpoint", "oss-cn-shanghai-internal.aliyuncs.com", "--proxy", "")
    code, text = await region.diagnose(region.granted, *shanghai)
    assert code == 1
    assert "answers hosts in cn-shanghai alone, and this is cn-hangzhou" in text
    assert FAILS in text


async def test_another_regions_bucket(region: Region) -> None:
    await region.owner(bucket="oss-proxy-there", region="cn-shanghai", objects={"a": "a"})
    code, text = await region.diagnose(region.granted, "--bucket", "oss-proxy-there")
    assert code == 1
    assert "0003-00001403: the bucket is in another region: its endpoint is oss-cn-shanghai" in text, text
    code, text = await region.diagnose(region.granted, "--bucket", "oss-proxy-nowhere")
    assert (code, "there is no such bucket" in text) == (1, True), text


async def test_egress_that_is_closed(region: Region) -> None:
    host = region.granted
    metadata = allow(80, direction="egress", cidr="100.100.100.200/32")
    dns = allow(direction="egress", cidr="100.100.2.0/24", protocol="all")
    try:
        await region.lab.secure(host, metadata, dns, default_egress="drop")
        code, text = await region.diagnose(host)
        assert code == 1
        assert "does not answer" in text
        assert "egress rules and the network ACL allow TCP 443 to 100.64.0.0/10" in text
        plain = allow(80, direction="egress", cidr="100.64.0.0/10")
        await region.lab.secure(host, plain, dns, default_egress="drop")
        code, text = await region.diagnose(host)
        assert (code, "port 80 does" in text) == (1, True), text
        code, text = await region.diagnose(host, "--http")
        assert code == 0, text
    finally:
        await region.lab.secure(host)


async def test_a_laptop_is_sent_to_the_proxy(region: Region) -> None:
    code, text = await region.diagnose(None)
    assert code == 1
    assert "this is no ECS instance" in text
    assert "the proxy http://203.0.113.9/ does not answer" in text
    assert "allowedCidrs" in text
