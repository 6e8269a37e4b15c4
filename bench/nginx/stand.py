"""All servers of a measurement, started before one origin and ended with it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from bench.nginx.secure_setups import issue
from bench.nginx.secure_setups import origin_conf as origin_conf_secure
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
    with _standing(setups, objects, origin_conf, lambda _: None) as servers:
        yield servers


@contextmanager
def _standing(
    setups: Iterable[Setup],
    objects: Mapping[str, int],
    origin_conf: Callable[[Path, int], str],
    prepare: Callable[[Path], None],
) -> Iterator[dict[str, Server]]:
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
            prepare(folder)
            own = free_port()
            conf = setup.conf(folder, own, port)
            servers[setup.name] = stack.enter_context(_started(folder, own, conf, setup.command))
        yield servers


@contextmanager
def standing_secure(setups: Iterable[Setup], objects: Mapping[str, int]) -> Iterator[dict[str, Server]]:
    """Runs the same over HTTPS; the origin is asked over it too, by whoever asks it directly."""
    secure_port = free_port()

    def conf(folder: Path, port: int) -> str:
        issue(folder)
        return origin_conf_secure(folder, port, secure_port)

    with _standing(setups, objects, conf, issue) as servers:
        yield {**servers, DIRECT: replace(servers[DIRECT], port=secure_port)}


@contextmanager
def _started(folder: Path, port: int, conf: str, command: Callable[[Path], list[str]]) -> Iterator[Server]:
    path = folder / "server.conf"
    path.write_text(conf)
    # Caddy wants folders of its own.
    env = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with serving(command(path), folder, port, env) as server:
        yield server
