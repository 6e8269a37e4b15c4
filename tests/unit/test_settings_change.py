"""The table of docs/changes.md is the one that is tested, and no setting is missing in it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra.protection import REPLACING
from tests.offline.change_rows import (
    ADDRESS,
    DATA_PLANE,
    EFFECTS,
    INSTANCE,
    MANAGED_ROWS,
    NETWORK,
    ROWS,
)
from tests.support.project import ROOT
from tests.unit.fakes import FakeCloud
from tests.unit.raw import raw
from tests.unit.recorder import deploy

DOCS = (ROOT / "docs/changes.md").read_text()


def documented() -> dict[tuple[str, ...], str]:
    table = re.search(r"<!-- changes -->\n(.*?)<!-- /changes -->", DOCS, re.DOTALL)
    assert table is not None
    rows = [line.strip("|").split("|") for line in table[1].splitlines()[2:]]
    return {tuple(re.findall(r"`(\w+)`", settings)): effect.strip() for settings, effect in rows}


def test_the_docs_say_what_is_tested() -> None:
    tested = {row.settings: row.effect for row in MANAGED_ROWS}
    # A managed bucket's own rows are those of its settings; the others speak of the default mode.
    tested.update({row.settings: row.effect for row in ROWS})
    assert documented() == tested


def test_every_setting_has_one_row(project_file: dict[str, Any]) -> None:
    settings = [name for row in documented() for name in row]
    assert sorted(settings) == sorted(project_file["config"])


def test_every_effect_is_explained() -> None:
    for effect in EFFECTS:
        assert f"\n| {effect} |" in DOCS


def test_an_effect_is_what_its_operations_do() -> None:
    for row in (*ROWS, *MANAGED_ROWS):
        replaced = {name for name, kind in row.operations.items() if kind == "replace"}
        assert ("proxy-vpc" in replaced) == (row.effect == NETWORK), row
        assert ("proxy-instance" in replaced) == (row.effect in (INSTANCE, NETWORK)), row
        assert ("proxy-eip" in replaced) == (row.effect == ADDRESS), row


def test_what_replaces_is_what_the_protection_remembers() -> None:
    replacing = {name for row in ROWS for name in row.settings if row.effect in (INSTANCE, NETWORK, ADDRESS)}
    assert replacing == set(REPLACING)


@pytest.mark.parametrize("setting", DATA_PLANE)
def test_each_setting_of_nginx_alone_brings_another_configuration(
    values: dict[str, str], cloud: FakeCloud, setting: str
) -> None:
    changed = {**values, **{key: raw(value) for key, value in DATA_PLANE.items()}}
    before = deploy({**changed, setting: values[setting]})["proxy-configuration"].inputs
    after = deploy(changed)["proxy-configuration"].inputs
    assert before["nginx_conf"] != after["nginx_conf"]
