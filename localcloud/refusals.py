"""Codes by which the cloud refuses what it would otherwise do: what is sold out, used up or not paid for.

Nothing of that happens in a stand-in by itself; `localcloud fault add --kind error --code CODE` orders it.
"""

from __future__ import annotations

from dataclasses import dataclass

UNKNOWN_STATUS = 400
UNKNOWN_MESSAGE = "The call is refused on order."


@dataclass(frozen=True)
class Refusal:
    """How a code looks: its HTTP status, and the text that comes with it."""

    status: int
    message: str


# Source: the error codes on https://help.aliyun.com/en/ecs/developer-reference/api-ecs-2014-05-26-runinstances,
# .../api-ecs-2014-05-26-createsecuritygroup, https://help.aliyun.com/en/vpc/developer-reference/
# api-vpc-2016-04-28-createvpc, .../api-vpc-2016-04-28-createvswitch and https://help.aliyun.com/en/eip/
# developer-reference/api-vpc-2016-04-28-allocateeipaddress-eips (2026-11-23).
REFUSALS = {
    "OperationDenied.NoStock": Refusal(
        403,
        "The requested resource is sold out in the specified zone; try other types of resources or other "
        "regions and zones.",
    ),
    "QuotaExceed.ElasticQuota": Refusal(
        403, "No additional quota is available for the specified ECS instance type."
    ),
    "QuotaExceed.PostPaidDisk": Refusal(403, "Living postPaid disks quota exceeded."),
    "InvalidAccountStatus.NotEnoughBalance": Refusal(403, "Your account does not have enough balance."),
    "RealNameAuthenticationError": Refusal(
        403, "Your account has not passed the real-name authentication yet."
    ),
    "QuotaExceeded.Vpc": Refusal(400, "VPC quota exceeded."),
    "QuotaExceeded.Eip": Refusal(400, "Elastic IP address quota exceeded"),
    "InsufficientBalance": Refusal(400, "Your account does not have enough balance."),
}


def refusal_of(code: str) -> Refusal:
    """Returns how a code looks; one that is not listed looks like most."""
    return REFUSALS.get(code, Refusal(UNKNOWN_STATUS, UNKNOWN_MESSAGE))
