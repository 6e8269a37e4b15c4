"""Security groups: making, showing, changing, removing, and who is in them."""

from __future__ import annotations

from typing import Any

from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError, missing_parameter
from localcloud.services.context import Call, Handler
from localcloud.services.ecs import errors
from localcloud.services.ecs.models import Instance, Rule, SecurityGroup
from localcloud.services.ecs.security import affected_by, enforce
from localcloud.services.ecs.views import security_group_view
from localcloud.services.ids import new_id, to_seconds
from localcloud.services.names import read_description, read_name
from localcloud.services.paging import page
from localcloud.services.tags import matches, read_tags
from localcloud.services.vpc.errors import vpc_not_ready
from localcloud.services.vpc.networks import find_vpc

GROUPS_PER_INSTANCE = 5


async def create_security_group(call: Call) -> Answer:
    """Makes a group in a VPC, without rules."""
    params, env = call.params, call.env
    if not params.text("VpcId"):
        raise missing_parameter("VpcId")
    vpc = find_vpc(call)
    if vpc.status != "Available":
        raise vpc_not_ready()
    kind = params.choice("SecurityGroupType", ("normal", "enterprise"), "normal")
    group = SecurityGroup(
        security_group_id=new_id("sg", vpc.region_id),
        account_uid=vpc.account_uid,
        region_id=vpc.region_id,
        vpc_id=vpc.vpc_id,
        created=env.now(),
        kind="normal" if kind == "normal" else "enterprise",
        inner_access="Accept" if kind == "normal" else "Drop",
        name=read_name(params, "SecurityGroupName"),
        description=read_description(params),
        tags=read_tags(params),
    )
    env.state.security_groups[group.security_group_id] = group
    return {"SecurityGroupId": group.security_group_id}


async def describe_security_groups(call: Call) -> Answer:
    """Lists groups by ids, VPC, name, type and tags."""
    params, state = call.params, call.env.state
    ids = params.json_items("SecurityGroupIds")
    found = [
        group
        for group in call.visible(state.security_groups.values())
        if (ids is None or group.security_group_id in ids)
        and params.text("SecurityGroupId") in ("", group.security_group_id)
        and params.text("SecurityGroupName") in ("", group.name)
        and params.text("SecurityGroupType") in ("", group.kind)
        and params.text("VpcId") in ("", group.vpc_id)
        and matches(group.tags, params)
    ]
    shown, fields = page(found, params)
    rows = [security_group_view(group, state) for group in shown]
    return {**fields, "RegionId": call.region or "", "SecurityGroups": {"SecurityGroup": rows}}


async def describe_security_group_attribute(call: Call) -> Answer:
    """Shows one group with its rules, of one direction or of both."""
    group = find_group(call)
    direction = call.params.choice("Direction", ("ingress", "egress", "all"), "all")
    rules = [rule for rule in group.rules if direction in ("all", rule.direction)]
    return {
        "SecurityGroupId": group.security_group_id,
        "SecurityGroupName": group.name,
        "Description": group.description,
        "RegionId": group.region_id,
        "VpcId": group.vpc_id,
        "InnerAccessPolicy": group.inner_access,
        "NextToken": "",
        "Permissions": {"Permission": [_permission(rule) for rule in rules]},
    }


async def modify_security_group_attribute(call: Call) -> Answer:
    """Changes name and description."""
    group, params = find_group(call), call.params
    if params.given("SecurityGroupName"):
        group.name = read_name(params, "SecurityGroupName")
    if params.given("Description"):
        group.description = read_description(params)
    return {}


async def modify_security_group_policy(call: Call) -> Answer:
    """Changes whether the members of a basic group reach each other."""
    group = find_group(call)
    wanted = call.params.require("InnerAccessPolicy").capitalize()
    if wanted not in ("Accept", "Drop") or group.kind == "enterprise":
        raise ApiError("InvalidPolicy.Malformed", "The specified parameter InnerAccessPolicy is not valid.")
    group.inner_access = "Accept" if wanted == "Accept" else "Drop"
    await enforce(call.env, affected_by(group.security_group_id, call.env.state))
    return {}


