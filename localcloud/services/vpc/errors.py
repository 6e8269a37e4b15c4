"""The errors of VPC.

Source: the error codes on https://help.aliyun.com/en/vpc/developer-reference/api-vpc-2016-04-28-createvpc
and its sister pages (2026-11-23).
"""

from __future__ import annotations

from localcloud.rpc.errors import ApiError


def vpc_not_found() -> ApiError:
    """No such VPC for this caller, here."""
    return ApiError("InvalidVpcId.NotFound", "Specified VPC does not exist.", 404)


def vswitch_not_found() -> ApiError:
    """No such vSwitch for this caller, here."""
    return ApiError("InvalidVSwitchId.NotFound", "Specified virtual switch does not exist.", 404)


def eip_not_found() -> ApiError:
    """No such EIP for this caller, here."""
    return ApiError("InvalidAllocationId.NotFound", "Specified allocation ID is not found.", 404)


def route_table_not_found() -> ApiError:
    """No such route table for this caller, here."""
    return ApiError("InvalidRouteTableId.NotFound", "Specified route table does not exist.", 404)


def zone_not_found() -> ApiError:
    """No such zone in the region."""
    return ApiError("InvalidZoneId.NotFound", "Specified zone does not exist.", 404)


def vpc_not_ready() -> ApiError:
    """The VPC is still being made."""
    return ApiError("IncorrectVpcStatus", "Current VPC status does not support this operation.")


def vswitch_not_ready() -> ApiError:
    """The vSwitch is still being made."""
    return ApiError(
        "IncorrectVSwitchStatus", "The current status of virtual switch does not support this operation."
    )


def eip_busy() -> ApiError:
    """The EIP is in a state that does not allow the operation."""
    return ApiError("IncorrectEipStatus", "Current elastic IP status does not support this operation.")


def still_used(what: str = "") -> ApiError:
    """Something depends on what was to be deleted.

    Args:
        what: The kind that depends on it, which VPC tells behind the code's dot; empty for none.
    """
    code = f"DependencyViolation.{what}" if what else "DependencyViolation"
    return ApiError(code, "Specified object has dependent resources.")


def malformed_cidr() -> ApiError:
    """Not a CIDR block, or not one that may be used here."""
    return ApiError("InvalidCidrBlock.Malformed", "Specified CIDR block is not valid.")
