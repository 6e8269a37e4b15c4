"""The types of the settings that tell clients apart. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr

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
