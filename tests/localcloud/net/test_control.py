"""Commands and the daemon."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from localcloud.control import ask
from localcloud.control_server import ControlServer
from localcloud.errors import LocalcloudError


async def answer(request: Mapping[str, Any]) -> Any:
    if request["command"] == "refuse":
        raise LocalcloudError("not now")
    if request["command"] == "break":
        raise ValueError("bug")
    return {"got": request}


async def test_questions_answers_and_refusals(tmp_path: Path) -> None:
    # Longer than the kernel takes as the address of a socket.
    path = tmp_path / ("x" * 120) / "control.sock"
    path.parent.mkdir()
    server = ControlServer(path, answer)
    await server.start()
    try:
        assert await asyncio.to_thread(ask, path, "status", place="ü") == {
            "got": {"command": "status", "place": "ü"}
        }
        with pytest.raises(LocalcloudError, match=r"^not now$"):
            await asyncio.to_thread(ask, path, "refuse")
        with pytest.raises(LocalcloudError, match=r"failed \(bug\).*localcloud logs"):
            await asyncio.to_thread(ask, path, "break")
    finally:
        await server.close()
    assert not path.exists()


def test_a_daemon_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(LocalcloudError, match=r"does not answer.*localcloud down"):
        ask(tmp_path / "control.sock", "status")
