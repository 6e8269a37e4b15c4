"""Which image is the newest, and what `make image` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from infra import newest_image
from infra.images import Image, newest, report
from infra.newest_image import images_of
from infra.sdk_rpc import RpcClient
from tests.support.project import ROOT

OLD = Image(id="m-old", name="debian_13_2_x64_20G_alibase_20260910.vhd", created="2026-09-10T00:00:00Z")
NEW = Image(id="m-new", name="debian_13_x64_20G_alibase_20261120.vhd", created="2026-11-20T00:00:00Z")


@pytest.mark.parametrize(
    "name",
    [
        "debian_12_12_x64_20G_alibase_20261201.vhd",
        "debian_13_2_arm64_20G_alibase_20261201.vhd",
        "my_debian_13_2_x64_20G_alibase_20261201.vhd",
        "debian_130_x64_20G_alibase_20261201.vhd",
    ],
)
def test_the_newest_debian_13_of_the_processor_is_found(name: str) -> None:
    other = Image(id="m-other", name=name, created="2026-12-01T00:00:00Z")
    assert newest([OLD, other, NEW]) == newest([NEW, OLD, other]) == NEW
    assert newest([other]) is None


def said(latest: Image | None, running: str | None) -> str:
    return report(region="cn-hangzhou", stack="prod", latest=latest, running=running)


def test_a_stack_with_an_older_image_is_told_the_one_command() -> None:
    text = said(NEW, "m-old")
    assert "m-new (of 2026-11-20)" in text
    assert "prod runs m-old and keeps it" in text
    assert "\n  pulumi config set --stack prod oss-proxy:imageId m-new\n" in text


def test_a_stack_with_the_newest_image_or_none_is_told_no_command() -> None:
    assert "runs it" in said(NEW, "m-new")
    assert "no instance yet" in said(NEW, None)
    assert "offers no image" in said(None, "m-old")
    for text in (said(NEW, "m-new"), said(NEW, None), said(None, "m-old")):
        assert "pulumi config set" not in text


class Pages(RpcClient):
    """Answers pages of a hundred."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.asked: list[int] = []

    def call(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        page = params["PageNumber"]
        self.asked.append(page)
        numbers = range((page - 1) * 100, min(page * 100, self.total))
        rows = [{"ImageId": f"m-{n}", "ImageName": f"m-{n}", "CreationTime": ""} for n in numbers]
        return {"TotalCount": self.total, "Images": {"Image": rows}}


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (100, 1), (101, 2), (250, 3)])
def test_every_page_is_read(total: int, pages: int) -> None:
    client = Pages(total)
    assert len(images_of(client)) == total
    assert client.asked == list(range(1, pages + 1))


def test_a_stack_that_pulumi_does_not_know(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(newest_image.subprocess, "run", _failed)
    assert newest_image.main("nobodys") == 1
    assert "no stack named 'nobodys'" in capsys.readouterr().err


def _failed(arguments: list[str], **_: Any) -> Any:
    return newest_image.subprocess.CompletedProcess(
        arguments, 255, "", "error: no stack named 'nobodys' found"
    )


def test_the_docs_show_what_is_said() -> None:
    old, new = (
        f"debian_13_{rest}.vhd" for rest in ("2_x64_20G_alibase_20260910", "3_x64_20G_alibase_20261120")
    )
    latest = Image(id=new, name=new, created="2026-11-20T00:00:00Z")
    text = report(region="cn-hangzhou", stack="prod", latest=latest, running=old)
    assert text in (ROOT / "docs/changes.md").read_text()
