"""Typed access to the flat parameters of a request.

Lists and objects are flattened in the request: ``Tag.1.Key=env``, ``SecurityGroupIds.1=sg-1``,
``SystemDisk.Category=cloud_essd``; some old lists are JSON texts: ``InstanceIds=["i-1"]``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from localcloud.rpc.errors import invalid_parameter, missing_parameter


class Params:
    """The parameters of one request, or of one element inside it.

    An empty value counts as not given, as it does in the cloud.

    Args:
        values: The flat parameters.
        prefix: What stood before these names in the request, for error messages.
    """

    def __init__(self, values: Mapping[str, str], prefix: str = "") -> None:
        self._values = dict(values)
        self._prefix = prefix

    def text(self, name: str, default: str = "") -> str:
        """Returns a text, or the default when it is absent or empty."""
        return self._values.get(name) or default

    def given(self, name: str) -> bool:
        """Whether the request names this parameter at all, be it with an empty value."""
        return name in self._values

    def require(self, name: str) -> str:
        """Returns a text.

        Raises:
            ApiError: ``MissingParameter`` when it is absent or empty.
        """
        value = self.text(name)
        if not value:
            raise missing_parameter(self._prefix + name)
        return value

    def integer(self, name: str, default: int, *, low: int | None = None, high: int | None = None) -> int:
        """Returns a whole number within bounds (both included).

        Raises:
            ApiError: ``InvalidParameter`` when it is no number or out of bounds.
        """
        text = self.text(name)
        if not text:
            return default
        try:
            value = int(text)
        except ValueError:
            raise invalid_parameter(self._prefix + name) from None
        if (low is not None and value < low) or (high is not None and value > high):
            raise invalid_parameter(self._prefix + name)
        return value

    def number(self, name: str, default: float) -> float:
        """Returns a number.

        Raises:
            ApiError: ``InvalidParameter`` when it is none.
        """
        try:
            return float(self.text(name) or default)
        except ValueError:
            raise invalid_parameter(self._prefix + name) from None

    def flag(self, name: str, default: bool = False) -> bool:
        """Returns a boolean: ``true`` or ``false`` in any case.

        Raises:
            ApiError: ``InvalidParameter`` for anything else.
        """
        text = self.text(name).lower()
        if not text:
            return default
        if text not in ("true", "false"):
            raise invalid_parameter(self._prefix + name)
        return text == "true"

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """Returns one of the allowed texts.

        Raises:
            ApiError: ``InvalidParameter`` for any other.
        """
        value = self.text(name, default)
        if value not in allowed:
            raise invalid_parameter(self._prefix + name, f"It must be one of {', '.join(allowed)}.")
        return value

    def items(self, name: str) -> list[str]:
        """Returns a numbered list: ``name.1``, ``name.2`` and so on; a bare ``name`` is a list of one."""
        numbered = [(index, value) for index, rest, value in self._numbered(name) if not rest and value]
        if numbered:
            return [value for _, value in sorted(numbered)]
        return [self._values[name]] if self._values.get(name) else []

    def json_items(self, name: str) -> list[str] | None:
        """Returns a list sent as JSON text, or None when it is absent.

        Raises:
            ApiError: ``InvalidParameter`` when it is not a JSON list of texts.
        """
        text = self.text(name)
        if not text:
            return None
        try:
            value = json.loads(text)
        except ValueError:
            raise invalid_parameter(self._prefix + name) from None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise invalid_parameter(self._prefix + name)
        return value

    def group(self, name: str) -> Params:
        """Returns the members of one object: ``name.Member``."""
        start = name + "."
        inner = {key[len(start) :]: value for key, value in self._values.items() if key.startswith(start)}
        return Params(inner, f"{self._prefix}{start}")

    def groups(self, name: str) -> list[Params]:
        """Returns the objects of a numbered list: ``name.1.Member``."""
        found: dict[int, dict[str, str]] = {}
        for index, rest, value in self._numbered(name):
            if rest:
                found.setdefault(index, {})[rest] = value
        return [Params(found[index], f"{self._prefix}{name}.{index}.") for index in sorted(found)]

    def as_dict(self) -> dict[str, str]:
        """Returns a copy of the flat parameters."""
        return dict(self._values)

    def __bool__(self) -> bool:
        return bool(self._values)

    def _numbered(self, name: str) -> list[tuple[int, str, str]]:
        found = []
        start = name + "."
        for key, value in self._values.items():
            if key.startswith(start):
                index, _, rest = key[len(start) :].partition(".")
                if index.isascii() and index.isdigit():
                    found.append((int(index), rest, value))
        return found
