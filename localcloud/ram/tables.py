"""The rights that each control API's calls need, in short form.

A call's entry lists what its action is needed on, all of it: ``*`` for an action that is not for single
resources, else a path as it ends an ARN, with the call's parameters in braces (``{Name}``, a numbered list
as ``{Name.N}``, a list in JSON as ``{Name[]}``) and another service's code in front where the resource is
that one's. An empty entry: everybody may call it.

The action is called like the API, after the code of `CODES`.

Sources (2026-11-23):
ECS https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-ram
VPC https://alibabacloud.com/help/en/vpc/developer-reference/api-vpc-2016-04-28-ram
EIP https://alibabacloud.com/help/en/eip/developer-reference/api-vpc-2016-04-28-ram-eips
BSS https://www.alibabacloud.com/help/doc-detail/91860.htm
CloudMonitor https://help.aliyun.com/document_detail/43170.html
Alidns https://alibabacloud.com/help/en/dns/permission-management and https://alibabacloud.com/help/en/dns/ram-authorization
STS https://help.aliyun.com/en/ram/developer-reference/api-sts-2015-04-01-getcalleridentity
RAM https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-attachpolicytorole
    (2026-11-24), the other calls inferred from it
ram:PassRole https://help.aliyun.com/document_detail/54244.html (2026-11-24)
Inferred are the entries marked so: read strictly, so that a policy that is enough here is enough there.
"""

from __future__ import annotations

from collections.abc import Mapping

_ALL = ("*",)
_INSTANCE = ("instance/{InstanceId}",)
_GROUP = ("securitygroup/{SecurityGroupId}",)
_DISK = ("disk/{DiskId}",)
_TAGGED = ("{ResourceType}/{ResourceId.N}",)
_VPC = ("vpc/{VpcId}",)
_VSWITCH = ("vswitch/{VSwitchId}",)
_EIP = ("eip/{AllocationId}",)
_ROLE = ("role/{RoleName}",)
_POLICY = ("policy/{PolicyName}",)
_DOMAIN = ("domain/{DomainName}",)

# RAM's code of a product, where it is not the product's name.
CODES = {"bss": "bssapi"}

_ECS: Mapping[str, tuple[str, ...]] = {
    # Not in the vendor's list, which is inferred to mean that they are for no single resource.
    "DescribeRegions": _ALL,
    "DescribeZones": _ALL,
    "DescribeAvailableResource": _ALL,
    "DescribeInstanceTypes": _ALL,
    "DescribeTags": _ALL,
    "DescribeInstanceMaintenanceAttributes": _ALL,
    "DescribeInstanceStatus": _ALL,
    "DescribeImages": ("image/*",),
    "DescribeImageFromFamily": _ALL,
    "DescribeImageSupportInstanceTypes": ("image/{ImageId}",),
    "RunInstances": _ALL,
    "CreateInstance": _ALL,
    "StartInstance": _INSTANCE,
    "StopInstance": _INSTANCE,
    "RebootInstance": _INSTANCE,
    "DeleteInstance": _INSTANCE,
    "ReplaceSystemDisk": _INSTANCE,
    "DescribeInstances": ("instance/{InstanceIds[]}",),
    "DescribeInstanceAttribute": _INSTANCE,
    "DescribeInstanceAttachmentAttributes": ("instance/{InstanceIds[]}",),
    "DescribeInstanceAutoRenewAttribute": _INSTANCE,
    "DescribeInstanceRamRole": ("instance/{InstanceIds[]}",),
    "AttachInstanceRamRole": ("instance/{InstanceIds[]}",),
    "DetachInstanceRamRole": ("instance/{InstanceIds[]}",),
    "DescribeUserData": _INSTANCE,
    "DescribeNetworkInterfaces": ("eni/{NetworkInterfaceId.N}",),
    "ModifyInstanceAttribute": _INSTANCE,
    "ModifyInstanceMetadataOptions": _INSTANCE,
    "ModifyInstanceNetworkSpec": _INSTANCE,
    "ModifyInstanceSpec": _INSTANCE,
    "DescribeDisks": ("disk/{DiskIds[]}",),
    "ModifyDiskAttribute": _DISK,
    "ModifyDiskSpec": _DISK,
    "ResizeDisk": _DISK,
    "CreateSecurityGroup": ("securitygroup/*", "vpc:vpc/{VpcId}"),
    "DescribeSecurityGroups": ("securitygroup/{SecurityGroupIds[]}",),
    "DescribeSecurityGroupAttribute": _GROUP,
    "ModifySecurityGroupAttribute": _GROUP,
    "ModifySecurityGroupPolicy": _GROUP,
    "DeleteSecurityGroup": _GROUP,
    "JoinSecurityGroup": (*_INSTANCE, *_GROUP),
    "LeaveSecurityGroup": (*_INSTANCE, *_GROUP),
    "AuthorizeSecurityGroup": _ALL,
    "AuthorizeSecurityGroupEgress": _ALL,
    "ModifySecurityGroupRule": _ALL,
    "ModifySecurityGroupEgressRule": _ALL,
    "RevokeSecurityGroup": _GROUP,
    "RevokeSecurityGroupEgress": _GROUP,
    "DescribeCloudAssistantStatus": ("instance/{InstanceId.N}",),
    "RunCommand": ("instance/{InstanceId.N}",),
    "StopInvocation": ("instance/{InstanceId.N}",),
    # The command is the caller's own, made by the call before; its id is not asked for here.
    "DescribeInvocations": _INSTANCE,
    "DescribeInvocationResults": _INSTANCE,
    "TagResources": _TAGGED,
    "UntagResources": _TAGGED,
    "ListTagResources": _ALL,
}

