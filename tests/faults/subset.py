"""The cases that continuous integration tries: every kind, and calls of every product, in some minutes."""

from __future__ import annotations

from tests.faults.plan import Case, Recording, case, storms

KILLS = (
    case("up", "kill", "vpc:CreateVpc"),
    case("up", "kill", "vpc:CreateVSwitch"),
    case("up", "kill", "ecs:RunInstances"),
    case("up", "kill", "vpc:AssociateEipAddress"),
    case("up", "kill", "oss:PutBucketPolicy"),
    case("change", "kill", "ecs:RunInstances"),
    case("change", "kill", "vpc:UnassociateEipAddress"),
    case("change", "kill", "ecs:AuthorizeSecurityGroup"),
    case("change", "kill", "oss:PutBucketPolicy"),
    case("change", "kill", "vpc:ModifyEipAddressAttribute"),
    case("destroy", "kill", "vpc:DeleteVpc"),
    case("destroy", "kill", "vpc:UnassociateEipAddress"),
    case("destroy", "kill", "ecs:DeleteInstance"),
    case("destroy", "kill", "oss:DeleteBucketPolicy"),
    case("destroy", "kill", "ecs:RevokeSecurityGroup"),
)
READS = (
    case("up", "lost-answer", "ecs:DescribeInstances"),
    case("up", "kill", "sts:GetCallerIdentity"),
    case("change", "error", "oss:GetBucketPolicy"),
    case("destroy", "throttle", "vpc:DescribeVSwitchAttributes"),
)


def subset(recording: Recording) -> list[Case]:
    """The subset; all changing calls are in it, but for kills only those named here."""
    return [*storms(recording), *KILLS, *READS]
