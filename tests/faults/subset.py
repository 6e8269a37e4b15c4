"""The cases that continuous integration tries: every kind, and calls of every product, in some minutes.

Every changing call is in them, but for kills only those named here.
"""

from __future__ import annotations

from tests.faults.plan import Case, Recording, case, storms

NAMED = (
    case("up", "kill", "vpc:CreateVpc"),
    case("up", "kill", "vpc:CreateVSwitch"),
    case("up", "kill", "ecs:RunInstances"),
    case("up", "kill", "vpc:AssociateEipAddress"),
    case("up", "kill", "sts:GetCallerIdentity"),
    case("up", "lost-answer", "ecs:DescribeInstances"),
    case("change", "kill", "ecs:RunInstances"),
    case("change", "kill", "vpc:UnassociateEipAddress"),
    case("change", "kill", "ecs:AuthorizeSecurityGroup"),
    case("change", "kill", "oss:PutBucketPolicy"),
    case("change", "error", "oss:GetBucketPolicy"),
    case("destroy", "kill", "vpc:DeleteVpc"),
    case("destroy", "kill", "vpc:UnassociateEipAddress"),
    case("destroy", "kill", "ecs:DeleteInstance"),
    case("destroy", "kill", "oss:DeleteBucketPolicy"),
    case("destroy", "throttle", "vpc:DescribeVSwitchAttributes"),
)


def chosen(recording: Recording) -> list[Case]:
    """What is chosen from the calls, beside those that are named."""
    return storms(recording)
