"""Every action that the program and its provider call, on what, who needs it, and why. Pure.

One list; both policies are made of it. A group with a ``feature`` is only needed with that feature, and a
policy holds it when it is asked for by that name. That the list is complete, and that nothing in it is not
needed, is tested by a whole life of a stack with exactly these rights.

Names of actions and what they can be limited to (2026-11-23):
https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-ram
https://alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-ram
https://help.aliyun.com/en/oss/user-guide/authorization-syntax-and-elements
https://help.aliyun.com/document_detail/43170.html (CloudMonitor)
https://www.alibabacloud.com/help/doc-detail/91860.htm (account type)

Not in the list, because everybody may call them: sts:GetCallerIdentity and Location's DescribeEndpoints.
"""

from __future__ import annotations

from infra.ram.model import (
    BUCKET,
    DISKS,
    EIPS,
    EVERYTHING,
    IMAGES,
    INSTANCES,
    INTERFACES,
    ROUTE_TABLES,
    SECURITY_GROUPS,
    VPCS,
    VSWITCHES,
    Group,
    reads,
    writes,
)

GROUPS = (
    Group(
        "the account and what it is offered",
        (
            *reads("whether the account is a mainland one", (EVERYTHING,), "bssapi:QueryAvailableInstances"),
            *reads("a zone that has the instance type", (EVERYTHING,), "ecs:DescribeZones"),
            *reads("what that zone sells", (EVERYTHING,), "ecs:DescribeAvailableResource"),
            *reads("how much the instance type has", (EVERYTHING,), "ecs:DescribeInstanceTypes"),
            *reads("the newest image", (IMAGES,), "ecs:DescribeImages"),
            *reads("its tags", (EVERYTHING,), "ecs:DescribeTags"),
        ),
    ),
    Group(
        "the bucket and its policy",
        (
            *reads("whose it is, where it is, how it encrypts", (BUCKET,), "oss:GetBucketInfo"),
            *reads("hotlink protection, which may keep clients out", (BUCKET,), "oss:GetBucketReferer"),
            *reads("requester pays, which keeps the proxy out", (BUCKET,), "oss:GetBucketRequestPayment"),
            *reads("the statements of others", (BUCKET,), "oss:GetBucketPolicy"),
            *writes("the proxy's statement", (BUCKET,), "oss:PutBucketPolicy", "oss:DeleteBucketPolicy"),
        ),
    ),
    Group(
        "the network",
        (
            *reads("the VPC and its state", (VPCS,), "vpc:DescribeVpcAttribute"),
            *reads("what an interrupted update left", (VPCS,), "vpc:DescribeVpcs"),
            *reads("likewise", (VSWITCHES,), "vpc:DescribeVSwitches"),
            *reads("the VPC's own route table", (ROUTE_TABLES,), "vpc:DescribeRouteTableList"),
            *reads("the vSwitch and its state", (VSWITCHES,), "vpc:DescribeVSwitchAttributes"),
            *writes("the VPC", (VPCS,), "vpc:CreateVpc", "vpc:DeleteVpc"),
            *writes("the vSwitch", (VPCS, VSWITCHES), "vpc:CreateVSwitch"),
            *writes("the vSwitch", (VSWITCHES,), "vpc:DeleteVSwitch"),
            *writes("tags of VPC, vSwitch and EIP", (VPCS, VSWITCHES, EIPS), "vpc:TagResources"),
        ),
    ),
    Group(
        "who may come in",
        (
            *reads(
                "the security group and its rules",
                (SECURITY_GROUPS,),
                "ecs:DescribeSecurityGroups",
                "ecs:DescribeSecurityGroupAttribute",
            ),
            *writes("the security group", (SECURITY_GROUPS, VPCS), "ecs:CreateSecurityGroup"),
            *writes("the security group", (SECURITY_GROUPS,), "ecs:DeleteSecurityGroup"),
            *writes("allowedCidrs", (EVERYTHING,), "ecs:AuthorizeSecurityGroup"),
            *writes("allowedCidrs, listenPort", (SECURITY_GROUPS,), "ecs:RevokeSecurityGroup"),
            *writes("what the instance may reach", (EVERYTHING,), "ecs:AuthorizeSecurityGroupEgress"),
            *writes("what the instance may reach", (SECURITY_GROUPS,), "ecs:RevokeSecurityGroupEgress"),
        ),
    ),
    Group(
        "the public address",
        (
            *reads("the EIP and where it leads", (EIPS,), "vpc:DescribeEipAddresses"),
            *writes("the EIP", (EIPS,), "vpc:AllocateEipAddress", "vpc:ReleaseEipAddress"),
            *writes("bandwidthMbps", (EIPS,), "vpc:ModifyEipAddressAttribute"),
            *writes(
                "the EIP leads to the instance",
                (EIPS, INSTANCES),
                "vpc:AssociateEipAddress",
                "vpc:UnassociateEipAddress",
            ),
        ),
    ),
    Group(
        "the instance",
        (
            *reads(
                "the instance, as the provider reads it",
                (INSTANCES,),
                "ecs:DescribeInstances",
                "ecs:DescribeInstanceAttribute",
                "ecs:DescribeInstanceAttachmentAttributes",
                "ecs:DescribeInstanceRamRole",
                "ecs:DescribeUserData",
            ),
            *reads("likewise", (EVERYTHING,), "ecs:DescribeInstanceMaintenanceAttributes"),
            *reads("its system disk", (DISKS,), "ecs:DescribeDisks"),
            *reads("its network interface", (INTERFACES,), "ecs:DescribeNetworkInterfaces"),
            *writes("the instance", (EVERYTHING,), "ecs:RunInstances"),
            *writes("tags of what is tagged", (INSTANCES, SECURITY_GROUPS, DISKS), "ecs:TagResources"),
            *writes("metadata only with a token", (INSTANCES,), "ecs:ModifyInstanceMetadataOptions"),
            *writes(
                "instanceType",
                (INSTANCES,),
                "ecs:ModifyInstanceSpec",
                "ecs:StopInstance",
                "ecs:StartInstance",
            ),
            *writes("systemDiskSizeGib", (DISKS,), "ecs:ResizeDisk"),
            *writes("its end, also before its successor", (INSTANCES,), "ecs:DeleteInstance"),
        ),
    ),
    Group(
        "the configuration of the running instance",
        (
            *reads("which configuration it was given last", (INSTANCES,), "ecs:DescribeInvocations"),
            *writes(
                "a command that brings it, and what became of it",
                (INSTANCES,),
                "ecs:DescribeCloudAssistantStatus",
                "ecs:RunCommand",
                "ecs:DescribeInvocationResults",
            ),
        ),
    ),
)
