"""``oss-diagnose``: the modules of ``infra.access.diagnose`` as one file, with a stack's names. Pure."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from infra.access.context import KitContext
from infra.text import rendered

SOURCES = Path(__file__).with_name("diagnose")
# Each stands on those before it.
MODULES = ("report", "network", "place", "signing", "meanings", "target", "reach", "ask", "program")
_OWN = "infra.access.diagnose"


def oss_diagnose(context: KitContext) -> str:
    """Returns the program's text.

    Raises:
        RenderError: When the template asks for a value that is not there.
    """
    imports: dict[str, set[str]] = {"os": set()}
    parts = []
    for name in MODULES:
        text = (SOURCES / f"{name}.py").read_text(encoding="utf-8")
        imported, body = _taken_apart(text)
        for module, names in imported.items():
            imports.setdefault(module, set()).update(names)
        parts.append(f"# --- {name} " + "-" * (74 - len(name)) + f"\n\n{body}")
    defaults = {
        "endpoint": context.endpoint,
        "bucket": context.bucket,
        "region": context.region,
        "key": context.key,
        "proxy": context.proxy.url,
    }
    values = {
        "bucket": context.bucket,
        "region": context.region,
        "imports": "\n".join(_import_lines(imports)),
        "body": "\n\n".join(parts),
        "defaults": json.dumps(defaults, indent=4, ensure_ascii=False),
    }
    return rendered("access/oss-diagnose.j2", values)


def _taken_apart(text: str) -> tuple[dict[str, set[str]], str]:
    """Returns what a module imports from which others, and what is left without that and its docstring."""
    tree = ast.parse(text)
    lines = text.splitlines()
    imports: dict[str, set[str]] = {}
    for number, node in enumerate(tree.body):
        if isinstance(node, ast.Import):
            imports.update({alias.name: set() for alias in node.names})
        elif isinstance(node, ast.ImportFrom) and node.module:
            if not node.module.startswith(_OWN):
                imports.setdefault(node.module, set()).update(alias.name for alias in node.names)
        elif number > 0 or not isinstance(node, ast.Expr):
            continue
        last = node.end_lineno or node.lineno
        lines[node.lineno - 1 : last] = [""] * (last - node.lineno + 1)
    return imports, "\n".join(lines).strip() + "\n"


def _import_lines(imports: dict[str, set[str]]) -> list[str]:
    whole = [f"import {module}" for module in sorted(imports) if not imports[module]]
    parts = [
        f"from {module} import {', '.join(sorted(names))}"
        for module, names in sorted(imports.items())
        if names
    ]
    return whole + parts