_VPC_AND_EIP: Mapping[str, tuple[str, ...]] = {
    "DescribeRegions": _ALL,  # inferred
    "CreateVpc": ("vpc/*",),
    "DescribeVpcs": ("vpc/*",),
    "DescribeVpcAttribute": _VPC,
    "ModifyVpcAttribute": _VPC,
    "DeleteVpc": _VPC,
    "CreateVSwitch": ("vswitch/*", *_VPC),  # that both are needed is inferred
    "DescribeVSwitches": ("vswitch/*",),
    "DescribeVSwitchAttributes": _VSWITCH,
    "ModifyVSwitchAttribute": _VSWITCH,
    "DeleteVSwitch": _VSWITCH,
    "DescribeRouteTableList": ("routetable/*",),
    "ModifyRouteTableAttributes": ("routetable/{RouteTableId}",),
    "AllocateEipAddress": ("eip/*",),
    "DescribeEipAddresses": ("eip/*",),
    "ModifyEipAddressAttribute": _EIP,
    "DeletionProtection": ("eip/{InstanceId}",),
    "ReleaseEipAddress": _EIP,
    "AssociateEipAddress": (*_EIP, "ecs:instance/{InstanceId}"),
    "UnassociateEipAddress": (*_EIP, "ecs:instance/{InstanceId}"),
    "TagResources": _TAGGED,
    "UnTagResources": _TAGGED,
    "ListTagResources": _ALL,  # inferred from ECS
}

_CMS: Mapping[str, tuple[str, ...]] = {
    "DescribeMetricRuleList": _ALL,
    # Inferred from the list's other rules.
    "PutResourceMetricRule": _ALL,
    "PutResourceMetricRules": _ALL,
    "DeleteMetricRules": _ALL,
    "EnableMetricRules": _ALL,
    "DisableMetricRules": _ALL,
    "DescribeMetricRuleTargets": _ALL,
    "PutContactGroup": _ALL,
    "DescribeContactGroupList": _ALL,
    "DeleteContactGroup": _ALL,
}

# A record's calls are for its domain, whichever way they name it.
_ALIDNS: Mapping[str, tuple[str, ...]] = {
    "AddDomainRecord": _DOMAIN,
    "DeleteDomainRecord": _DOMAIN,
    "DescribeDomainRecordInfo": _DOMAIN,
    "DescribeDomainRecords": _DOMAIN,
    "DescribeSubDomainRecords": _DOMAIN,
    "SetDomainRecordStatus": _DOMAIN,
    "UpdateDomainRecord": _DOMAIN,
    "UpdateDomainRecordRemark": _DOMAIN,
    "DescribeDomains": _ALL,
    "GetMainDomainName": _ALL,  # inferred
}

_RAM: Mapping[str, tuple[str, ...]] = {
    "CreateRole": ("role/*",),
    "GetRole": _ROLE,
    "UpdateRole": _ROLE,
    "DeleteRole": _ROLE,
    "ListRoles": ("role/*",),
    "CreatePolicy": ("policy/*",),
    "GetPolicy": _POLICY,
    "DeletePolicy": _POLICY,
    "ListPolicies": ("policy/*",),
    "UpdatePolicyDescription": _POLICY,
    "CreatePolicyVersion": _POLICY,
    "GetPolicyVersion": _POLICY,
    "DeletePolicyVersion": _POLICY,
    "ListPolicyVersions": _POLICY,
    "SetDefaultPolicyVersion": _POLICY,
    "ListEntitiesForPolicy": _POLICY,
    "AttachPolicyToRole": (*_POLICY, *_ROLE),
    "DetachPolicyFromRole": (*_POLICY, *_ROLE),
    "ListPoliciesForRole": _ROLE,
    # Names of any type; that they are judged by it is inferred.
    "TagResources": ("{ResourceType}/{ResourceNames[]}",),
    "UntagResources": ("{ResourceType}/{ResourceNames[]}",),
    "ListTagResources": _ALL,
}

# Calls that give a role away, for which `ram:PassRole` is needed too where they name one.
PASSING = frozenset({("ecs", "AttachInstanceRamRole"), ("ecs", "RunInstances")})

TABLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "ecs": _ECS,
    "vpc": _VPC_AND_EIP,
    "cms": _CMS,
    "alidns": _ALIDNS,
    "bss": {"QueryAvailableInstances": _ALL},
    "ram": _RAM,
    "sts": {"GetCallerIdentity": (), "AssumeRole": ("ram:role/{RoleName}",)},
    # It tells nothing of an account, and no published policy grants it: inferred.
    "location": {"DescribeEndpoints": ()},
}
