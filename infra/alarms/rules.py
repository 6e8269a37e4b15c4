"""What is watched, and from where on somebody is told. Pure.

Only metrics that the cloud measures from outside: no agent runs on the instance. So nothing here sees
nginx's own answers; what a client got stands in the access log alone (docs/runbook.md). The names of the
metrics, their dimensions and what can be judged of them:
Source: appendix "Metrics", the pages ECS, Elastic IP address and Object Storage Service of
https://github.com/AlibabaCloudDocs/cms (2021-03-12); for EIP also
https://www.alibabacloud.com/help/en/cms/cloudmonitor-1-0/user-guide/alibaba-cloud-services-and-related-metrics-that-are-supported-in-resource-usage-reports
(2026-11-23). None of them was seen in an account's own list (DescribeMetricMetaList) yet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

# The shortest that all of these metrics have.
PERIOD_S = 60
# How many periods in a row, so that a passing peak wakes nobody.
TIMES = 5
# Told again after so long, while it lasts.
SILENCE_S = 3600

CPU_PERCENT = 90
OSS_ERROR_PERCENT = 5

Watched = Literal["instance", "eip", "bucket"]

_DIMENSIONS: dict[Watched, str] = {"instance": "instanceId", "eip": "instanceId", "bucket": "BucketName"}


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm.

    Attributes:
        role: What it is called in names.
        watches: Which resource.
        namespace: CloudMonitor's name of the product.
        metric: The metric's name.
        statistics: Which of a period's values is judged.
        operator: How it is compared, as the provider writes it.
        threshold: With what.
    """

    role: str
    watches: Watched
    namespace: str
    metric: str
    statistics: Literal["Average", "Value"]
    operator: Literal[">=", "<="]
    threshold: int


# A metric that the cloud takes of every running instance. An instance that is stopped, released or lost with
# its host has no values any more, which is what the alarm is about (``infra.alarms.down``); one whose system
# has halted uses no processor at all, which a running system never does for minutes.
# Source: https://www.alibabacloud.com/help/en/cms/cloudmonitor-1-0/user-guide/overview-of-basic-and-operating-system-monitoring
# (collected on the host, "instance hangs or breakdowns", 2025-12-05); that a stopped instance has none is
# concluded from that.
INSTANCE_DOWN = Alarm(
    role="instance-down",
    watches="instance",
    namespace="acs_ecs_dashboard",
    metric="CPUUtilization",
    statistics="Average",
    operator="<=",
    threshold=0,
)

CPU = Alarm(
    role="cpu",
    watches="instance",
    namespace="acs_ecs_dashboard",
    metric="CPUUtilization",
    statistics="Average",
    operator=">=",
    threshold=CPU_PERCENT,
)

# What OSS itself answers with 5xx, to everybody who reads the bucket.
OSS_ERRORS = Alarm(
    role="oss-errors",
    watches="bucket",
    namespace="acs_oss_dashboard",
    metric="ServerErrorRate",
    statistics="Value",
    operator=">=",
    threshold=OSS_ERROR_PERCENT,
)


def bandwidth(percent: int) -> Alarm:
    """Returns the alarm on the share of the EIP's bandwidth that goes out.

    Args:
        percent: From where on.
    """
    return Alarm(
        role="bandwidth",
        watches="eip",
        namespace="acs_vpc_eip",
        metric="net_out.rate_percentage",
        statistics="Average",
        operator=">=",
        threshold=percent,
    )


def watched(kind: Watched, name: str) -> str:
    """Returns what CloudMonitor calls the dimensions of one resource: JSON text, always the same.

    Args:
        kind: What it is.
        name: The instance's or the EIP's id, or the bucket's name.
    """
    return json.dumps([{_DIMENSIONS[kind]: name}], separators=(",", ":"))
