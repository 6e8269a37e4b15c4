"""Regions of Alibaba Cloud, as far as this program depends on them. Pure.

The bucket policy names the VPC (``acs:SourceVpc``), and OSS can tell a request's VPC only in regions
where it supports gateway endpoints. Elsewhere such a policy is accepted and never matches.
"""

from __future__ import annotations

# Source: https://www.alibabacloud.com/help/en/oss/oss-supported-gateway-endpoint-regions (2026-11-23)
REGIONS_WITH_SOURCE_VPC = frozenset(
    {
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-3",
        "ap-southeast-5",
        "cn-beijing",
        "cn-chengdu",
        "cn-guangzhou",
        "cn-hangzhou",
        "cn-heyuan",
        "cn-hongkong",
        "cn-huhehaote",
        "cn-qingdao",
        "cn-shanghai",
        "cn-shenzhen",
        "cn-wulanchabu",
        "cn-zhangjiakou",
        "eu-central-1",
        "eu-west-1",
        "me-east-1",
        "us-east-1",
        "us-west-1",
    }
)

# Source: https://help.aliyun.com/zh/oss/user-guide/regions-and-endpoints (2026-02-05)
REGIONS_WITHOUT_SOURCE_VPC = frozenset(
    {
        "ap-northeast-2",
        "ap-southeast-6",
        "ap-southeast-7",
        "cn-beijing-finance-1",
        "cn-fuzhou",
        "cn-hangzhou-finance",
        "cn-nanjing",
        "cn-north-2-gov-1",
        "cn-shanghai-finance-1",
        "cn-shenzhen-finance-1",
        "cn-wuhan-lr",
        "na-south-1",
    }
)

# Those of the settings' regions where a domain needs an ICP filing; Hong Kong is none.
# Source: https://www.alibabacloud.com/help/doc-detail/188196.htm, the mainland's regions (2026-11-24)
MAINLAND_REGIONS = frozenset(
    {
        "cn-beijing",
        "cn-chengdu",
        "cn-guangzhou",
        "cn-hangzhou",
        "cn-heyuan",
        "cn-huhehaote",
        "cn-qingdao",
        "cn-shanghai",
        "cn-shenzhen",
        "cn-wulanchabu",
        "cn-zhangjiakou",
    }
)


def internal_endpoint(region: str) -> str:
    """Returns the host of OSS's internal endpoint in a region, without a bucket.

    The regions that name it differently (the finance and government clouds) have no ``acs:SourceVpc``
    and are refused by the settings, so one form is enough here. What the bucket itself says is compared
    with it before anything is created.

    Source: https://help.aliyun.com/zh/oss/user-guide/regions-and-endpoints (2026-02-05)
    """
    return f"oss-{region}-internal.aliyuncs.com"


def region_of_endpoint(endpoint: str) -> str:
    """Returns the region of an OSS endpoint such as ``oss-cn-beijing.aliyuncs.com``."""
    return endpoint.partition(".")[0].removeprefix("oss-").removesuffix("-internal")
