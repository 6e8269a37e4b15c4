"""The types of the settings that tell clients apart. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo

from infra.nginx import links
from infra.setting_faults import OtherSettingFault
from infra.setting_types import matching, parsed

# Each request's password is compared on the proxy, by a hash that is quick; only a password that nobody
# guesses is safe with it. bcrypt looks at 72 bytes and no further.
PASSWORD_MIN_CHARACTERS = 16
PASSWORD_MAX_BYTES = 72


def _client_password(password: SecretStr) -> SecretStr:
    text = password.get_secret_value()
    if len(text) < PASSWORD_MIN_CHARACTERS or len(text.encode()) > PASSWORD_MAX_BYTES:
        raise ValueError(
            f"must have from {PASSWORD_MIN_CHARACTERS} characters to {PASSWORD_MAX_BYTES} bytes, "
            "best from a generator: openssl rand -base64 24"
        )
    if not text.isprintable():
        raise ValueError("must hold printable characters only")
    return password


def _link_key(key: SecretStr) -> SecretStr:
    links.require_key(key.get_secret_value())
    return key


def _link_keys(keys: dict[str, SecretStr], info: ValidationInfo) -> dict[str, SecretStr]:
    if len(keys) > links.KEYS_MAX:
        raise ValueError(f"must hold at most {links.KEYS_MAX}: the key that signs, and the one before it")
    if len({key.get_secret_value() for key in keys.values()}) < len(keys):
        raise ValueError("must not hold one key under two names: it would not have been changed")
    if keys and info.data.get("presigned", "none") != "none":
        raise OtherSettingFault(
            "presigned",
            "cannot stand beside linkKeys: the whole query of a URL that is signed for OSS goes to OSS, the "
            "link's parameters too, and who has such a URL would need a link for it as well",
            value=info.data["presigned"],
        )
    return keys


def _unset(value: object) -> object:
    return {} if value == "" else value


ClientPasswords = Annotated[
    dict[
        Annotated[
            str,
            matching(
                r"[A-Za-z0-9._@-]{1,64}", "must be a name of letters, digits and ._@-, at most 64 of them"
            ),
        ],
        Annotated[SecretStr, AfterValidator(_client_password)],
    ],
    BeforeValidator(_unset),
    BeforeValidator(parsed),
]
# After the setting `presigned`, which it asks.
LinkKeys = Annotated[
    dict[
        Annotated[
            str, matching(links.NAME, "must be a name of lower-case letters, digits and -, at most 32")
        ],
        Annotated[SecretStr, AfterValidator(_link_key)],
    ],
    BeforeValidator(_unset),
    BeforeValidator(parsed),
    AfterValidator(_link_keys),
]
