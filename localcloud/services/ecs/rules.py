"""The rules of security groups.

Source: https://help.aliyun.com/en/ecs/developer-reference/api-ecs-2014-05-26-authorizesecuritygroup
(2026-11-23): adding a rule that exists succeeds and adds nothing, removing one that does not exist
succeeds and removes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Literal

from localcloud.fabric.protocol import FabricError
from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError, missing_parameter, not_modelled
from localcloud.rpc.params import Params
from localcloud.services.context import Call, Handler
from localcloud.services.ecs import errors
from localcloud.services.ecs.groups import find_group
from localcloud.services.ecs.models import Rule, SecurityGroup
from localcloud.services.ecs.security import affected_by, enforce
from localcloud.services.ids import new_id
from localcloud.services.names import read_description

Direction = Literal["ingress", "egress"]
RULES_PER_GROUP = 200
_PROTOCOLS = ("TCP", "UDP", "ICMP", "GRE", "ALL")
_PORTED_PROTOCOLS = ("TCP", "UDP")
_PORT_RANGE = re.compile(r"(-1|\d{1,5})/(-1|\d{1,5})")
_ALL_PORTS = "-1/-1"


def _authorize(direction: Direction) -> Handler:
    async def authorize(call: Call) -> Answer:
        group = find_group(call)
        wanted = [_read_rule(call, group, params, direction) for params in _permissions(call)]
        new: list[Rule] = []
        for rule in wanted:
            if not any(rule.same_match(other) for other in (*group.rules, *new)):
                new.append(rule)
        if len(group.rules) + len(new) > RULES_PER_GROUP:
            raise ApiError("AuthorizationLimitExceed", "The limit of authorization records is reached.", 403)
        await _replace_rules(call, group, [*group.rules, *new])
        return {}

    return authorize


def _revoke(direction: Direction) -> Handler:
    async def revoke(call: Call) -> Answer:
        group = find_group(call)
        gone: Callable[[Rule], bool]
        ids = set(call.params.items("SecurityGroupRuleId"))
        if ids:
            known = {rule.rule_id for rule in group.rules if rule.direction == direction}
            if not ids <= known:
                raise _rule_not_found()

            def gone(rule: Rule) -> bool:
                return rule.rule_id in ids
        else:
            unwanted = [_read_rule(call, group, params, direction) for params in _permissions(call)]

            def gone(rule: Rule) -> bool:
                return any(rule.same_match(other) for other in unwanted)

        await _replace_rules(call, group, [rule for rule in group.rules if not gone(rule)])
        return {}

    return revoke


def _modify(direction: Direction) -> Handler:
    async def modify(call: Call) -> Answer:
        """Changes the rule with an id as a whole, or the description of the rule that matches."""
        group, params = find_group(call), call.params
        wanted = _read_rule(call, group, params, direction)
        rule_id = params.text("SecurityGroupRuleId")
        for rule in group.rules:
            if rule.rule_id == rule_id if rule_id else rule.same_match(wanted):
                wanted.rule_id, wanted.created = rule.rule_id, rule.created
                await _replace_rules(
                    call, group, [wanted if other is rule else other for other in group.rules]
                )
                return {}
        raise _rule_not_found()

    return modify


async def _replace_rules(call: Call, group: SecurityGroup, rules: list[Rule]) -> None:
    before, group.rules = group.rules, rules
    try:
        await enforce(call.env, affected_by(group.security_group_id, call.env.state))
    except FabricError:
        group.rules = before
        raise


def _permissions(call: Call) -> list[Params]:
    return call.params.groups("Permissions") or [call.params]


def _read_rule(call: Call, group: SecurityGroup, params: Params, direction: Direction) -> Rule:
    near, far = ("Source", "Dest") if direction == "ingress" else ("Dest", "Source")
    for unsupported in (f"Ipv6{near}CidrIp", f"{near}PrefixListId", f"{far}CidrIp", "PortRangeListId"):
        if params.text(unsupported):
            raise not_modelled(unsupported, f"give {near}CidrIp or {near}GroupId")
    protocol = params.require("IpProtocol").upper()
    if protocol not in _PROTOCOLS:
        raise ApiError("InvalidIpProtocol.ValueNotSupported", "The specified IpProtocol is not valid.")
    policy = params.text("Policy", "accept").lower()
    if policy not in ("accept", "drop"):
        raise ApiError("InvalidPolicy.Malformed", "The specified parameter Policy is not valid.")
    if params.text("NicType", "intranet") != "intranet":
        message = "The specified NicType does not support security groups of VPCs."
        raise ApiError("InvalidNicType.ValueNotSupported", message)
    other_group = params.text(f"{near}GroupId")
    cidr = params.text(f"{near}CidrIp")
    if other_group and call.find(call.env.state.security_groups, other_group) is None:
        raise errors.security_group_not_found()
    if not other_group and not cidr:
        raise missing_parameter(f"{near}CidrIp")
    return Rule(
        rule_id=new_id("sgr", group.region_id),
        direction=direction,
        protocol=protocol,
        port_range=_read_ports(params, protocol),
        policy="Accept" if policy == "accept" else "Drop",
        priority=_read_priority(params),
        created=call.env.now(),
        cidr="" if other_group else _read_cidr(cidr, f"{near}CidrIp"),
        group_id=other_group,
        description=read_description(params),
    )


def _read_ports(params: Params, protocol: str) -> str:
    text = params.text("PortRange") if protocol in _PORTED_PROTOCOLS else params.text("PortRange", _ALL_PORTS)
    if not text:
        raise missing_parameter("PortRange")
    match = _PORT_RANGE.fullmatch(text)
    if match is None:
        raise ApiError("InvalidPortRange.Malformed", "The specified parameter PortRange is not valid.")
    first, last = int(match[1]), int(match[2])
    if protocol in _PORTED_PROTOCOLS:
        if not 1 <= first <= last <= 65535:
            raise ApiError("InvalidPortRange.Malformed", "The specified parameter PortRange is not valid.")
    elif text != _ALL_PORTS:
        message = "The specified IpProtocol supports only the PortRange -1/-1."
        raise ApiError("InvalidParamter.Conflict", message)
    return text


def _read_priority(params: Params) -> int:
    text = params.text("Priority", "1")
    if not text.isdigit() or not 1 <= int(text) <= 100:
        raise ApiError("InvalidPriority.Malformed", "The parameter Priority is invalid.")
    return int(text)


def _read_cidr(text: str, name: str) -> str:
    try:
        network = IPv4Network(text, strict=False)
    except ValueError:
        raise ApiError(f"Invalid{name}.Malformed", f"The specified parameter {name} is not valid.") from None
    # A single address stays one: that is how it is shown, and how clients look for it.
    return text if "/" not in text else str(network)


def _rule_not_found() -> ApiError:
    return ApiError("InvalidSecurityGroupRule.RuleNotExist", "The specified rule does not exist.", 404)


ACTIONS: dict[str, Handler] = {
    "AuthorizeSecurityGroup": _authorize("ingress"),
    "AuthorizeSecurityGroupEgress": _authorize("egress"),
    "RevokeSecurityGroup": _revoke("ingress"),
    "RevokeSecurityGroupEgress": _revoke("egress"),
    "ModifySecurityGroupRule": _modify("ingress"),
    "ModifySecurityGroupEgressRule": _modify("egress"),
}
