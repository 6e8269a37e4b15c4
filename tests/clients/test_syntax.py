"""The kit's programs whose SDKs no package registry of these tests has: whether they are programs at all.

PHP by Debian's own php, C by the compiler against Debian's headers and a few declarations in place of the
SDK's, C# by its grammar: Debian has no .NET, so nothing here knows the SDK's types.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_c_sharp

from infra.access.context import KitContext
from infra.access.kit import kit
from tests.clients import tools
from tests.unit.access.kits import STACKS

CONTEXTS = pytest.mark.parametrize("context", STACKS.values(), ids=list(STACKS))


def php(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tools.php(), "-n", "-l", path], capture_output=True, text=True, check=False)


def c(path: Path) -> subprocess.CompletedProcess[str]:
    include = tools.c_headers()
    flags = [f"-I{Path(__file__).parent}", f"-I{include}/apr-1.0", "-D_GNU_SOURCE"]
    return subprocess.run(
        ["gcc", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", *flags, path],
        capture_output=True,
        text=True,
        check=False,
    )


def has_error(source: str) -> bool:
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c_sharp.language()))
    return parser.parse(source.encode()).root_node.has_error


@CONTEXTS
def test_php(context: KitContext, tmp_path: Path) -> None:
    program = tmp_path / "read.php"
    program.write_text(kit(context)["php/read.php"])
    done = php(program)
    assert done.returncode == 0, done.stdout + done.stderr
    program.write_text(program.read_text() + "}")
    assert php(program).returncode != 0


@CONTEXTS
def test_c(context: KitContext, tmp_path: Path) -> None:
    program = tmp_path / "read.c"
    program.write_text(kit(context)["c/read.c"])
    done = c(program)
    assert done.returncode == 0, done.stderr
    program.write_text(program.read_text().replace("status->req_id", "status->request"))
    assert c(program).returncode != 0


@CONTEXTS
def test_c_sharp(context: KitContext) -> None:
    source = kit(context)["dotnet/read.cs"]
    assert not has_error(source)
    assert has_error(source.replace("return 0;", "return 0"))
