"""The rules of a VPC's router, as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.fabric.netns.firewall import HostPort, render
from localcloud.fabric.netns.vpc import host_commands, host_link_commands, router_commands
from localcloud.fabric.protocol import SecurityPolicy, SecurityRule

GOLDEN = Path(__file__).parent / "golden"


def rule(**changes: object) -> SecurityRule:
    values: dict[str, object] = {
        "direction": "ingress",
        "policy": "accept",
        "protocol": "tcp",
        "from_port": 80,
        "to_port": 80,
        "cidr": "0.0.0.0/0",
        **changes,
    }
    return SecurityRule(**values)  # type: ignore[arg-type]


def host(ip: str, policy: SecurityPolicy) -> HostPort:
    last = ip.rpartition(".")[2]
    return HostPort(interface=f"i{last}", ip=ip, mac=f"00:16:3e:00:00:{int(last):02x}", security=policy)


def body(text: str, chain: str) -> list[str]:
    """The rules of one chain."""
    start = text.index(f"chain {chain} {{")
    return [line.strip() for line in text[start : text.index("    }", start)].splitlines()[1:]]


def test_the_whole_table() -> None:
    web = SecurityPolicy(rules=(rule(), rule(from_port=443, to_port=443, cidr="198.51.100.0/24")))
    text = render(
        [host("10.0.0.11", web), host("10.0.0.10", SecurityPolicy(default_egress="drop"))],
        {"203.0.113.5": "10.0.0.11"},
        ["100.100.100.200", "100.118.28.0/24"],
        {"10.0.0.11": "1:7105"},
        {},
    )
    assert text == (GOLDEN / "vpc.nft").read_text()


def test_a_vpc_without_hosts_forwards_nothing() -> None:
    text = render([], {}, [], {}, {})
    assert "vmap" not in text
    assert "elements" not in text
    assert "type filter hook forward priority filter; policy drop;" in text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "tcp dport 80 return"),
        ({"cidr": "10.0.0.0/8"}, "ip saddr 10.0.0.0/8 tcp dport 80 return"),
        ({"from_port": 1000, "to_port": 2000}, "tcp dport 1000-2000 return"),
        ({"from_port": -1, "to_port": -1}, "meta l4proto tcp return"),
        ({"protocol": "udp", "from_port": 53, "to_port": 53}, "udp dport 53 return"),
        ({"protocol": "icmp", "from_port": -1, "to_port": -1}, "meta l4proto icmp return"),
        ({"protocol": "gre", "from_port": -1, "to_port": -1}, "meta l4proto gre return"),
        ({"protocol": "ALL", "from_port": -1, "to_port": -1}, "return"),
        ({"policy": "drop", "cidr": "192.0.2.20/32"}, "ip saddr 192.0.2.20/32 tcp dport 80 drop"),
    ],
)
def test_one_rule(changes: dict[str, object], expected: str) -> None:
    text = render([host("10.0.0.11", SecurityPolicy(rules=(rule(**changes),)))], {}, [], {}, {})
    assert body(text, "ingress_i11") == [expected, "drop"]


def test_egress_looks_at_the_other_side() -> None:
    policy = SecurityPolicy(rules=(rule(direction="egress", cidr="10.9.0.0/16"),), default_egress="drop")
    text = render([host("10.0.0.11", policy)], {}, [], {}, {})
    assert body(text, "egress_i11") == ["ip daddr 10.9.0.0/16 tcp dport 80 return", "drop"]
    assert body(text, "ingress_i11") == ["drop"]


def test_order_is_by_priority_and_of_equals_the_one_that_drops() -> None:
    rules = (
        rule(from_port=3, to_port=3, priority=2),
        rule(from_port=2, to_port=2),
        rule(from_port=1, to_port=1, policy="drop"),
    )
    text = render(
        [host("10.0.0.11", SecurityPolicy(rules=rules, peers=("10.0.0.13", "10.0.0.12")))], {}, [], {}, {}
    )
    assert body(text, "ingress_i11") == [
        "tcp dport 1 drop",
        "tcp dport 2 return",
        "tcp dport 3 return",
        "ip saddr { 10.0.0.12, 10.0.0.13 } return",
        "drop",
    ]


def test_at_an_address_that_is_down_nothing_answers_and_nothing_comes_from_it_any_more() -> None:
    text = render([], {}, ["100.118.28.0/24"], {}, {"100.118.28.10": "refuses", "100.118.28.11": "silent"})
    assert body(text, "to_services")[1:4] == [
        "ip daddr 100.118.28.10 meta l4proto tcp reject with tcp reset",
        "ip daddr 100.118.28.11 drop",
        "ct direction reply ct state established accept",
    ]
    assert body(text, "from_services")[1:] == ["ip saddr 100.118.28.11 drop"]


def test_links_and_routes() -> None:
    assert host_link_commands("i1", "lc-h", "00:16:3e:00:00:01", "10.0.0.10") == [
        "link add name i1 type veth peer name eth0 address 00:16:3e:00:00:01 netns lc-h",
        "link set i1 up",
        "route replace 10.0.0.10/32 dev i1",
        "neighbour replace 10.0.0.10 lladdr 00:16:3e:00:00:01 dev i1 nud permanent",
    ]
    assert host_commands("10.0.0.10", "10.0.0.0/24") == [
        "address replace 10.0.0.10/24 dev eth0",
        "link set eth0 up",
        "route replace default via 10.0.0.253 dev eth0",
    ]
    assert "route replace local 100.118.28.0/24 dev lo" in router_commands("cn-hangzhou")
