# mypy: allow-untyped-calls
"""What each place is told about names."""

from __future__ import annotations

import asyncio
import socket

import dnslib
import pytest

from localcloud.dns import NameServer, RunningNameServer, View, resolve
from localcloud.regions import OSS_VIP_RANGES

PUBLIC = View(api="198.51.100.10", public_oss="198.51.100.20")
VPC = View(api="198.51.100.10", public_oss="198.51.100.20", mirror="100.100.2.148")


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("ecs.cn-hangzhou.aliyuncs.com", ["198.51.100.10"]),
        ("sts.aliyuncs.com", ["198.51.100.10"]),
        ("oss-cn-hangzhou.aliyuncs.com", ["198.51.100.20"]),
        ("my-bucket.oss-us-east-1.aliyuncs.com", ["198.51.100.20"]),
        ("oss-cn-atlantis.aliyuncs.com", None),
        ("b.oss-cn-atlantis-internal.aliyuncs.com", None),
        ("aliyuncs.com", []),
        ("example.com", None),
        ("notaliyuncs.com", None),
    ],
)
def test_public_names(name: str, addresses: list[str] | None) -> None:
    assert resolve(name, PUBLIC) == addresses
    assert resolve(name, VPC) == addresses


@pytest.mark.parametrize("region", OSS_VIP_RANGES)
@pytest.mark.parametrize("view", [PUBLIC, VPC])
def test_internal_names_resolve_to_the_regions_ranges_everywhere(region: str, view: View) -> None:
    import ipaddress

    networks = [ipaddress.ip_network(text) for text in OSS_VIP_RANGES[region]]
    found = resolve(f"bucket.oss-{region}-internal.aliyuncs.com", view)
    assert found
    assert len(set(found)) == 4
    assert all(any(ipaddress.ip_address(address) in network for network in networks) for address in found)


def test_the_mirror_has_a_name_in_a_vpc_only() -> None:
    assert resolve("mirrors.cloud.aliyuncs.com", VPC) == ["100.100.2.148"]
    assert resolve("mirrors.cloud.aliyuncs.com", PUBLIC) is None


def ask(server: NameServer, name: str, kind: str = "A") -> dnslib.DNSRecord:
    answer = server.answer(dnslib.DNSRecord.question(name, kind).pack())
    assert answer is not None
    parsed: dnslib.DNSRecord = dnslib.DNSRecord.parse(answer)
    return parsed


def test_addresses_are_rotated() -> None:
    server = NameServer(VPC)
    firsts = {str(ask(server, "oss-cn-hangzhou-internal.aliyuncs.com").rr[0].rdata) for _ in range(4)}
    assert len(firsts) == 4


def test_case_does_not_matter_and_the_question_is_kept() -> None:
    reply = ask(NameServer(PUBLIC), "ECS.cn-Hangzhou.aliyuncs.com")
    assert str(reply.rr[0].rdata) == "198.51.100.10"
    assert str(reply.q.qname) == "ECS.cn-Hangzhou.aliyuncs.com."


def test_an_unknown_name_and_an_unknown_kind_are_told_apart() -> None:
    unknown = ask(NameServer(PUBLIC), "example.com")
    assert unknown.header.rcode == dnslib.RCODE.NXDOMAIN
    no_ipv6 = ask(NameServer(PUBLIC), "sts.aliyuncs.com", "AAAA")
    assert no_ipv6.header.rcode == dnslib.RCODE.NOERROR
    assert no_ipv6.rr == []
    assert no_ipv6.auth[0].rtype == dnslib.QTYPE.SOA


@pytest.mark.parametrize("junk", [b"", b"x", b"\0" * 11, b"\xff" * 40])
def test_what_is_no_query_is_not_answered(junk: bytes) -> None:
    assert NameServer(PUBLIC).answer(junk) is None


def test_an_answer_is_not_answered() -> None:
    reply = dnslib.DNSRecord.question("sts.aliyuncs.com").reply().pack()
    assert NameServer(PUBLIC).answer(reply) is None


async def test_both_transports_answer() -> None:
    datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagram.bind(("127.0.0.1", 0))
    datagram.setblocking(False)
    stream = socket.create_server(("127.0.0.1", 0))
    stream.setblocking(False)
    udp, tcp = datagram.getsockname(), stream.getsockname()
    server = RunningNameServer(PUBLIC, [datagram], [stream])
    await server.start()
    try:
        for over_tcp, port in ((False, udp[1]), (True, tcp[1])):
            question = dnslib.DNSRecord.question("sts.aliyuncs.com")
            answer = await asyncio.to_thread(question.send, "127.0.0.1", port, tcp=over_tcp, timeout=5)
            assert str(dnslib.DNSRecord.parse(answer).rr[0].rdata) == "198.51.100.10"
    finally:
        await server.close()
        await asyncio.sleep(0)
