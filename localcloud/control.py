"""How commands talk to the daemon: one line of JSON each way over a socket in the home folder."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localcloud.errors import LocalcloudError

TIMEOUT_S = 60.0
_log = logging.getLogger("localcloud.control")

Answerer = Callable[[Mapping[str, Any]], Awaitable[Any]]


@contextmanager
def _short_path(path: Path) -> Iterator[str]:
    """Gives a path to the socket of a length that the kernel takes, wherever the home is."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def ask(path: Path, command: str, **arguments: Any) -> Any:
    """Asks the daemon something.

    Args:
        path: The control socket.
        command: What to do.
        arguments: Values that JSON can hold.

    Raises:
        LocalcloudError: The daemon cannot be reached, or says no.
    """
    try:
        with _short_path(path) as name, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(TIMEOUT_S)
            client.connect(name)
            client.sendall(json.dumps({"command": command, **arguments}).encode() + b"\n")
            with client.makefile("rb") as file:
                line = file.readline()
    except OSError as error:
        raise LocalcloudError(
            f"The daemon does not answer ({error}). Restart it: localcloud down, localcloud up."
        ) from error
    if not line:
        raise LocalcloudError("The daemon ended while it was asked. See: localcloud logs")
    reply = json.loads(line)
    if "error" in reply:
        raise LocalcloudError(reply["error"])
    return reply["result"]


class ControlServer:
    """The daemon's end.

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
        with _short_path(self._path) as name:
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
