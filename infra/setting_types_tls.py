"""The types of the settings of HTTPS. Pure.

What reads certificates is imported when there is one: it takes a tenth of a second, which most stacks need
not spend.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import IPv4Network
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo

from infra.setting_faults import OtherSettingFault
from infra.setting_types import Port

TlsMode = Literal["auto", "off", "acme", "provided"]
Https = Literal["off", "acme", "provided"]
# Two years, what browsers ask for to be delivered with the name in their own lists.
HSTS_MAX_SECONDS = 63_072_000


# The port at which an authority asks, whatever the proxy's own is.
# Source: RFC 8555, 8.3
ACME_PORT = 80
DNS_01 = "dns-01"
ANYWHERE = IPv4Network("0.0.0.0/0")


def is_by_dns(data: Mapping[str, Any]) -> bool:
    """Whether an authority is to be shown records of a zone; the settings are given as to ``https_of``."""
    return data.get("acme_challenge") == DNS_01


def https_of(data: Mapping[str, Any]) -> Https:
    """Returns what `tls` comes to beside the other settings.

    Args:
        data: The settings by their fields' names; a setting with a fault of its own is missing.
    """
    mode: Https | Literal["auto"] = data.get("tls", "off")
    if mode != "auto":
        return mode
    # The authority comes from anywhere, and no port is opened by default.
    can_ask = ANYWHERE in data.get("allowed_cidrs", ()) and data.get("listen_port") == ACME_PORT
    return "acme" if can_ask else "off"


def _mode(mode: TlsMode, info: ValidationInfo) -> TlsMode:
    by_dns = is_by_dns(info.data)
    if by_dns and mode != "acme":
        rule = f"means nothing with `tls: {mode}`; set `tls: acme`, or remove it"
        raise OtherSettingFault("acmeChallenge", rule, value=DNS_01)
    if mode == "acme" and not by_dns and info.data.get("listen_port", ACME_PORT) != ACME_PORT:
        raise ValueError(f"needs `listenPort: {ACME_PORT}`: an authority asks at no other port")
    return mode


def _certificate(pem: str, info: ValidationInfo) -> str:
    if _needed(bool(pem), info):
        from infra.tls.certificate import read_chain

        read_chain(pem, datetime.now(UTC))
    return pem


def _private_key(pem: SecretStr, info: ValidationInfo) -> SecretStr:
    if _needed(bool(pem.get_secret_value()), info) and (chain := info.data.get("tls_certificate")):
        from infra.tls.certificate import require_key

        require_key(pem.get_secret_value(), chain)
    return pem


def _needed(given: bool, info: ValidationInfo) -> bool:
    mode = info.data.get("tls")
    if mode == "provided" and not given:
        raise ValueError("is needed with `tls: provided`")
    if mode != "provided" and given:
        raise ValueError(f"means nothing with `tls: {mode}`; set `tls: provided`, or remove it")
    return given


def _https_port(port: int, info: ValidationInfo) -> int:
    if https_of(info.data) != "off" and port == info.data.get("listen_port"):
        raise ValueError("must be another port than listenPort, which speaks plain HTTP")
    return port


def _plain_http(choice: str, info: ValidationInfo) -> str:
    if choice == "serve" and info.data.get("acme_open_port80"):
        raise ValueError("must be redirect with acmeOpenPort80: objects are for allowedCidrs alone")
    return choice


def _hsts_seconds(seconds: int, info: ValidationInfo) -> int:
    if seconds and https_of(info.data) == "off":
        mode = info.data.get("tls", "off")
        raise ValueError(f"means nothing with `tls: {mode}`: browsers look at it over HTTPS only")
    return seconds


# Before the setting `tls`, which asks it.
AcmeChallenge = Literal["http-01", "dns-01"]
TlsSetting = Annotated[TlsMode, AfterValidator(_mode)]
TlsCertificate = Annotated[str, AfterValidator(_certificate)]
TlsPrivateKey = Annotated[SecretStr, AfterValidator(_private_key)]
HttpsPort = Annotated[Port, AfterValidator(_https_port)]
PlainHttp = Annotated[Literal["redirect", "serve"], AfterValidator(_plain_http)]
HstsSeconds = Annotated[int, Field(ge=0, le=HSTS_MAX_SECONDS), AfterValidator(_hsts_seconds)]
