"""``python -m infra.access``: writes the access kit of a stack into a folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra import outputs
from infra.access.context import AccessError, KitContext, loaded
from infra.access.kit import kit
from infra.errors import ProgramError
from infra.stack_outputs import stack_outputs


def main(words: Sequence[str]) -> int:
    """Runs the command.

    Args:
        words: The command line's words.

    Returns:
        The exit status: 0, or 1 when the kit cannot be written.
    """
    parser = argparse.ArgumentParser(
        prog="python -m infra.access",
        description="Writes what clients of the bucket need: commands, settings, programs, a diagnosis. "
        "No key is among it.",
    )
    parser.add_argument("--stack", default="", help="the stack's name (default: the selected one)")
    parser.add_argument("--dir", default="", help="the folder (default: access/STACK)")
    arguments = parser.parse_args(words)
    try:
        context = loaded(_facts(stack_outputs(arguments.stack)))
        folder = Path(arguments.dir or f"access/{context.stack}")
        written(context, folder)
    except ProgramError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{folder / 'README.md'}: who uses what")
    return 0


def written(context: KitContext, folder: Path) -> None:
    """Writes the kit's files over those of the same names.

    Raises:
        AccessError: When the folder cannot be written to.
        RenderError: When a text cannot be made; nothing was written then.
    """
    texts = kit(context)
    try:
        for name, text in texts.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o755 if text.startswith("#!") else 0o644)
    except OSError as error:
        raise AccessError(
            f"the kit cannot be written: {error}", fix="name another folder with --dir."
        ) from error


def _facts(found: Mapping[str, object]) -> str:
    facts = found.get(outputs.ACCESS_FACTS)
    if not isinstance(facts, str):
        raise AccessError(
            "the stack has no output access_facts",
            fix="run pulumi up with this release of the program, then try again.",
        )
    return facts


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
