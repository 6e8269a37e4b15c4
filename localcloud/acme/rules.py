"""What Let's Encrypt refuses and Pebble does not; and the form of a refusal. Pure."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from localcloud.acme.settings import IP_PROFILES

ERROR_PREFIX = "urn:ietf:params:acme:error:"


class AcmeProblem(Exception):
    """A refusal, as RFC 8555, 6.7 has it.

    Attributes:
        code: The kind of error, for example ``rateLimited``.
        message: The text for people.
        status: The HTTP status.
    """

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status

    def document(self) -> str:
        """Returns the body of the answer."""
        return json.dumps({"type": ERROR_PREFIX + self.code, "detail": self.message, "status": self.status})


def rate_limited() -> AcmeProblem:
    """Too many calls or certificates; the form is that of RFC 8555, 6.6, the wording is none of theirs."""
    return AcmeProblem(
        "rateLimited", "Too many of this kind, retry later: see https://letsencrypt.org/docs/rate-limits", 429
    )


def unavailable(why: str = "The service is down for maintenance or had an internal error.") -> AcmeProblem:
    """The authority fails for the moment."""
    return AcmeProblem("serverInternal", why, 503)


def unauthorized() -> AcmeProblem:
    """The account may not."""
    return AcmeProblem("unauthorized", "The account is not allowed to do this.", 403)


def check(operation: str, body: bytes) -> None:
    """Checks a call.

    Sources: https://github.com/letsencrypt/boulder/pull/8592 (2026-01-23) for an order of an address without
    a profile for it, https://github.com/go-acme/lego/issues/2567 (2025-07-08) for a request that has it in
    its common name.

    Args:
        operation: The call, for example ``NewOrder``.
        body: Its body; one that cannot be read is Pebble's to refuse.

    Raises:
        AcmeProblem: Let's Encrypt would refuse it.
    """
    payload = _payload(body) if operation in ("NewOrder", "FinalizeOrder") else None
    if payload is None:
        return
    if operation == "NewOrder":
        profile = payload.get("profile") or ""
        identifiers = payload.get("identifiers") or []
        wants_address = any(isinstance(one, dict) and one.get("type") == "ip" for one in identifiers)
        if wants_address and profile not in IP_PROFILES:
            named = f"Profile {profile!r}" if profile else "Default profile"
            raise AcmeProblem(
                "rejectedIdentifier",
                f"{named} does not permit IP address identifiers. See available profiles at "
                "https://letsencrypt.org/docs/profiles/.",
                400,
            )
    elif _has_address_as_common_name(str(payload.get("csr", ""))):
        raise AcmeProblem("badCSR", "Error finalizing order :: CSR contains IP address in Common Name", 400)


def _payload(body: bytes) -> dict[str, Any] | None:
    """Returns what a signed request carries, whether its signature is right or not."""
    try:
        carried = json.loads(_decode(json.loads(body)["payload"]))
    except (ValueError, KeyError, TypeError):
        return None
    return carried if isinstance(carried, dict) else None


def _decode(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(text) from error


def _has_address_as_common_name(csr: str) -> bool:
    try:
        request = x509.load_der_x509_csr(_decode(csr))
    except ValueError:
        return False
    for attribute in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        try:
            ipaddress.ip_address(str(attribute.value))
        except ValueError:
            continue
        return True
    return False
