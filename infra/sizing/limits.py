"""What the cloud gives at most. Pure; each fact with its source."""

from __future__ import annotations

from infra.regions import MAINLAND_REGIONS, REGIONS_WITH_SOURCE_VPC
from infra.sizing.errors import SizingError

# What `bandwidthMbps` may be (infra.settings has the source; a test compares them), in Mbit/s.
EIP_MBPS = {"PayByTraffic": 200, "PayByBandwidth": 500}
# EIPs that an account has by default.
# Source: https://alibabacloud.com/help/en/eip/quota-management (2026-11-23)
EIPS = 20

# Requests per second of an account, over all its buckets, internal and public; where objects' names begin
# with a sequence (dates, counters), the second number.
# Source: https://www.alibabacloud.com/help/en/oss/user-guide/limits (2025-12-31)
OSS_QPS, OSS_QPS_SEQUENTIAL = 10_000, 2_000
# Download of an account in a region, internal and public together, in Gbit/s. Source: the same page.
_OSS_GBPS = {
    "cn-hangzhou": 100,
    "cn-shanghai": 100,
    "cn-shenzhen": 100,
    "cn-beijing": 100,
    "ap-southeast-1": 100,
    "cn-zhangjiakou": 20,
}
_OSS_GBPS_MAINLAND, _OSS_GBPS_ELSEWHERE = 10, 5

# Network Load Balancer. An internet-facing one takes pay-by-traffic EIPs alone, one for each zone; they can
# join an Internet Shared Bandwidth afterwards.
# Source: https://www.alibabacloud.com/help/en/server-load-balancer/latest/nlb-instances-change (2025-07-24)
NLB_ZONE_MBPS = EIP_MBPS["PayByTraffic"]
# ECS instances behind one NLB, by default, and what it forwards in each zone.
# Source: https://www.alibabacloud.com/help/en/document_detail/2382698.html (2026-02-12)
NLB_BACKENDS = 400
NLB_VIP_GBPS = 50
# What one capacity unit (LCU) holds for TCP; an hour counts the largest.
# Source: https://help.aliyun.com/document_detail/439137.html (2026-11-24)
LCU_GB_HOUR, LCU_NEW_PER_SECOND = 1, 800

# Records of one name that may have weights: free edition, paid ones.
# Source: https://www.alibabacloud.com/help/en/dns/pubz-weight-configuration (2025-12-17)
DNS_WEIGHTS, DNS_WEIGHTS_PAID = 10, 90


def oss_gbps(region: str) -> int:
    """Returns what OSS gives an account in a region, in Gbit/s.

    Raises:
        SizingError: The program does not serve this region.
    """
    if region not in REGIONS_WITH_SOURCE_VPC:
        raise SizingError(
            f"{region!r} is no region of this program",
            fix=f"give --region one of {', '.join(sorted(REGIONS_WITH_SOURCE_VPC))}.",
        )
    other = _OSS_GBPS_MAINLAND if region in MAINLAND_REGIONS else _OSS_GBPS_ELSEWHERE
    return _OSS_GBPS.get(region, other)


# Peaks of all public addresses of ECS instances in a region, in Gbit/s, before the account asks for more. No
# page that was read says it of EIPs; who plans above had better ask.
# Source: https://www.alibabacloud.com/help/ja/doc-detail/25545.htm (2026-11-24)
PUBLIC_GBPS = {"PayByTraffic": 5, "PayByBandwidth": 50}
