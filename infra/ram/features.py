"""The actions that single features need, and nothing else of the program does. Pure.

Each group's ``feature`` is the name by which a policy is asked for with it. Derived from the code of the
provider (v1.285.0) and of the program; `infra.ram.base` has the sources of the names.
"""

from __future__ import annotations

from infra.ram.model import (
    BUCKET,
    BUCKETS,
    DISKS,
    DOMAIN,
    EIPS,
    EVERYTHING,
    INSTANCES,
    ROLE,
    ROLE_POLICIES,
    ROLE_POLICY,
    ROLES,
    SECURITY_GROUPS,
    VPCS,
    VSWITCHES,
    Group,
    reads,
    writes,
)

DNS = "dns"
ACME_DNS = "acme-dns"

FEATURES = (
    Group(
        "tags that change",
        (
            *writes("tags", (INSTANCES, SECURITY_GROUPS, DISKS), "ecs:UntagResources"),
            *writes("tags", (VPCS, VSWITCHES, EIPS), "vpc:UnTagResources"),
        ),
        feature="tags",
    ),
    Group(
        "protection from deletion",
        (
            *writes("of the instance", (INSTANCES,), "ecs:ModifyInstanceAttribute"),
            *writes("of the EIP", (EIPS,), "vpc:DeletionProtection"),
        ),
        feature="deletion-protection",
    ),
    Group(
        "alarms of CloudMonitor",
        (
            *reads(
                "the rules and who is told",
                (EVERYTHING,),
                "cms:DescribeMetricRuleList",
                "cms:DescribeContactGroupList",
            ),
            *writes(
                "the rules",
                (EVERYTHING,),
                "cms:PutResourceMetricRule",
                "cms:EnableMetricRules",
                "cms:DisableMetricRules",
                "cms:DeleteMetricRules",
            ),
        ),
        feature="alarms",
    ),
    Group(
        "records of its names in Alibaba Cloud DNS",
        (
            *reads("whether a name has others", (DOMAIN,), "alidns:DescribeSubDomainRecords"),
            *reads("the record, as the provider reads it", (DOMAIN,), "alidns:DescribeDomainRecordInfo"),
            *writes(
                "the record",
                (DOMAIN,),
                "alidns:AddDomainRecord",
                "alidns:SetDomainRecordStatus",
                "alidns:DeleteDomainRecord",
            ),
            *writes("whose it is", (DOMAIN,), "alidns:UpdateDomainRecordRemark"),
            *writes("another public address", (DOMAIN,), "alidns:UpdateDomainRecord"),
        ),
        feature=DNS,
    ),
    Group(
        "the instance's role, by which its names are proven",
        (
            *reads("the role, and which policies it has", (ROLE,), "ram:GetRole", "ram:ListPoliciesForRole"),
            *reads("its policy", (ROLE_POLICY,), "ram:GetPolicy"),
            *reads("their tags", (EVERYTHING,), "ram:ListTagResources"),
            *writes("the role", (ROLES,), "ram:CreateRole"),
            *writes("the role", (ROLE,), "ram:DeleteRole"),
            *writes("the instance has it", (ROLE,), "ram:PassRole"),
            *writes("its policy", (ROLE_POLICIES,), "ram:CreatePolicy"),
            *writes("its policy", (ROLE_POLICY,), "ram:DeletePolicy"),
            *writes(
                "the role has it", (ROLE_POLICY, ROLE), "ram:AttachPolicyToRole", "ram:DetachPolicyFromRole"
            ),
            *writes(
                "the instance has it, and not any more",
                (INSTANCES,),
                "ecs:AttachInstanceRamRole",
                "ecs:DetachInstanceRamRole",
            ),
        ),
        feature=ACME_DNS,
    ),
    Group(
        "a bucket of the stack's own",
        (
            *reads(
                "whether it holds anything", (BUCKET,), "oss:ListObjectVersions", "oss:ListMultipartUploads"
            ),
            *reads(
                "the bucket, as the provider reads it",
                (BUCKET,),
                "oss:GetBucketAcl",
                "oss:GetBucketCors",
                "oss:GetBucketLifecycle",
                "oss:GetBucketLogging",
                "oss:GetBucketPublicAccessBlock",
                "oss:GetBucketResourceGroup",
                "oss:GetBucketTagging",
                "oss:GetBucketTransferAcceleration",
                "oss:GetBucketWebsite",
            ),
            *writes("whether there is one", (BUCKETS,), "oss:ListBuckets"),
            *writes("the bucket", (BUCKET,), "oss:PutBucket", "oss:DeleteBucket"),
            *writes("it is private", (BUCKET,), "oss:PutBucketAcl", "oss:PutBucketPublicAccessBlock"),
            *writes("versions are kept", (BUCKET,), "oss:PutBucketVersioning"),
            *writes("objects are encrypted", (BUCKET,), "oss:PutBucketEncryption"),
            *writes("objects are not any more", (BUCKET,), "oss:DeleteBucketEncryption"),
            *writes("its tags", (BUCKET,), "oss:PutBucketTagging"),
        ),
        feature="managed-bucket",
    ),
)
