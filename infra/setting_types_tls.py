"""The types of the settings of HTTPS. Pure.

What reads certificates is imported when there is one: it takes a tenth of a second, which most stacks need
not spend.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo

TlsMode = Literal["off", "provided"]
PlainHttp = Literal["redirect", "serve"]
# Two years, what browsers ask for to be delivered with the name in their own lists.
HSTS_MAX_SECONDS = 63_072_000


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
    if mode == "off" and given:
        raise ValueError("means nothing with `tls: off`; set `tls: provided`, or remove it")
    return given


TlsCertificate = Annotated[str, AfterValidator(_certificate)]
TlsPrivateKey = Annotated[SecretStr, AfterValidator(_private_key)]
HstsSeconds = Annotated[int, Field(ge=0, le=HSTS_MAX_SECONDS)]
