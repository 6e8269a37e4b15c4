"""Reads a preview's log of events: reports it for a reviewer, and judges what a deploy may do.

Runs under any Python from 3.11 with nothing installed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Nothing that exists is lost by these. Whatever else an engine may call a step counts as a deletion.
# Source: pulumi/pkg/v3/resource/deploy/step.go (v3.256.0).
HARMLESS = frozenset({"same", "create", "update", "read", "refresh", "import", "diff", "discard"})
UNREMARKABLE = frozenset({"same", "read", "refresh", "diff", "discard"})
ALL = "all"
REFUSED = 3
KINDS = ("delete", "replace", "update", "create")
# GitHub takes 65536 characters in a comment.
TEXT_MAX_CHARACTERS = 55_000
SECRET_NAMES = re.compile(r"ACCESS_KEY|SECRET|TOKEN|PASS(WORD|PHRASE)", re.IGNORECASE)
SECRET_MIN_CHARACTERS = 8


class IncompleteError(Exception):
    """The log does not tell all that the preview found."""


@dataclass(frozen=True)
class Change:
    """What happens to one resource.

    Attributes:
        name: Its logical name.
        kind: ``create``, ``update``, ``replace`` or ``delete``.
        type: Its type, for example ``alicloud:ecs/instance:Instance``.
        why: The properties that differ.
    """

    name: str
    kind: str
    type: str
    why: tuple[str, ...] = ()

    @property
    def is_destructive(self) -> bool:
        """Whether something that exists would be gone, if only for a time."""
        return self.kind in ("replace", "delete")


def read_changes(log: Path) -> list[Change]:
    """Reads the changes from a log of events, those that destroy first.

    Raises:
        IncompleteError: The log is missing, broken or has no end.
    """
    steps: dict[str, Change] = {}
    complete = False
    try:
        for line in log.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            complete = complete or "summaryEvent" in event
            if "resourcePreEvent" in event:
                _add(steps, event["resourcePreEvent"]["metadata"])
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as fault:
        raise IncompleteError(f"the preview's log of events cannot be read: {fault}") from fault
    if not complete:
        raise IncompleteError("the preview's log of events has no end")
    return sorted(steps.values(), key=lambda change: (KINDS.index(change.kind), change.name))


def _add(steps: dict[str, Change], metadata: Mapping[str, Any]) -> None:
    urn, operation, type_ = metadata["urn"], metadata["op"], metadata.get("type", "")
    state = metadata.get("new") or metadata.get("old") or {}
    # Plug-ins, the stack itself and groups of resources are nothing in the cloud.
    if operation in UNREMARKABLE or type_.startswith("pulumi:") or not state.get("custom", True):
        return
    if operation in HARMLESS:
        kind = "update" if operation == "update" else "create"
    else:
        kind = "replace" if "replace" in operation else "delete"
    why = tuple(metadata.get("keys") or metadata.get("diffs") or ())
    before = steps.get(urn)
    if before is not None:
        # A replacement is told in several steps.
        kind = min(kind, before.kind, key=KINDS.index)
        why = tuple(dict.fromkeys((*before.why, *why)))
    steps[urn] = Change(urn.rpartition("::")[2], kind, type_, why)


def refused(changes: Sequence[Change], allow: str) -> list[Change]:
    """The destructive changes that nobody allowed.

    Args:
        changes: What the preview found.
        allow: Names of resources, separated by white space or commas; or ``all``.
    """
    allowed = set(re.split(r"[\s,]+", allow.strip()))
    return [
        change
        for change in changes
        if change.is_destructive and change.name not in allowed and ALL not in allowed
    ]


def verdict(stack: str, faults: Sequence[Change], allow: str) -> str:
    """Says why a deploy is refused and what to do."""
    lines = [f"  {one.kind:<8} {one.name}  ({', '.join(one.why) or one.type})" for one in faults]
    names = " ".join(
        dict.fromkeys([*re.split(r"[\s,]+", allow.strip()), *(one.name for one in faults)])
    ).strip()
    return "\n".join(
        [
            f"Refused, and nothing was changed: the update of {stack} would",
            *lines,
            "What is replaced is away until its successor is there. If that is what the review agreed to:",
            f"  DEPLOY_ALLOW='{names}' ci/deploy {stack}",
            "On GitHub: Actions, deploy, Run workflow, with these names in the field.",
        ]
    )


def report(stack: str, changes: Sequence[Change] | None, text: str, exit_code: int) -> str:
    """Writes the Markdown for a reviewer.

    Args:
        stack: The stack; its name in the first line lets a later report take this one's place.
        changes: What the preview found, or None when it did not come to its end.
        text: All that it printed.
        exit_code: How it ended.
    """
    parts = [
        f"<!-- oss-proxy preview of {stack} -->",
        f"### Preview of `{stack}`: {_headline(changes, exit_code)}",
        "",
    ]
    if changes and exit_code == 0:
        parts += ["| | resource | type | because of |", "|---|---|---|---|"]
        parts += [
            f"| {f'**{one.kind}**' if one.is_destructive else one.kind} | `{_cell(one.name)}` "
            f"| `{_cell(one.type)}` | {', '.join(f'`{_cell(key)}`' for key in one.why)} |"
            for one in changes
        ]
        if any(one.is_destructive for one in changes):
            parts += ["", "> A deploy refuses what is **bold** until it is allowed by name."]
    if len(text) > TEXT_MAX_CHARACTERS:
        text = text[:TEXT_MAX_CHARACTERS] + "\n... shortened; `pulumi preview --diff` shows the whole.\n"
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    opened = " open" if exit_code else ""
    parts += ["", f"<details{opened}><summary>In full</summary>", "", f"{fence}text"]
    return "\n".join([*parts, text.rstrip(), fence, "", "</details>", ""])


def _headline(changes: Sequence[Change] | None, exit_code: int) -> str:
    if exit_code or changes is None:
        return "it failed, and a deploy would"
    if not changes:
        return "no change"
    counts = Counter(change.kind for change in changes)
    return ", ".join(f"{counts[kind]} to {kind}" for kind in KINDS if counts[kind])


def _cell(text: str) -> str:
    return re.sub(r"[|`\s]+", " ", text)


def without_secrets(text: str, environment: Mapping[str, str]) -> str:
    """Takes the values of secret variables out of a text.

    Pulumi hides its own secrets; this is for keys that somebody's error message may repeat.
    """
    values = {
        value
        for name, value in environment.items()
        if SECRET_NAMES.search(name) and len(value) >= SECRET_MIN_CHARACTERS
    }
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "[secret]")
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit code of the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("report", "judge"))
    parser.add_argument("--stack", required=True)
    parser.add_argument("--events", type=Path, required=True)
    parser.add_argument("--text", type=Path)
    parser.add_argument("--exit-code", type=int, default=0)
    parser.add_argument("--allow", default="")
    parsed = parser.parse_args(arguments)
    changes: list[Change] | None = None
    try:
        changes = read_changes(parsed.events)
    except IncompleteError as fault:
        if parsed.command == "judge":
            print(f"Refused, and nothing was changed: {fault}.", file=sys.stderr)
            return REFUSED
    if parsed.command == "report":
        text = without_secrets(parsed.text.read_text(encoding="utf-8", errors="replace"), os.environ)
        print(report(parsed.stack, changes, text, parsed.exit_code), end="")
        return 0
    faults = refused(changes or (), parsed.allow)
    if faults:
        print(verdict(parsed.stack, faults, parsed.allow), file=sys.stderr)
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
