"""Python modules as they travel to an instance: what only readers and type checkers need stays here. Pure."""

from __future__ import annotations

import ast
import functools
from pathlib import Path


@functools.cache
def bare(*paths: Path, alone: bool = False) -> str:
    """Returns modules as one, without comments, docstrings and types, which are half of them.

    Args:
        paths: The modules, each behind those that it imports.
        alone: Whether they import nothing else of the program, and so become a program of their own.
    """
    return "\n".join(ast.unparse(_stripped(path, alone)) for path in paths)


def _stripped(path: Path, alone: bool) -> ast.Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    # A dataclass's fields keep their types, and these the names in them.
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    tree.body = [node for node in tree.body if not _is_idle(node, used, alone)]
    return tree


def _is_idle(node: ast.stmt, used: set[str], alone: bool) -> bool:
    """Takes the names that nothing uses out of an import; whether none is left."""
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return False
    if alone and isinstance(node, ast.ImportFrom) and (node.module or "").startswith("infra."):
        return True
    node.names = [one for one in node.names if (one.asname or one.name).partition(".")[0] in used]
    return not node.names
