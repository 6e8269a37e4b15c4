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
    imports = {"import os"}
    parts = []
    for name in MODULES:
        text = (SOURCES / f"{name}.py").read_text(encoding="utf-8")
        imported, body = _taken_apart(text)
        imports |= imported
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
        "imports": "\n".join(sorted(imports, key=lambda line: (line.startswith("from"), line))),
        "body": "\n\n".join(parts),
        "defaults": json.dumps(defaults, indent=4, ensure_ascii=False),
    }
    return rendered("access/oss-diagnose.j2", values)


def _taken_apart(text: str) -> tuple[set[str], str]:
    """Returns a module's imports of others, and what is left without its docstring."""
    tree = ast.parse(text)
    lines = text.splitlines()
    imports = set()
    for number, node in enumerate(tree.body):
        is_docstring = number == 0 and isinstance(node, ast.Expr)
        if not isinstance(node, (ast.Import, ast.ImportFrom)) and not is_docstring:
            continue
        own = isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_OWN)
        if not is_docstring and not own:
            imports.add(ast.unparse(node))
        last = node.end_lineno or node.lineno
        lines[node.lineno - 1 : last] = [""] * (last - node.lineno + 1)
    return imports, "\n".join(lines).strip() + "\n"
