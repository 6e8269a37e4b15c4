"""How commands talk to the daemon: one line of JSON each way over a socket in the home folder.

Only the standard library, without asyncio: `localcloud run` must be quick.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localcloud.errors import LocalcloudError

TIMEOUT_S = 60.0


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """Gives a path to the socket of a length that the kernel takes, wherever the home is."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def ask(path: Path, command: str, *, timeout_s: float = TIMEOUT_S, **arguments: Any) -> Any:
    """Asks the daemon something.

    Args:
        path: The control socket.
        command: What to do.
        timeout_s: How long the answer may take.
        arguments: Values that JSON can hold.

    Raises:
        LocalcloudError: The daemon cannot be reached, or says no.
    """
    try:
        with short_path(path) as name, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(timeout_s)
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
