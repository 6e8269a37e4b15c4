"""Who may come in, and where the instance may go by itself."""

from __future__ import annotations

import pytest

from tests.unit.recorder import Deployment, Registration
from tests.unit.security.catalogue import enforces
from tests.unit.security.conftest import Run

RULE = "alicloud:ecs/securityGroupRule:SecurityGroupRule"
# Of those who log in, and of databases and the like.
RISKY = {
    20,
    21,
    22,
    23,
    25,
    135,
    139,
    445,
    1433,
    1521,
    2375,
    3306,
    3389,
    5432,
    5900,
    6379,
    9200,
    11211,
    27017,
}


def rules(made: Deployment, direction: str) -> list[Registration]:
    return [one for one in made.registrations if one.type == RULE and one.inputs["type"] == direction]


def ports(rule: Registration) -> range:
    first, last = map(int, rule.inputs["portRange"].split("/"))
    return range(first, last + 1)


@enforces(
    "checkov CKV_ALI_2",
    "checkov CKV_ALI_3",
    "CIS 3.2",
    "CIS 4.3",
    "CIS 4.4",
    "KICS public_security_group_rule_sensitive_port",
    "KICS public_security_group_rule_unknown_port",
    "InfraGuard ecs-security-group-risky-ports-check-with-protocol",
    "InfraGuard ecs-security-group-white-list-port-check",
    "InfraGuard sg-risky-ports-check",
    "cnspec security-group-no-public-ssh",
    "cnspec security-group-no-public-rdp",
    "Prowler ecs_securitygroup_restrict_ssh_internet",
    "Prowler ecs_securitygroup_restrict_rdp_internet",
    "CloudSploit openSSH",
    "CloudSploit openRDP",
)
@pytest.mark.parametrize("port", [80, 8080])
def test_no_port_is_open_but_the_one_that_clients_use(run: Run, port: int) -> None:
    for rule in rules(run({"listenPort": str(port)}), "ingress"):
        assert list(ports(rule)) == [port]
        assert not RISKY & set(ports(rule))


@enforces(
    "KICS public_security_group_rule_all_ports_or_protocols",
    "InfraGuard ecs-security-group-not-open-all-port",
    "InfraGuard ecs-security-group-not-open-all-protocol",
    "cnspec security-group-no-public-all-ports",
    "CloudSploit openAllPortsProtocols",
)
def test_no_rule_lets_in_all_ports_or_all_protocols(forms: list[Deployment]) -> None:
    for made in forms:
        for rule in rules(made, "ingress"):
            assert (rule.inputs["ipProtocol"], rule.inputs["nicType"]) == ("tcp", "intranet")
            assert "-1" not in rule.inputs["portRange"]


@enforces(
    "CIS 3.5",
    "CIS 5.7",
    "InfraGuard sg-public-access-check",
    "InfraGuard ecs-instance-no-public-and-anyip",
    "cnspec security-group-no-public-ipv6-admin",
)
def test_only_configured_networks_come_in_and_never_by_IPv6(run: Run) -> None:
    networks = ["198.51.100.0/24", "203.0.113.7/32"]
    made = rules(run({"allowedCidrs": str(networks).replace("'", '"')}), "ingress")
    assert [rule.inputs["cidrIp"] for rule in made] == networks
    for rule in made:
        assert not {"ipv6CidrIp", "prefixListId", "sourceSecurityGroupId"} & rule.inputs.keys()


@enforces(
    "InfraGuard ecs-security-group-description-check", "InfraGuard ecs-security-group-description-required"
)
def test_the_group_and_each_of_its_rules_say_what_they_are_for(made: Deployment) -> None:
    assert made["proxy-security-group"].inputs["description"]
    for rule in (*rules(made, "ingress"), *rules(made, "egress")):
        assert rule.inputs["description"], rule.name


@enforces("InfraGuard ecs-security-group-egress-not-all-access")
def test_the_instance_begins_nothing_but_names_time_HTTP_and_HTTPS(made: Deployment) -> None:
    accepted = {
        (rule.inputs["ipProtocol"], rule.inputs["portRange"])
        for rule in rules(made, "egress")
        if rule.inputs["policy"] == "accept"
    }
    assert accepted == {
        ("tcp", "80/80"),
        ("tcp", "443/443"),
        ("tcp", "53/53"),
        ("udp", "53/53"),
        ("udp", "123/123"),
    }
    rest = made["proxy-egress-rest"]
    shut = {key: rest.inputs[key] for key in ("policy", "ipProtocol", "portRange", "cidrIp", "priority")}
    assert shut == {
        "policy": "drop",
        "ipProtocol": "all",
        "portRange": "-1/-1",
        "cidrIp": "0.0.0.0/0",
        "priority": 100,
    }
    # It comes last, so that a running instance never lacks what it needs.
    assert {rule.name for rule in rules(made, "egress")} - {rest.name} <= rest.dependencies


@enforces(
    "InfraGuard security-group-vpc-required", "InfraGuard security-ecs-instance-security-group-required"
)
def test_the_group_belongs_to_the_proxys_own_VPC(made: Deployment) -> None:
    assert made["proxy-security-group"].inputs["vpcId"] == "proxy-vpc-id"
