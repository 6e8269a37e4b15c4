"""The errors of RAM.

Source: the codes that the alicloud provider (v1.285.0) expects, and for names and roles
https://www.alibabacloud.com/help/doc-detail/159989.htm (DeleteRole, 2026-11-24). Inferred from their sisters
are the codes of names that exist, of versions, and `DeleteConflict.Policy.Role`; so are the texts.
"""

from __future__ import annotations

from localcloud.rpc.errors import ApiError


def bad_name(parameter: str) -> ApiError:
    """A name is empty, too long or of other characters."""
    message = f"The parameter {parameter} contains invalid characters."
    return ApiError(f"InvalidParameter.{parameter}.InvalidChars", message)


def no_role(name: str) -> ApiError:
    """There is no such role."""
    return ApiError("EntityNotExist.Role", f"The role not exists: {name} .", 404)


def role_exists(name: str) -> ApiError:
    """There is a role of the name."""
    return ApiError("EntityAlreadyExists.Role", f"The role already exists: {name} .", 409)


def role_used(name: str) -> ApiError:
    """Policies are attached to the role."""
    return ApiError("DeleteConflict.Role.Policy", f"The role {name} is attached with policies.", 409)


def no_policy(name: str) -> ApiError:
    """There is no such policy."""
    return ApiError("EntityNotExist.Policy", f"The policy does not exist : {name} .", 404)


def policy_exists(name: str) -> ApiError:
    """There is a policy of the name."""
    return ApiError("EntityAlreadyExists.Policy", f"The policy already exists : {name} .", 409)


def policy_used(name: str) -> ApiError:
    """The policy is attached to a role."""
    return ApiError("DeleteConflict.Policy.Role", f"The policy {name} is attached to roles.", 409)


def policy_has_versions(name: str) -> ApiError:
    """The policy has more versions than the one that holds."""
    message = f"The policy {name} has other versions than the default one."
    return ApiError("DeleteConflict.Policy.Version", message, 409)


def no_version(version_id: str) -> ApiError:
    """The policy has no such version."""
    message = f"The policy version does not exist : {version_id} ."
    return ApiError("EntityNotExist.Policy.Version", message, 404)


def version_holds(version_id: str) -> ApiError:
    """The version is the one that holds."""
    message = f"The default version {version_id} can not be deleted."
    return ApiError("DeleteConflict.PolicyVersion.Default", message, 409)


def too_many_versions() -> ApiError:
    """A policy has as many versions as it may."""
    return ApiError(
        "LimitExceeded.Policy.Version", "The count of policy versions beyond the current limits.", 409
    )


def malformed(why: str) -> ApiError:
    """A document is none that RAM takes."""
    return ApiError("MalformedPolicyDocument", f"The policy document is not valid: {why}")


def attached_already(policy: str, role: str) -> ApiError:
    """The policy is attached to the role."""
    message = f"The policy {policy} is already attached to the role {role} ."
    return ApiError("EntityAlreadyExists.Role.Policy", message, 409)


def not_attached(policy: str, role: str) -> ApiError:
    """The policy is not attached to the role."""
    message = f"The policy {policy} is not attached to the role {role} ."
    return ApiError("EntityNotExist.Role.Policy", message, 404)
