"""Security groups: rules, members, and what is put in force."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models

from localcloud.fabric.protocol import SecurityPolicy, SecurityRule
from tests.localcloud.api.harness import REGION, Cloud, Site

HTTP = {
    "ip_protocol": "tcp",
    "port_range": "80/80",
    "source_cidr_ip": "0.0.0.0/0",
    "policy": "accept",
    "priority": "1",
    "nic_type": "intranet",
}


def authorize(cloud: Cloud, group_id: str, **rule: Any) -> None:
    permission = models.AuthorizeSecurityGroupRequestPermissions(**{**HTTP, **rule})
    request = models.AuthorizeSecurityGroupRequest(
        region_id=REGION, security_group_id=group_id, permissions=[permission]
    )
    cloud.ecs.authorize_security_group(request)


def revoke(cloud: Cloud, group_id: str, **rule: Any) -> None:
    permission = models.RevokeSecurityGroupRequestPermissions(**{**HTTP, **rule})
    request = models.RevokeSecurityGroupRequest(
        region_id=REGION, security_group_id=group_id, permissions=[permission]
    )
    cloud.ecs.revoke_security_group(request)


def rules(cloud: Cloud, group_id: str, direction: str = "all") -> list[Any]:
    request = models.DescribeSecurityGroupAttributeRequest(
        region_id=REGION, security_group_id=group_id, direction=direction
    )
    shown: list[Any] = cloud.ecs.describe_security_group_attribute(request).body.permissions.permission
    return shown


def in_force(cloud: Cloud, instance_id: str) -> SecurityPolicy:
    record = cloud.services.ecs.find_instance(instance_id)
    assert record is not None
    assert record.security is not None
    return record.security


def test_a_new_group_has_no_rules(cloud: Cloud, site: Site) -> None:
    assert rules(cloud, site.group) == []


def test_a_rule_is_shown_as_it_was_given(cloud: Cloud, site: Site) -> None:
    authorize(cloud, site.group, description="the proxy's port")
    (rule,) = rules(cloud, site.group, "ingress")
    assert (rule.ip_protocol, rule.port_range, rule.source_cidr_ip) == ("TCP", "80/80", "0.0.0.0/0")
    assert (rule.policy, rule.priority, rule.description) == ("Accept", "1", "the proxy's port")
    assert (rule.nic_type, rule.direction) == ("intranet", "ingress")
    assert rule.security_group_rule_id.startswith("sgr-")
    assert rules(cloud, site.group, "egress") == []


def test_the_same_rule_twice_is_one_rule(cloud: Cloud, site: Site) -> None:
    authorize(cloud, site.group)
    authorize(cloud, site.group, description="another text")
    authorize(cloud, site.group, priority="2")
    assert [rule.priority for rule in rules(cloud, site.group)] == ["1", "2"]


def test_a_rule_is_revoked_by_what_it_says_or_by_its_id(
    cloud: Cloud, site: Site, refused: Callable[..., Any]
) -> None:
    authorize(cloud, site.group)
    authorize(cloud, site.group, port_range="443/443")
    revoke(cloud, site.group, port_range="22/22")  # no such rule: no error, no effect
    assert len(rules(cloud, site.group)) == 2
    revoke(cloud, site.group)
    (left,) = rules(cloud, site.group)
    assert left.port_range == "443/443"
    request = models.RevokeSecurityGroupRequest(
        region_id=REGION,
        security_group_id=site.group,
        security_group_rule_id=[left.security_group_rule_id],
    )
    cloud.ecs.revoke_security_group(request)
    assert rules(cloud, site.group) == []
    refused("InvalidSecurityGroupRule.RuleNotExist", 404, cloud.ecs.revoke_security_group, request)


def test_a_rule_can_be_changed(cloud: Cloud, site: Site) -> None:
    authorize(cloud, site.group, description="old")
    (before,) = rules(cloud, site.group)
    request = models.ModifySecurityGroupRuleRequest(
        region_id=REGION,
        security_group_id=site.group,
        security_group_rule_id=before.security_group_rule_id,
        description="new",
        **HTTP,
    )
    cloud.ecs.modify_security_group_rule(request)
    (after,) = rules(cloud, site.group)
    assert (after.description, after.security_group_rule_id) == ("new", before.security_group_rule_id)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ip_protocol": "sctp"}, "InvalidIpProtocol.ValueNotSupported"),
        ({"port_range": "80"}, "InvalidPortRange.Malformed"),
        ({"port_range": "90/80"}, "InvalidPortRange.Malformed"),
        ({"port_range": "1/65536"}, "InvalidPortRange.Malformed"),
        ({"port_range": "-1/-1"}, "InvalidPortRange.Malformed"),
        ({"ip_protocol": "icmp"}, "InvalidParamter.Conflict"),
        ({"source_cidr_ip": "10.0.0.0/33"}, "InvalidSourceCidrIp.Malformed"),
        ({"source_cidr_ip": None}, "MissingParameter"),
        ({"policy": "maybe"}, "InvalidPolicy.Malformed"),
        ({"priority": "101"}, "InvalidPriority.Malformed"),
        ({"nic_type": "internet"}, "InvalidNicType.ValueNotSupported"),
    ],
)
def test_rules_are_checked(
    cloud: Cloud, site: Site, refused: Callable[..., Any], changes: dict[str, Any], code: str
) -> None:
    refused(code, 400, lambda: authorize(cloud, site.group, **changes))
    assert rules(cloud, site.group) == []


def test_rules_are_in_force_from_the_first_packet(cloud: Cloud, site: Site) -> None:
    authorize(cloud, site.group)
    cloud.make_instance(site.vswitch, site.group)
    ((spec,),) = cloud.fabric.named("start_instance")
    http = SecurityRule(
        direction="ingress", policy="accept", protocol="tcp", from_port=80, to_port=80, cidr="0.0.0.0/0"
    )
    assert spec.security == SecurityPolicy(rules=(http,), default_egress="accept", peers=())
    assert cloud.fabric.named("set_security") == []


def test_a_new_rule_reaches_running_instances(cloud: Cloud, site: Site) -> None:
    instance_id = cloud.make_instance(site.vswitch, site.group)
    authorize(cloud, site.group)
    ((told, policy),) = cloud.fabric.named("set_security")
    assert (told, [rule.from_port for rule in policy.rules]) == (instance_id, [80])
    revoke(cloud, site.group)
    assert cloud.fabric.named("set_security")[-1] == (instance_id, SecurityPolicy())


def test_a_rule_made_during_the_boot_is_not_lost(cloud: Cloud, site: Site) -> None:
    let_go = cloud.hold("start_instance")
    answer = cloud.ecs.run_instances(cloud.order(site.vswitch, site.group))
    (instance_id,) = answer.body.instance_id_sets.instance_id_set
    while not cloud.fabric.named("start_instance"):
        assert cloud.instance(instance_id).status in ("Pending", "Starting")
    authorize(cloud, site.group)
    let_go()
    cloud.settle()
    assert [rule.from_port for rule in in_force(cloud, instance_id).rules] == [80]


def test_a_rule_that_cannot_be_enforced_is_not_kept(
    cloud: Cloud, site: Site, refused: Callable[..., Any]
) -> None:
    cloud.make_instance(site.vswitch, site.group)
    cloud.fabric.fails.add("set_security")
    refused("InternalError", 400, authorize, cloud, site.group)
    assert rules(cloud, site.group) == []


def test_members_of_a_basic_group_reach_each_other(cloud: Cloud, site: Site) -> None:
    first = cloud.make_instance(site.vswitch, site.group, private_ip_address="10.0.1.1")
    second = cloud.make_instance(site.vswitch, site.group, private_ip_address="10.0.1.2")
    assert in_force(cloud, first).peers == ("10.0.1.2",)
    assert in_force(cloud, second).peers == ("10.0.1.1",)
    request = models.ModifySecurityGroupPolicyRequest(
        region_id=REGION, security_group_id=site.group, inner_access_policy="Drop"
    )
    cloud.ecs.modify_security_group_policy(request)
    assert (in_force(cloud, first).peers, in_force(cloud, second).peers) == ((), ())


def test_a_released_member_is_forgotten_by_the_others(cloud: Cloud, site: Site) -> None:
    first = cloud.make_instance(site.vswitch, site.group, private_ip_address="10.0.1.1")
    second = cloud.make_instance(site.vswitch, site.group, private_ip_address="10.0.1.2")
    cloud.delete_instance(second)
    assert in_force(cloud, first).peers == ()


def test_an_advanced_group_drops_what_leaves(cloud: Cloud, site: Site) -> None:
    group = cloud.make_group(site.vpc, security_group_type="enterprise")
    first = cloud.make_instance(site.vswitch, group)
    cloud.make_instance(site.vswitch, group)
    assert in_force(cloud, first) == SecurityPolicy(rules=(), default_egress="drop", peers=())


def test_a_rule_that_names_a_group_follows_its_members(cloud: Cloud, site: Site) -> None:
    clients = cloud.make_group(site.vpc)
    server = cloud.make_instance(site.vswitch, site.group)
    authorize(cloud, site.group, source_cidr_ip=None, source_group_id=clients)
    assert in_force(cloud, server).rules == ()
    client = cloud.make_instance(site.vswitch, clients, private_ip_address="10.0.1.99")
    assert [rule.cidr for rule in in_force(cloud, server).rules] == ["10.0.1.99/32"]
    cloud.delete_instance(client)
    assert in_force(cloud, server).rules == ()


def test_join_and_leave(cloud: Cloud, site: Site, refused: Callable[..., Any]) -> None:
    more = cloud.make_group(site.vpc)
    authorize(cloud, more)
    instance_id = cloud.make_instance(site.vswitch, site.group)
    join = models.JoinSecurityGroupRequest(instance_id=instance_id, security_group_id=more)
    cloud.ecs.join_security_group(join)
    assert cloud.instance(instance_id).security_group_ids.security_group_id == [site.group, more]
    assert len(in_force(cloud, instance_id).rules) == 1
    refused("InvalidInstanceId.AlreadyExists", 400, cloud.ecs.join_security_group, join)
    leave = models.LeaveSecurityGroupRequest(instance_id=instance_id, security_group_id=more)
    cloud.ecs.leave_security_group(leave)
    assert in_force(cloud, instance_id).rules == ()
    last = models.LeaveSecurityGroupRequest(instance_id=instance_id, security_group_id=site.group)
    refused("InstanceLastSecurityGroup", 403, cloud.ecs.leave_security_group, last)


def test_a_group_in_use_cannot_be_deleted(cloud: Cloud, site: Site, refused: Callable[..., Any]) -> None:
    naming = cloud.make_group(site.vpc)
    authorize(cloud, naming, source_cidr_ip=None, source_group_id=site.group)
    refused("DependencyViolation", 403, cloud.delete_group, site.group)
    revoke(cloud, naming, source_cidr_ip=None, source_group_id=site.group)
    instance_id = cloud.make_instance(site.vswitch, site.group)
    refused("DependencyViolation", 403, cloud.delete_group, site.group)
    cloud.delete_instance(instance_id)
    cloud.delete_group(site.group)
    refused("InvalidSecurityGroupId.NotFound", 404, cloud.delete_group, site.group)
