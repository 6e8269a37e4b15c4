"""The types of the settings that nginx's configuration is made from. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from infra.nginx import rules
from infra.nginx.context import Presigned
from infra.setting_types import distinct, parsed

__all__ = ["Presigned", "QueryNames"]


def _query_name(name: str) -> str:
    rules.require_query_name(name)
    return name


QueryNames = Annotated[
    tuple[Annotated[str, AfterValidator(_query_name)], ...],
    BeforeValidator(parsed),
    AfterValidator(distinct),
]
