"""The refusals that both algorithms share."""

from __future__ import annotations

from datetime import UTC, datetime

from localcloud.accounts import AccessKey, TokenFault, fault_of_token
from localcloud.oss.errors import OssError, access_denied
from localcloud.oss.signature.model import CLOCK_SKEW_MAX

# Source: https://help.aliyun.com/en/oss/user-guide/0002-00000003 and -4, -6, -7 (2026-11-24) for the ECs; the
# codes and texts beside them are inferred.
_TOKEN_FAULTS: dict[TokenFault, tuple[str, str, str]] = {
    "missing": (
        "InvalidAccessKeyId",
        "The OSS Access Key Id you provided does not exist in our records.",
        "0002-00000003",
    ),
    "malformed": ("InvalidSecurityToken", "The security token you provided is invalid.", "0002-00000006"),
    "mismatch": ("InvalidSecurityToken", "The security token you provided is invalid.", "0002-00000004"),
    "expired": ("SecurityTokenExpired", "The security token you provided has expired.", "0002-00000007"),
}

EC_HEADER_MISMATCH = "0002-00000201"
EC_QUERY_MISMATCH = "0002-00000040"


def mismatch(access_key_id: str, provided: str, string_to_sign: str, ec: str) -> OssError:
    """The signature is not the one the service computes; the body shows what it signed."""
    signed = string_to_sign.encode("utf-8", "surrogateescape")
    return OssError(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.",
        ec,
        details={
            "OSSAccessKeyId": access_key_id,
            "SignatureProvided": provided,
            "StringToSign": string_to_sign,
            "StringToSignBytes": signed.hex(" ").upper(),
        },
    )


def unknown_key(access_key_id: str) -> OssError:
    """No such AccessKey. Source: EC 0002-00000902."""
    return OssError(
        403,
        "InvalidAccessKeyId",
        "The OSS Access Key Id you provided does not exist in our records.",
        "0002-00000902",
        details={"OSSAccessKeyId": access_key_id},
    )


def check_token(key: AccessKey, token: str | None, now: datetime) -> None:
    """Checks the security token that came with a key.

    Raises:
        OssError: Temporary credentials came without their own token or after their time, or a lasting key
            came with one.
    """
    fault = fault_of_token(key, token or "", now)
    if fault is not None:
        code, message, ec = _TOKEN_FAULTS[fault]
        raise OssError(403, code, message, ec)


def check_skew(signed_at: datetime, now: datetime) -> None:
    """Raises RequestTimeTooSkewed when the clocks differ by more than 15 minutes."""
    if abs(now - signed_at) > CLOCK_SKEW_MAX:
        raise OssError(
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            "0002-00000504",
            details={
                "MaxAllowedSkewMilliseconds": str(int(CLOCK_SKEW_MAX.total_seconds() * 1000)),
                "RequestTime": iso_time(signed_at),
                "ServerTime": iso_time(now),
            },
        )


def check_expiry(expires_at: datetime, now: datetime) -> None:
    """Raises AccessDenied when a presigned URL is no longer valid."""
    if now > expires_at:
        raise access_denied(
            "Request has expired.",
            "0002-00000069",
            details={"Expires": iso_time(expires_at), "ServerTime": iso_time(now)},
        )


def no_date() -> OssError:
    """A header signature without a readable date."""
    return access_denied("OSS authentication requires a valid Date.")


def iso_time(when: datetime) -> str:
    """A time as it stands in XML bodies: ``2026-11-23T10:00:00.000Z``."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
