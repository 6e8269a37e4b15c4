"""The errors of Alidns.

Sources: the error tables of AddDomainRecord and UpdateDomainRecord in the API reference of 2016, as copied at
https://help-w.com/microsoft/windows/1498112608.html and https://help-w.com/mix/1547615208_zh.html (later
editions point to an error centre instead); for `InvalidDomainName.NoExist`, `QuotaExceeded.TTL` and
`SubDomainInvalid.Value`, with their texts, what users of the API report (all 2026-11-24). Which of the two
errors a domain of another account gets is inferred.
"""

from __future__ import annotations

from localcloud.rpc.errors import ApiError


def no_domain() -> ApiError:
    """There is no such domain."""
    return ApiError(
        "InvalidDomainName.NoExist",
        "The specified domain name does not exist. Refresh the page and try again.",
    )


def foreign_domain() -> ApiError:
    """The domain is another account's."""
    return ApiError("IncorrectDomainUser", "The domain name does not belong to this user.")


def no_record() -> ApiError:
    """No such record for this caller; the alicloud provider (v1.285.0) takes it for gone."""
    return ApiError("DomainRecordNotBelongToUser", "The domain record does not belong to this user.")


def duplicate() -> ApiError:
    """The record is there already; also an update that changes nothing."""
    return ApiError("DomainRecordDuplicate", "The domain record is duplicated.")


def conflict() -> ApiError:
    """A CNAME and another record cannot have one name."""
    return ApiError("DomainRecordConflict", "The domain record is conflict with other records.")


def bad_value() -> ApiError:
    """The value does not fit the type."""
    return ApiError("SubDomainInvalid.Value", "The DNS record is invalid or in the wrong format.")


def bad_rr() -> ApiError:
    """The host record is no part of a name. The code is inferred, the text is reported by users."""
    return ApiError("InvalidParameter", "The parameter value RR is invalid.")


def bad_ttl() -> ApiError:
    """The TTL is shorter than the free edition takes, or longer than any does."""
    return ApiError("QuotaExceeded.TTL", "The TTL has exceeded the limit of the domain edition.")
