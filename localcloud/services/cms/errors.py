"""The errors of CloudMonitor.

Source: the error tables of the API reference, https://github.com/AlibabaCloudDocs/cms (2021-03-12), and for
a missing contact group the code that the alicloud provider (v1.285.0) expects. That PutResourceMetricRule
looks for the group at all is not documented; refusing is the safer likeness.
"""

from __future__ import annotations

from localcloud.rpc.errors import ApiError


def illegal(parameter: str, why: str) -> ApiError:
    """A parameter has a value that the action does not take."""
    return ApiError("ParameterInvalid", f"Illegal parameters. {parameter}: {why}.")


def rule_not_found() -> ApiError:
    """No such rule for this caller."""
    return ApiError("ResourceNotFound", "The specified resource is not found.", 404)


def contact_group_not_found(name: str) -> ApiError:
    """No such contact group for this caller."""
    return ApiError("ContactGroupNotExists", f"The contact group does not exist: {name}", 404)


def contact_not_found(name: str) -> ApiError:
    """No such contact for this caller."""
    return ApiError("ContactNotExists", f"The contact does not exist: {name}", 404)