async def delete_security_group(call: Call) -> Answer:
    """Removes a group that has no members and that no other group's rule names."""
    group, state = find_group(call), call.env.state
    named = any(
        rule.group_id == group.security_group_id
        for other in state.security_groups.values()
        if other is not group
        for rule in other.rules
    )
    if named or state.members_of(group.security_group_id):
        raise errors.security_group_used()
    del state.security_groups[group.security_group_id]
    return {}


async def join_security_group(call: Call) -> Answer:
    """Puts an instance into one more group."""
    group, instance = find_group(call), _find_instance(call)
    if group.vpc_id != instance.vpc_id:
        raise errors.mismatch("Specified security group and instance are not in the same VPC.")
    if group.security_group_id in instance.security_group_ids:
        message = "The specified instance already exists in the specified security group."
        raise ApiError("InvalidInstanceId.AlreadyExists", message)
    if len(instance.security_group_ids) >= GROUPS_PER_INSTANCE:
        message = "Exceeding the allowed amount of security groups that an instance can be in."
        raise ApiError("InstanceSecurityGroupLimitExceeded", message, 403)
    instance.security_group_ids.append(group.security_group_id)
    await enforce(call.env, affected_by(group.security_group_id, call.env.state))
    return {}


async def leave_security_group(call: Call) -> Answer:
    """Takes an instance out of a group, but not out of its last one."""
    group, instance = find_group(call), _find_instance(call)
    if group.security_group_id not in instance.security_group_ids:
        message = "The specified instance is not in the specified security group."
        raise ApiError("InstanceNotInSecurityGroup", message, 403)
    if len(instance.security_group_ids) == 1:
        raise ApiError("InstanceLastSecurityGroup", "The instance cannot leave its last group.", 403)
    touched = affected_by(group.security_group_id, call.env.state)
    instance.security_group_ids.remove(group.security_group_id)
    await enforce(call.env, touched)
    return {}


def find_group(call: Call) -> SecurityGroup:
    """Returns the group that the parameter SecurityGroupId names.

    Raises:
        ApiError: ``MissingParameter`` or ``InvalidSecurityGroupId.NotFound``.
    """
    group = call.find(call.env.state.security_groups, call.params.require("SecurityGroupId"))
    if group is None:
        raise errors.security_group_not_found()
    return group


def _find_instance(call: Call) -> Instance:
    instance = call.find(call.env.state.instances, call.params.require("InstanceId"))
    if instance is None:
        raise errors.instance_not_found()
    if instance.status not in ("Running", "Stopped"):
        raise errors.wrong_instance_status()
    return instance


def _permission(rule: Rule) -> dict[str, Any]:
    inward = rule.direction == "ingress"
    return {
        "SecurityGroupRuleId": rule.rule_id,
        "Direction": rule.direction,
        "IpProtocol": rule.protocol,
        "PortRange": rule.port_range,
        "SourcePortRange": rule.source_port_range,
        "Policy": rule.policy,
        "Priority": str(rule.priority),
        "NicType": "intranet",
        "Description": rule.description,
        "CreateTime": to_seconds(rule.created),
        "SourceCidrIp": rule.cidr if inward else "",
        "DestCidrIp": "" if inward else rule.cidr,
        "SourceGroupId": rule.group_id if inward else "",
        "DestGroupId": "" if inward else rule.group_id,
        **dict.fromkeys(
            (
                "Ipv6SourceCidrIp",
                "Ipv6DestCidrIp",
                "SourceGroupName",
                "DestGroupName",
                "SourceGroupOwnerAccount",
                "DestGroupOwnerAccount",
                "SourcePrefixListId",
                "DestPrefixListId",
            ),
            "",
        ),
    }


ACTIONS: dict[str, Handler] = {
    "CreateSecurityGroup": create_security_group,
    "DescribeSecurityGroups": describe_security_groups,
    "DescribeSecurityGroupAttribute": describe_security_group_attribute,
    "ModifySecurityGroupAttribute": modify_security_group_attribute,
    "ModifySecurityGroupPolicy": modify_security_group_policy,
    "DeleteSecurityGroup": delete_security_group,
    "JoinSecurityGroup": join_security_group,
    "LeaveSecurityGroup": leave_security_group,
}
