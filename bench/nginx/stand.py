"""All servers of a measurement, started before one origin and ended with it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.nginx.servers import Server, serving
from bench.nginx.setups import DIRECT, Setup, nginx_command, origin_conf
from tests.support.nginx import free_port


@contextmanager
def standing(setups: Iterable[Setup], objects: Mapping[str, int]) -> Iterator[dict[str, Server]]:
    """Runs the origin and each setup before it, all at once: those that are not asked do nothing.

    Args:
        setups: What stands before the origin.
        objects: The sizes of the objects by their names below ``public/``, in bytes; they are holes.

    Yields:
        The servers by the name of their setup, the origin first.
    """
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="oss-proxy-bench-")))
        origin = root / "origin"
        (origin / "objects/public").mkdir(parents=True)
        for name, size in objects.items():
            with (origin / "objects/public" / name).open("wb") as file:
                file.truncate(size)
        port = free_port()
        servers = {
            DIRECT: stack.enter_context(_started(origin, port, origin_conf(origin, port), nginx_command))
        }
        for number, setup in enumerate(setups):
            folder = root / str(number)
            folder.mkdir()
            own = free_port()
            conf = setup.conf(folder, own, port)
            servers[setup.name] = stack.enter_context(_started(folder, own, conf, setup.command))
        yield servers


@contextmanager
def _started(folder: Path, port: int, conf: str, command: Callable[[Path], list[str]]) -> Iterator[Server]:
    path = folder / "server.conf"
    path.write_text(conf)
    # Caddy wants folders of its own.
    env = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with serving(command(path), folder, port, env) as server:
        yield server
