"""The errors of ECS.

Source: the error codes on
https://help.aliyun.com/en/ecs/developer-reference/api-ecs-2014-05-26-runinstances and its sister pages
(2026-11-23).
"""

from __future__ import annotations

from localcloud.rpc.errors import ApiError


def instance_not_found() -> ApiError:
    """No such instance for this caller, here."""
    return ApiError("InvalidInstanceId.NotFound", "The specified InstanceId does not exist.", 404)


def security_group_not_found() -> ApiError:
    """No such security group for this caller, here."""
    message = "The specified SecurityGroupId does not exist."
    return ApiError("InvalidSecurityGroupId.NotFound", message, 404)


def disk_not_found() -> ApiError:
    """No such disk for this caller, here."""
    return ApiError("InvalidDiskId.NotFound", "The specified disk does not exist.", 404)


def image_not_found() -> ApiError:
    """No such image in the region."""
    return ApiError("InvalidImageId.NotFound", "The specified ImageId does not exist.", 404)


def wrong_instance_status() -> ApiError:
    """The instance's status does not allow the operation."""
    message = "The current status of the resource does not support this operation."
    return ApiError("IncorrectInstanceStatus", message, 403)


def instance_initializing() -> ApiError:
    """The instance is still being made."""
    message = "The specified instance status does not support this operation."
    return ApiError("IncorrectInstanceStatus.Initializing", message, 403)


def instance_protected() -> ApiError:
    """The instance's deletion protection is on."""
    message = "The operation is not allowed because the instance is protected against deletion."
    return ApiError("InvalidOperation.DeletionProtection", message, 403)


def mismatch(message: str) -> ApiError:
    """Two parameters do not go together."""
    return ApiError("InvalidParameter.Mismatch", message)


def security_group_used() -> ApiError:
    """Instances or other groups' rules still need the security group."""
    message = "There is still instance(s) or reference(s) in the specified security group."
    return ApiError("DependencyViolation", message, 403)
