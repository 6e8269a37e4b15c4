"""Who sent a request, proved by its signature; old and repeated requests are refused."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from localcloud.accounts import AccessKey, Accounts, TokenFault, fault_of_token
from localcloud.rpc import signature
from localcloud.rpc.errors import ApiError, missing_parameter
from localcloud.rpc.request import RpcRequest

# Source: https://help.aliyun.com/en/sdk/product-overview/rpc-mechanism (2026-11-23).
TIMESTAMP_WINDOW = timedelta(minutes=15)
# Source: https://www.alibabacloud.com/help/doc-detail/42775.htm (2026-11-24) for the missing token; inferred
# are the other codes and all HTTP statuses.
_TOKEN_FAULTS: dict[TokenFault, tuple[str, str]] = {
    "missing": ("MissingSecurityToken", "SecurityToken is mandatory for this action."),
    "malformed": ("InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed."),
    "mismatch": (
        "InvalidSecurityToken.MismatchWithAccessKey",
        "Specified SecurityToken mismatch with the AccessKey.",
    ),
    "expired": ("InvalidSecurityToken.Expired", "Specified SecurityToken is expired."),
}
_TIMESTAMP_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def utc_now() -> datetime:
    """Returns the present time in UTC."""
    return datetime.now(UTC)


class Authenticator:
    """Verifies signatures and remembers nonces for as long as their requests would be accepted.

    Args:
        accounts: The access keys.
        now: Tells the time; tests give their own.
    """

    def __init__(self, accounts: Accounts, now: Callable[[], datetime] = utc_now) -> None:
        self._accounts = accounts
        self._now = now
        self._nonces: dict[tuple[str, str], datetime] = {}

    def authenticate(self, request: RpcRequest) -> AccessKey:
        """Returns the key that signed the request.

        Raises:
            ApiError: The cloud's own code for whatever is wrong: ``MissingParameter``,
                ``IncompleteSignature``, ``InvalidAccessKeyId.NotFound``, ``InvalidTimeStamp.Format``,
                ``InvalidTimeStamp.Expired``, ``SignatureDoesNotMatch``, ``SignatureNonceUsed``,
                ``MissingSecurityToken``, ``InvalidSecurityToken.*``.
        """
        return self._v3(request) if request.is_v3 else self._v1(request)

    def _v1(self, request: RpcRequest) -> AccessKey:
        given = request.merged
        for name in ("AccessKeyId", "Signature", "SignatureNonce", "Timestamp"):
            if not given.get(name):
                raise missing_parameter(name)
        for name, wanted in (("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0")):
            if given.get(name) != wanted:
                raise ApiError("InvalidParameter", f'The specified parameter "{name}" is not valid.')
        key = self._key(given["AccessKeyId"], given.get("SecurityToken", ""))
        self._check_time(given["Timestamp"])
        text = signature.v1_string_to_sign(request.method, given)
        if not _same(signature.v1_signature(key.secret, text), given["Signature"]):
            raise _does_not_match(f"server string to sign is:{text}")
        self._check_nonce(key, given["SignatureNonce"])
        return key

    def _v3(self, request: RpcRequest) -> AccessKey:
        headers = request.headers
        for name in ("authorization", "x-acs-signature-nonce", "x-acs-date", "x-acs-content-sha256"):
            if not headers.get(name):
                raise missing_parameter(name)
        authorization = signature.parse_authorization(headers["authorization"])
        if authorization is None:
            raise _incomplete()
        # Whatever steers the request has to be under the signature, or it could be changed on the way.
        steering = {name for name in headers if name.startswith("x-acs-")} | {"host"}
        if not steering <= set(authorization.signed_headers):
            raise _incomplete()
        key = self._key(authorization.access_key_id, headers.get("x-acs-security-token", ""))
        self._check_time(headers["x-acs-date"])
        text = signature.v3_canonical_request(
            request.method,
            request.path,
            request.query,
            headers,
            authorization.signed_headers,
            hashlib.sha256(request.body).hexdigest(),
        )
        if not _same(signature.v3_signature(key.secret, text), authorization.signature):
            raise _does_not_match(f"server CanonicalRequest is:[{text}]")
        self._check_nonce(key, headers["x-acs-signature-nonce"])
        return key

    def _key(self, access_key_id: str, security_token: str) -> AccessKey:
        key = self._accounts.find(access_key_id)
        if key is None:
            raise ApiError("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
        fault = fault_of_token(key, security_token, self._now())
        if fault is not None:
            raise ApiError(*_TOKEN_FAULTS[fault])
        return key

    def _check_time(self, text: str) -> None:
        try:
            sent = datetime.strptime(text, _TIMESTAMP_FORMAT).replace(tzinfo=UTC)
        except ValueError:
            message = "Specified time stamp or date value is not well formatted."
            raise ApiError("InvalidTimeStamp.Format", message) from None
        if abs(self._now() - sent) > TIMESTAMP_WINDOW:
            raise ApiError("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")

    def _check_nonce(self, key: AccessKey, nonce: str) -> None:
        now = self._now()
        # Insertion order is order of expiry, so the old ones are at the front.
        while self._nonces and (oldest := next(iter(self._nonces))) and self._nonces[oldest] < now:
            del self._nonces[oldest]
        if (key.id, nonce) in self._nonces:
            raise ApiError("SignatureNonceUsed", "Specified signature nonce was used already.")
        # A request may be dated ahead by one window and is then accepted for two.
        self._nonces[key.id, nonce] = now + 2 * TIMESTAMP_WINDOW


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())


def _incomplete() -> ApiError:
    return ApiError("IncompleteSignature", "The request signature does not conform to Aliyun standards.")


def _does_not_match(detail: str) -> ApiError:
    return ApiError(
        "SignatureDoesNotMatch", f"Specified signature is not matched with our calculation. {detail}"
    )
