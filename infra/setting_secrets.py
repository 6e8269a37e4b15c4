"""Which settings are secrets, and which of them were given in the clear. Pure.

A secret is a setting whose type holds ``SecretStr``; there is no second mark. Pulumi tells a program which
keys of the configuration are encrypted in the stack's file. For a value with parts (``--path``) it tells so
when any part is: a secret with parts is therefore declared as ``type: string`` in ``Pulumi.yaml`` and given
as one JSON text, of which no part can stay in the clear.

``secret: true`` in ``Pulumi.yaml`` would not do: the engine then asks for encryption of the default as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

# How an unset setting looks: the defaults of Pulumi.yaml are handed over like values.
_UNSET = ("", "[]", "{}")


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting's value must not be shown, stored or logged in the clear."""
    return _holds_secret(field.annotation)


def _holds_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(_holds_secret(part) for part in get_args(annotation))


def in_the_clear(
    values: Mapping[str, str], fields: Mapping[str, FieldInfo], encrypted: Collection[str]
) -> list[str]:
    """Returns the secrets that are set and not encrypted, in the order of the settings.

    Args:
        values: The raw values by key.
        fields: The model's fields by key.
        encrypted: The keys that Pulumi keeps encrypted.
    """
    return [
        key
        for key, field in fields.items()
        if is_secret(field) and values.get(key, "") not in _UNSET and key not in encrypted
    ]
