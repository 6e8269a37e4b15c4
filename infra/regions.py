"""Regions of Alibaba Cloud, as far as this program depends on them. Pure.

The bucket policy names the VPC (``acs:SourceVpc``), and OSS can tell a request's VPC only in regions
where it supports gateway endpoints. Elsewhere such a policy is accepted and never matches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
        "rg-china-mainland",
    }
)

# Those of the settings' regions where a domain needs an ICP filing; Hong Kong is none.
# Source: https://www.alibabacloud.com/help/doc-detail/188196.htm, the mainland's regions (2026-11-24)
MAINLAND_REGIONS = frozenset(
    one for one in REGIONS_WITH_SOURCE_VPC if one.startswith("cn-") and one != "cn-hongkong"
)


# Regions whose buckets may name another internal endpoint than the usual one, by the endpoints' first labels.
# The finance clouds have one for each of their networks. The government cloud has the usual name (but neither
# published addresses nor ``acs:SourceVpc``).
# Source: https://help.aliyun.com/zh/oss/user-guide/regions-and-endpoints (2026-02-05)
_SPECIAL_ENDPOINTS: Mapping[str, Sequence[str]] = {
    "cn-hangzhou-finance": (
        "oss-cn-hzjbp-a-internal",
        "oss-cn-hzjbp-b-internal",
        "oss-cn-hzfinance-internal",
    ),
    "cn-shanghai-finance-1": (
        "oss-cn-shanghai-finance-1-internal",
        "oss-cn-shanghai-finance-1-pub-internal",
    ),
    "cn-shenzhen-finance-1": ("oss-cn-shenzhen-finance-1-internal", "oss-cn-szfinance-internal"),
    "cn-beijing-finance-1": ("oss-cn-beijing-finance-1-internal", "oss-cn-beijing-finance-1-pub-internal"),
    # Buckets of no single region.
    "rg-china-mainland": (),
}


def internal_endpoints(region: str) -> Sequence[str]:
    """Returns the hosts that a bucket of a region may name as its internal endpoint, without the bucket.

    None for a region that has no internal endpoint. A region that is not known here is taken for a usual one.
    """
    labels = _SPECIAL_ENDPOINTS.get(region, (f"oss-{region}-internal",))
    return [f"{label}.aliyuncs.com" for label in labels]


def internal_endpoint(region: str) -> str:
    """Returns the host of OSS's internal endpoint in a region that has the usual one, without a bucket.

    All regions that the settings let through have. It stands for what a bucket will say that is yet to be
    made; what one says that is there counts (``require_internal_endpoint``).

    Raises:
        ValueError: When the region has none, or one of several.
    """
    (endpoint,) = internal_endpoints(region)
    return endpoint


def require_internal_endpoint(region: str, named: str | None) -> str:
    """Checks what a bucket names as its internal endpoint, and returns it.

    Args:
        region: The bucket's region.
        named: The host, or None or nothing where it names none.

    Raises:
        ValueError: When it is none of the region's.
    """
    allowed = internal_endpoints(region)
    if not named:
        raise ValueError("names no internal endpoint")
    if named not in allowed:
        expected = " or ".join(allowed) or "none, since that region has none"
        raise ValueError(f"names {named} as its internal endpoint, not {expected}")
    return named


def region_of_endpoint(endpoint: str) -> str:
    """Returns the region of an OSS endpoint such as ``oss-cn-beijing.aliyuncs.com``."""
    return endpoint.partition(".")[0].removeprefix("oss-").removesuffix("-internal")
