"""Names and descriptions that people give to resources."""

from __future__ import annotations

from localcloud.rpc.errors import ApiError
from localcloud.rpc.params import Params

NAME_CHARACTERS = 128
DESCRIPTION_CHARACTERS = 256
_LINKS = ("http://", "https://")


def read_name(params: Params, parameter: str, default: str = "") -> str:
    """Reads a name.

    Raises:
        ApiError: ``Invalid<parameter>.Malformed``.
    """
    return _read(params, parameter, default, NAME_CHARACTERS)


def read_description(params: Params, default: str = "", parameter: str = "Description") -> str:
    """Reads a description.

    Raises:
        ApiError: ``Invalid<parameter>.Malformed``.
    """
    return _read(params, parameter, default, DESCRIPTION_CHARACTERS)


def _read(params: Params, parameter: str, default: str, longest: int) -> str:
    value = params.text(parameter, default)
    if len(value) > longest or value.startswith(_LINKS):
        raise ApiError(
            f"Invalid{parameter}.Malformed",
            f"The specified {parameter} is not valid: it has to be {longest} characters at most "
            "and must not begin with http:// or https://.",
        )
    return value
