"""Text from the templates. Pure: the same bytes for the same values.

Jinja2 is imported when there is something to render: not in the processes of the dynamic resources and of the
SDKs, which wait for nothing so long as for imports.
"""

from __future__ import annotations

import base64
import functools
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.errors import ProgramError

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


class RenderError(ProgramError):
    """Text that cannot be made from these values, or that the cloud would not accept."""


def rendered(template: str, values: Mapping[str, Any]) -> str:  # a template has no types
    """Returns a template's text with these values in it.

    Args:
        template: The file below ``templates/``.
        values: The template's variables; one that it asks for and that is not among them is an error.

    Raises:
        RenderError: When the template cannot be rendered from these values.
    """
    from jinja2 import TemplateError

    try:
        return _environment(TEMPLATES).get_template(template).render(values)
    except TemplateError as error:
        raise RenderError(
            f"the template {template} cannot be rendered: {error}",
            fix="mend the template, or give it the value.",
        ) from error


def read(name: str) -> str:
    """Returns a file below ``templates/`` as it is."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _yaml_string(text: str) -> str:
    """Writes text as a YAML scalar; every JSON string is one."""
    return json.dumps(text, ensure_ascii=False)


def _packed(text: str) -> str:
    """Returns text as cloud-init's ``gz+b64``, which takes a third of the space."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


@functools.cache
def _environment(templates: Path) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - neither nginx's language nor YAML is HTML; values are checked instead
    )
    environment.filters["yaml_string"] = _yaml_string
    environment.filters["packed"] = _packed
    return environment
