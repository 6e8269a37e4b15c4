"""The nftables rules of a VPC's router: security groups, public addresses, no forged senders. Pure.

The whole table is rendered anew for each change and put in force in one transaction, so there is no
moment without rules and no rule that is left over.

Groups are stateful, yet a changed group counts at once: the answers of a connection always pass, but
each packet of the side that opened it is judged by the rules of now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from localcloud.fabric.netns.naming import UPLINK
from localcloud.fabric.protocol import SecurityPolicy, SecurityRule

TABLE = "localcloud"
_DOWN = {"refuses": "meta l4proto tcp reject with tcp reset", "silent": "drop"}


@dataclass(frozen=True, kw_only=True)
class HostPort:
    """A host of the VPC as the router sees it.

    Attributes:
        interface: The router's end of the host's link.
        ip: The host's private address.
        mac: The host's MAC address.
        security: What its security groups allow.
    """

    interface: str
    ip: str
    mac: str
    security: SecurityPolicy = field(default_factory=SecurityPolicy)


def render(
    hosts: Sequence[HostPort],
    eips: Mapping[str, str],
    services: Iterable[str],
    shaping: Mapping[str, str],
    down: Mapping[str, str],
) -> str:
    """Renders the rules for ``nft -f``.

    Args:
        hosts: The VPC's hosts.
        eips: Public address -> private address.
        services: Addresses and networks at which the router itself serves the VPC.
        shaping: Private address -> traffic class (``1:a``) of what it sends to the Internet.
        down: Service address at which nothing answers -> ``refuses`` or ``silent``.
    """
    ordered = sorted(hosts, key=lambda host: host.interface)
    out = [f"add table inet {TABLE}", f"delete table inet {TABLE}", f"table inet {TABLE} {{"]
    out += _set("services", services)
    out += _set("with_eip", eips.values())
    out += _chain("genuine", "type filter hook prerouting priority raw; policy accept;", _genuine(ordered))
    out += _chain(
        "eip_in",
        "type nat hook prerouting priority dstnat; policy accept;",
        [f'iifname "{UPLINK}" ip daddr {eip} dnat ip to {ip}' for eip, ip in sorted(eips.items())],
    )
    out += _chain(
        "eip_out",
        "type nat hook postrouting priority srcnat; policy accept;",
        [f'oifname "{UPLINK}" ip saddr {ip} snat ip to {eip}' for eip, ip in sorted(eips.items())],
    )
    out += _chain(
        "shape",
        "type filter hook forward priority mangle; policy accept;",
        [f'oifname "{UPLINK}" ip saddr {ip} meta priority set {cls}' for ip, cls in sorted(shaping.items())],
    )
    out += _chain(
        "to_services",
        "type filter hook input priority filter; policy drop;",
        [
            *(f"ip daddr {address} {_DOWN[how]}" for address, how in sorted(down.items())),
            "ct direction reply ct state established accept",
            f'iifname "{UPLINK}" drop',
            "jump egress",
            "ip daddr @services tcp dport { 53, 80, 443 } accept",
            "ip daddr @services udp dport 53 accept",
            "meta l4proto icmp accept",
        ],
    )
    # What an address that is down had still to say is lost, too.
    if silent := [f"ip saddr {address} drop" for address, how in sorted(down.items()) if how == "silent"]:
        out += _chain("from_services", "type filter hook output priority filter; policy accept;", silent)
    out += _chain(
        "between",
        "type filter hook forward priority filter; policy drop;",
        [
            "ct direction reply ct state established accept",
            "ct state related accept",
            f'iifname "{UPLINK}" ct status & dnat == 0 drop',
            f'oifname "{UPLINK}" ip saddr != @with_eip drop',
            "jump egress",
            "jump ingress",
            "accept",
        ],
    )
    out += _dispatch("egress", "iifname", ordered)
    out += _dispatch("ingress", "oifname", ordered)
    for host in ordered:
        out += _chain(f"egress_{host.interface}", None, _group_rules(host.security, "egress"))
        out += _chain(f"ingress_{host.interface}", None, _group_rules(host.security, "ingress"))
    out.append("}")
    return "\n".join(out) + "\n"


def _set(name: str, elements: Iterable[str]) -> list[str]:
    listed = ", ".join(sorted(elements))
    content = [f"        elements = {{ {listed} }}"] if listed else []
    return [f"    set {name} {{", "        type ipv4_addr", "        flags interval", *content, "    }"]


def _chain(name: str, hook: str | None, rules: Iterable[str]) -> list[str]:
    head = [f"        {hook}"] if hook else []
    return [f"    chain {name} {{", *head, *(f"        {rule}" for rule in rules), "    }"]


def _genuine(hosts: Iterable[HostPort]) -> list[str]:
    rules = []
    for host in hosts:
        rules.append(f'iifname "{host.interface}" ether saddr != {host.mac} drop')
        rules.append(f'iifname "{host.interface}" ip saddr != {host.ip} drop')
    # Nothing in a VPC speaks IPv6, so nothing may slip past the IPv4 rules by it.
    rules.append("meta nfproto ipv6 drop")
    return rules


def _dispatch(direction: str, key: str, hosts: Iterable[HostPort]) -> list[str]:
    jumps = ", ".join(f'"{host.interface}" : jump {direction}_{host.interface}' for host in hosts)
    return _chain(direction, None, [f"{key} vmap {{ {jumps} }}"] if jumps else [])


def _group_rules(policy: SecurityPolicy, direction: str) -> list[str]:
    """Renders one host's rules; `return` lets a packet go on to the other host's rules."""
    # Of two rules with one priority that contradict each other, the one that drops wins.
    # Source: https://www.alibabacloud.com/help/en/ecs/user-guide/security-group-rules (2026-02).
    ordered = sorted(
        (rule for rule in policy.rules if rule.direction == direction),
        key=lambda rule: (rule.priority, rule.policy != "drop", rule.protocol, rule.from_port, rule.cidr),
    )
    rules = [_match(rule) + ("return" if rule.policy == "accept" else "drop") for rule in ordered]
    if direction == "ingress":
        if policy.peers:
            rules.append(f"ip saddr {{ {', '.join(sorted(policy.peers))} }} return")
        rules.append("drop")
    elif policy.default_egress == "drop":
        if policy.peers:
            rules.append(f"ip daddr {{ {', '.join(sorted(policy.peers))} }} return")
        rules.append("drop")
    return rules


def _match(rule: SecurityRule) -> str:
    side = "saddr" if rule.direction == "ingress" else "daddr"
    match = "" if rule.cidr.endswith("/0") else f"ip {side} {rule.cidr} "
    protocol = rule.protocol.lower()
    if protocol == "all":
        return match
    if protocol in ("tcp", "udp") and rule.from_port != -1:
        ports = str(rule.from_port) if rule.from_port == rule.to_port else f"{rule.from_port}-{rule.to_port}"
        return f"{match}{protocol} dport {ports} "
    return f"{match}meta l4proto {protocol} "
