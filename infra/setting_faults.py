"""What is said about settings that cannot be used. Pure."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
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


@dataclass(frozen=True)
class Parts:
    """Marks a setting that is a list of objects, in its type's metadata.

    Attributes:
        fields: The parts of each object by name, with the example that a fix suggests.
    """

    fields: Mapping[str, FieldInfo]


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
    if parts := parts_of(field):
        return _of_parts(detail, key, indexes, parts)
    example = (field.examples or ["VALUE"])[0]
    if detail["type"] == "missing":
        return Fault(key=key, rule="is missing", value=None, fix=_set(key, example))
    rule = _rule(detail)
    if is_secret(field):
        return Fault(key=key, rule=rule, value=None, fix=_set(key, example, secret=True))
    return Fault(key=key, rule=rule, value=_shown(value), fix=_set(key, example, item=_is_list(field)))


def parts_of(field: FieldInfo) -> Mapping[str, FieldInfo] | None:
    """Returns the parts that each item of a list of objects has, None for any other setting."""
    return next((one.fields for one in field.metadata if isinstance(one, Parts)), None)


def _of_parts(detail: Any, key: str, indexes: Sequence[object], parts: Mapping[str, FieldInfo]) -> Fault:
    """Returns the fault of a list of objects: of the list, of an item or of an item's part."""
    item = key if indexes else f"{key}[0]"
    if detail["type"] == "extra_forbidden":
        rule = f"is no part of this setting; those are {', '.join(parts)}"
        return Fault(
            key=key, rule=rule, value=_shown(detail["input"]), fix=f"pulumi config rm --path '{key}'"
        )
    if len(indexes) > 1:
        part = parts[str(indexes[1])]
    else:
        name, part = next(iter(parts.items()))
        item += f".{name}"
    fix = _set(item, (part.examples or ["VALUE"])[0], path=True, item=_is_list(part))
    if detail["type"] == "missing":
        return Fault(key=key, rule="is missing", value=None, fix=fix)
    return Fault(key=key, rule=_rule(detail), value=_shown(detail["input"]), fix=fix)


def _rule(detail: Any) -> str:
    # A rule of ours is a ValueError; its text goes before pydantic's, which speaks of Python's types.
    cause = detail.get("ctx", {}).get("error")
    return str(cause) if isinstance(cause, ValueError) else _plain(detail["msg"])


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
    # A name after a number is a part of an item.
    path = "".join(
        f".{index}" if isinstance(index, str) and isinstance(before, int) else f"[{index}]"
        for before, index in pairwise(["", *indexes])
    )
    return f"{name if ':' in name else f'{namespace}:{name}'}{path}"


def _is_list(field: FieldInfo) -> bool:
    return "tuple" in str(field.annotation)


def _set(key: str, example: str, *, item: bool = False, secret: bool = False, path: bool = False) -> str:
    """Returns the command that sets a key; a list is set by its first item unless the key names one."""
    if secret:
        # Without a value the command asks for it, and no shell history keeps it.
        return f"pulumi config set --secret {key}"
    if item and not key.endswith("]"):
        key += "[0]"
    if not item and not path:
        return f"pulumi config set {key} {example}"
    return f"pulumi config set --path '{key}' {example}"


def _plain(message: str) -> str:
    return message[:1].lower() + message[1:]


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."
