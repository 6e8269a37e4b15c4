"""The metrics that rules may watch: those that need no agent on the instance, of ECS, EIP and OSS.

Source: appendix "Metrics", the pages ECS (basic metrics), Elastic IP address and Object Storage Service of
https://github.com/AlibabaCloudDocs/cms (2021-03-12). Their names stand in newer texts too: for EIP
https://www.alibabacloud.com/help/en/cms/cloudmonitor-1-0/user-guide/alibaba-cloud-services-and-related-metrics-that-are-supported-in-resource-usage-reports
(2026-11-23).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_ALL = ("Average", "Minimum", "Maximum")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What can be watched.

    Attributes:
        dimensions: The keys that name one watched resource; ``userId`` may always be there as well.
        statistics: The values that can be judged.
        period_s: The shortest period; longer ones are multiples of it.
    """

    dimensions: tuple[str, ...]
    statistics: tuple[str, ...]
    period_s: int = 60


def _same(names: str, dimensions: tuple[str, ...], statistics: tuple[str, ...]) -> dict[str, Metric]:
    return {name: Metric(dimensions=dimensions, statistics=statistics) for name in names.split()}


METRICS: Mapping[str, Mapping[str, Metric]] = {
    "acs_ecs_dashboard": {
        **_same(
            "CPUUtilization DiskReadBPS DiskReadIOPS DiskWriteBPS DiskWriteIOPS InternetInRate "
            "InternetOutRate IntranetInRate IntranetOutRate",
            ("instanceId",),
            _ALL,
        ),
        **_same("InternetOutRate_Percent", ("instanceId",), ("Average",)),
        **_same("concurrentConnections packetInDropRates packetOutDropRates", ("instanceId",), ("Maximum",)),
    },
    "acs_vpc_eip": {
        **_same("net.rx net.rxPkgs net.tx net.txPkgs", ("instanceId",), (*_ALL, "Sum")),
        **_same("net_rx.rate net_rxPkgs.rate net_tx.rate net_txPkgs.rate", ("instanceId",), ("Value",)),
        **_same("out_ratelimit_drop_speed", ("instanceId",), ("Average",)),
        **_same("net_in.rate_percentage net_out.rate_percentage", ("instanceId",), _ALL),
    },
    "acs_oss_dashboard": _same(
        "Availability RequestValidRate TotalRequestCount ValidRequestCount SuccessCount SuccessRate "
        "ServerErrorCount ServerErrorRate NetworkErrorCount NetworkErrorRate AuthorizationErrorCount "
        "AuthorizationErrorRate ResourceNotFoundErrorCount ResourceNotFoundErrorRate ClientTimeoutErrorCount "
        "ClientTimeoutErrorRate ClientOtherErrorCount ClientOtherErrorRate RedirectCount RedirectRate "
        "GetObjectCount HeadObjectCount IntranetSend IntranetRecv InternetSend InternetRecv",
        ("BucketName",),
        ("Value",),
    ),
}
