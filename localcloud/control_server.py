"""The daemon's end of the control socket; see `localcloud.control`."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from localcloud.control import short_path
from localcloud.errors import LocalcloudError

_log = logging.getLogger("localcloud.control")

Answerer = Callable[[Mapping[str, Any]], Awaitable[Any]]


class ControlServer:
    """Answers commands.

    Args:
        path: The control socket; one that is left over is replaced.
        answer: Answers a request; a `LocalcloudError` it raises is told to the asker.
    """

    def __init__(self, path: Path, answer: Answerer) -> None:
        self._path = path
        self._answer = answer
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begins to answer."""
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with short_path(self._path) as name:
            listener.bind(name)
        self._path.chmod(0o600)
        listener.listen()
        listener.setblocking(False)
        self._server = await asyncio.start_unix_server(self._serve, sock=listener)

    async def close(self) -> None:
        """Ends answering."""
        if self._server is not None:
            self._server.close()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            if not line:
                return
            try:
                reply = {"result": await self._answer(json.loads(line))}
            except LocalcloudError as error:
                reply = {"error": str(error)}
            except Exception as error:
                _log.exception("request failed: %s", line.decode(errors="replace").strip())
                reply = {"error": f"The daemon failed ({error}). See: localcloud logs"}
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()
        except ConnectionError:
            _log.debug("the asker is gone")
        finally:
            writer.close()
