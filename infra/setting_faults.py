"""What is said about settings that cannot be used. Pure."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from infra.errors import ProgramError
from infra.setting_secrets import is_secret


class OtherSettingFault(ValueError):
    """A rule between two settings that the check of one finds broken by the other.

    Args:
        key: The other setting's key, which the fault is told under.
        rule: The rule, as a clause that follows the key.
        value: The other setting's value.
    """

    def __init__(self, key: str, rule: str, value: object) -> None:
        super().__init__(rule)
        self.key = key
        self.value = value


# Of a value; a certificate would fill a screen.
SHOWN_CHARACTERS = 300


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One setting that cannot be used.

    Attributes:
        key: The configuration key with its namespace; an item of a list has its index, ``a:b[1]``.
        rule: What is wrong with it, as a clause that follows the key.
        value: The value as given, or None where there is none.
        fix: The command that mends it.
    """

    key: str
    rule: str
    value: str | None
    fix: str

    def __str__(self) -> str:
        given = "" if self.value is None else f" = {self.value}"
        return f"{self.key}{given}\n     {self.rule}\n     Fix: {self.fix}"


class SettingsError(ProgramError):
    """All faults of the settings at once.

    Attributes:
        faults: The faults, in the order of the settings.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        count = "1 setting" if len(faults) == 1 else f"{len(faults)} settings"
        listing = "\n".join(f"  {number}. {fault}" for number, fault in enumerate(faults, start=1))
        super().__init__(
            f"{count} cannot be used:\n{listing}",
            fix="set the values above, then run `pulumi preview`.",
        )
        self.faults = tuple(faults)


def faults_of(error: ValidationError, fields: Mapping[str, FieldInfo], namespace: str) -> list[Fault]:
    """Translates what the model refused into faults.

    Args:
        error: The model's complaint.
        fields: The model's fields by the alias that a configuration key has.
        namespace: The project's configuration namespace.
    """
    return [_fault(detail, fields, namespace) for detail in error.errors(include_url=False)]


def _fault(detail: Any, fields: Mapping[str, FieldInfo], namespace: str) -> Fault:  # pydantic's ErrorDetails
    name, *indexes = detail["loc"]
    value = detail["input"]
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, OtherSettingFault):
        name, indexes, value = cause.key, [], cause.value
    key = _key(str(name), indexes, namespace)
    field = fields.get(str(name))
    if field is None:
        return _unknown(key, str(name), value, fields, namespace)
    example = (field.examples or ["VALUE"])[0]
    if detail["type"] == "missing":
        return Fault(key=key, rule="is missing", value=None, fix=_set(key, example))
    # A rule of ours is a ValueError; its text goes before pydantic's, which speaks of Python's types.
    rule = str(cause) if isinstance(cause, ValueError) else _plain(detail["msg"])
    if is_secret(field):
        return Fault(key=key, rule=rule, value=None, fix=_set(key, example, secret=True))
    return Fault(key=key, rule=rule, value=_shown(value), fix=_set(key, example, item=_is_list(field)))


def clear_secret(name: str, field: FieldInfo, namespace: str) -> Fault:
    """Returns the fault of a secret that was given in the clear; its value is not shown."""
    key = _key(name, [], namespace)
    return Fault(
        key=key,
        rule="is a secret and stands in the clear in the stack's file: change it, since others may know it",
        value=None,
        fix=_set(key, (field.examples or ["VALUE"])[0], secret=True),
    )


def _unknown(key: str, name: str, value: object, known: Mapping[str, FieldInfo], namespace: str) -> Fault:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    hidden = bool(near) and is_secret(known[near[0]])
    meant = f"; the nearest one is {_key(near[0], [], namespace)}" if near else ""
    return Fault(
        key=key,
        rule=f"is no setting of this program{meant}",
        value=None if hidden else _shown(value),
        fix=f"pulumi config rm {key}",
    )


def _key(name: str, indexes: Sequence[object], namespace: str) -> str:
    path = "".join(f"[{index}]" for index in indexes)
    return f"{name if ':' in name else f'{namespace}:{name}'}{path}"


def _is_list(field: FieldInfo) -> bool:
    return "tuple" in str(field.annotation)


def _set(key: str, example: str, *, item: bool = False, secret: bool = False) -> str:
    """Returns the command that sets a key; a list is set by its first item unless the key names one."""
    if secret:
        # Without a value the command asks for it, and no shell history keeps it.
        return f"pulumi config set --secret {key}"
    if not item:
        return f"pulumi config set {key} {example}"
    path = key if key.endswith("]") else f"{key}[0]"
    return f"pulumi config set --path '{path}' {example}"


def _plain(message: str) -> str:
    return message[:1].lower() + message[1:]


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."
