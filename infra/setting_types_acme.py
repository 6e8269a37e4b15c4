"""The types of the settings of certificates that an authority gives by ACME. Pure."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, ValidationInfo

from infra.setting_types_tls import ANYWHERE, https_of, is_by_dns

# Source: https://letsencrypt.org/getting-started/ and https://letsencrypt.org/docs/profiles/ (2025-09-23)
LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"
# The one profile in which it certifies addresses.
ADDRESS_PROFILE = "shortlived"
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[A-Za-z0-9.-]{1,253}")
_PROFILE = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _open_port(opened: bool, info: ValidationInfo) -> bool:
    if "allowed_cidrs" not in info.data or "tls" not in info.data:
        return opened
    mode, open_to_all = https_of(info.data), ANYWHERE in info.data["allowed_cidrs"]
    if opened and mode != "acme":
        raise ValueError(f"means nothing with `tls: {info.data['tls']}`; set `tls: acme`, or remove it")
    if opened and is_by_dns(info.data):
        raise ValueError(
            "means nothing with `acmeChallenge: dns-01`: the authority asks at no port; remove it"
        )
    if opened and open_to_all:
        raise ValueError(f"means nothing beside {ANYWHERE} in allowedCidrs, which port 80 is open to anyhow")
    if mode == "acme" and not opened and not open_to_all and not is_by_dns(info.data):
        raise ValueError(
            "is needed with `tls: acme` and closed allowedCidrs: the authority asks at port 80 and does not "
            "tell from where. It opens port 80 to all for the authority's question alone, and nothing else "
            "is answered there outside allowedCidrs. `acmeChallenge: dns-01` and `tls: provided` need no "
            "open port"
        )
    return opened


def _directory(url: str, info: ValidationInfo) -> str:
    if _given(url, info):
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or " " in url:
            raise ValueError("must be the https:// address of an authority's directory")
    return url


def _authority(pem: str, info: ValidationInfo) -> str:
    if _given(pem, info):
        if "PRIVATE KEY" in pem:
            raise ValueError("holds a private key; only certificates belong here")
        from cryptography import x509

        try:
            x509.load_pem_x509_certificates(pem.encode())
        except ValueError:
            raise ValueError("must hold certificates as PEM") from None
        if not info.data.get("acme_directory"):
            raise ValueError("is for a private authority: set acmeDirectory, or remove it")
    return pem


def _email(address: str, info: ValidationInfo) -> str:
    if _given(address, info) and not _EMAIL.fullmatch(address):
        raise ValueError("must be an email address, or empty")
    return address


def _profile(name: str, info: ValidationInfo) -> str:
    if _given(name, info):
        if not _PROFILE.fullmatch(name):
            raise ValueError("must be the name of one of the authority's profiles, such as classic")
        if not info.data.get("domain_names") and name != ADDRESS_PROFILE and "domain_names" in info.data:
            raise ValueError(f"must be {ADDRESS_PROFILE} or empty without domainNames: it is for the address")
    return name


def _given(value: str, info: ValidationInfo) -> bool:
    """Whether there is a value; refuses one that nothing would look at."""
    mode = info.data.get("tls")
    if value and mode in ("off", "provided"):
        raise ValueError(f"means nothing with `tls: {mode}`; set `tls: acme`, or remove it")
    return bool(value)


# After the settings `allowed_cidrs`, `listen_port`, `tls` and `domain_names`, which they ask.
AcmeOpenPort80 = Annotated[bool, AfterValidator(_open_port)]
AcmeDirectory = Annotated[str, AfterValidator(_directory)]
AcmeCaCertificate = Annotated[str, AfterValidator(_authority)]
AcmeEmail = Annotated[str, AfterValidator(_email)]
AcmeProfile = Annotated[str, AfterValidator(_profile)]
