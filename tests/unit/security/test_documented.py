"""docs/security.md tells of each rule that is enforced here, and of each that is not, with the reason."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from tests.support.project import ROOT
from tests.unit.security.catalogue import ENFORCED

WAIVERS = yaml.safe_load(Path(__file__).with_name("waivers.yaml").read_text())
DOCS = (ROOT / "docs/security.md").read_text()
TOOLS = {"checkov", "CIS", "KICS", "InfraGuard", "cnspec", "Prowler", "CloudSploit"}


def enforced() -> dict[str, tuple[str, ...]]:
    """The rules of all files here, however few of them this run collected."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        importlib.import_module(f"tests.unit.security.{path.stem}")
    return ENFORCED


def table(name: str) -> list[list[str]]:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", DOCS, re.DOTALL)
    assert found is not None
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in found[1].strip().splitlines()[2:]
    ]


def listed(ids: tuple[str, ...]) -> str:
    """The ids as the tables show them, by tool."""
    by_tool: dict[str, list[str]] = {}
    for one in ids:
        tool, name = one.split(" ", 1)
        by_tool.setdefault(tool, []).append(name)
    return "; ".join(f"{tool} {', '.join(names)}" for tool, names in by_tool.items())


def rules(waiver: dict[str, Any]) -> tuple[str, ...]:
    return tuple(f"{tool} {name}" for tool, names in waiver["rules"].items() for name in names.split())


def test_the_rules_of_the_docs_are_those_of_the_tests() -> None:
    assert table("enforced") == [[rule, listed(ids)] for rule, ids in sorted(enforced().items())]


def test_the_waivers_of_the_docs_are_those_of_the_tests() -> None:
    assert table("waived") == [[one["asks"], one["reason"], listed(rules(one))] for one in WAIVERS]


def test_no_rule_is_told_of_twice_or_of_no_tool() -> None:
    ids = [one for found in enforced().values() for one in found]
    ids += [one for waiver in WAIVERS for one in rules(waiver)]
    assert [one for one, count in Counter(ids).items() if count > 1] == []
    assert {one.split()[0] for one in ids} <= TOOLS
