"""The documents say of the settings and outputs what the program does."""

from __future__ import annotations

import re

import yaml

from infra import outputs
from tests.support.project import ROOT

SETTINGS = (ROOT / "docs/settings.md").read_text()


def table(name: str) -> list[list[str]]:
    """The rows of the table between a pair of markers, without its head."""
    found = re.search(rf"<!-- {name}[^>]*-->\n(.*?)<!-- /{name} -->", SETTINGS, re.DOTALL)
    assert found is not None
    rows = [line for line in found[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_the_settings_are_those_of_pulumi_yaml() -> None:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    expected = [
        [f"`{key}`", spec["description"], f"`{default}`" if (default := _shown(spec["default"])) else ""]
        for key, spec in declared.items()
    ]
    assert table("settings") == expected


def test_the_outputs_are_those_of_the_program() -> None:
    named = {value for name, value in vars(outputs).items() if name.isupper()}
    assert {row[0].strip("`") for row in table("outputs")} == named


def _shown(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else "" if default in ("", []) else str(default)
