"""The process of the authority: started with a fresh root of its own, ended with the cloud at the latest."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import signal
import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import aiohttp

from localcloud import linux
from localcloud.acme.naming import HOST
from localcloud.acme.settings import MANAGEMENT_PORT, PORT, AcmeSettings, configuration, environment
from localcloud.ca import CertificateAuthority
from localcloud.errors import LocalcloudError

START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 5.0
_LINE_MAX_BYTES = 1 << 20
_ISSUED = re.compile(rb"Issued certificate serial (?P<serial>[0-9a-f]+) for order")
_log = logging.getLogger("localcloud.acme")

T = TypeVar("T")


class Pebble:
    """A running authority.

    Args:
        folder: The folder of its files.
        settings: How it behaves.
        inside: Does work on the host that it runs on.

    Attributes:
        settings: How it behaves.
        serials: The serial numbers of the certificates that it has issued, in hexadecimal, oldest first.
    """

    def __init__(
        self, folder: Path, settings: AcmeSettings, inside: Callable[[Callable[[], T]], T] | None = None
    ) -> None:
        self.settings = settings
        self.serials: list[str] = []
        self._folder = folder
        self._inside = inside
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._session: aiohttp.ClientSession | None = None

    @property
    def running(self) -> bool:
        """Whether it answers, unless it is starting."""
        return self._process is not None and self._process.returncode is None

    @property
    def log(self) -> Path:
        """The file with all that it said."""
        return self._folder / "pebble.log"

    async def start(self, command: Sequence[str], authority: CertificateAuthority, resolver: str) -> None:
        """Starts it and waits until it answers.

        Args:
            command: The program, with what moves it to its host before it.
            authority: Issues the certificate by which the front knows it.
            resolver: Address of the name server that it asks.

        Raises:
            LocalcloudError: It cannot be started; the message ends with what it said.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        certificate, key = self._folder / "tls.pem", self._folder / "tls.key"
        authority.write_certificate(HOST, certificate, key)
        config = self._folder / "pebble.json"
        config.write_text(configuration(self.settings, certificate, key))
        self._process = await asyncio.create_subprocess_exec(
            *(*command, "-config", str(config), "-dnsserver", f"{resolver}:53"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=os.environ | environment(self.settings),
            limit=_LINE_MAX_BYTES,
            start_new_session=True,
            # A daemon that is killed takes it along.
            preexec_fn=lambda: linux.die_with_parent(signal.SIGKILL),
        )
        self._reader = asyncio.create_task(self._read(self._process))
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                ssl=authority.client_context(), socket_factory=self._open_socket, limit=0
            ),
            auto_decompress=False,
        )
        try:
            await self._wait_until_it_answers(self._process)
        except BaseException:
            await self.stop()
            raise
        _log.info("the authority runs, process %d: %s", self._process.pid, self.settings)

    async def stop(self) -> None:
        """Ends it; what it has issued is forgotten, and its root with it."""
        if self._session is not None:
            await self._session.close()
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await self._process.wait()
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()
        if self._reader is not None:
            await self._reader

    def request(
        self, method: str, path: str, *, management: bool = False, **more: object
    ) -> contextlib.AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Asks it something, with or without its public side's rules.

        Args:
            method: The HTTP method.
            path: Path and query, as they travel.
            management: Whether to ask the side that clients do not reach.
            more: For aiohttp.
        """
        if self._session is None:
            raise LocalcloudError("The certificate authority does not run.")
        url = f"https://127.0.0.1:{MANAGEMENT_PORT if management else PORT}{path}"
        return self._session.request(method, url, server_hostname=HOST, allow_redirects=False, **more)  # type: ignore[arg-type]

    async def root(self) -> str:
        """Returns the certificate of its root, in PEM."""
        async with self.request("GET", "/roots/0", management=True) as answer:
            answer.raise_for_status()
            return await answer.text()

    def _open_socket(self, info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        family, kind, protocol = info[:3]

        def make() -> socket.socket:
            return socket.socket(family, kind, protocol)

        # A socket stays in the network that it was made in, whoever uses it.
        return make() if self._inside is None else self._inside(make)  # type: ignore[arg-type, return-value]

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - asked for above
        with self.log.open("wb") as file:
            while True:
                try:
                    line = await process.stdout.readline()
                except ValueError:
                    # Longer than any that is of interest.
                    continue
                if not line:
                    break
                file.write(line)
                file.flush()
                if match := _ISSUED.search(line):
                    self.serials.append(match["serial"].decode())

    async def _wait_until_it_answers(self, process: asyncio.subprocess.Process) -> None:
        deadline = asyncio.get_running_loop().time() + START_TIMEOUT_S
        while process.returncode is None and asyncio.get_running_loop().time() < deadline:
            # It tells of itself only before it listens.
            with contextlib.suppress(aiohttp.ClientError, OSError, ssl.SSLError):
                async with self.request("GET", "/dir") as first:
                    await self.root()
                    if first.ok:
                        return
            await asyncio.sleep(0.02)
        await self.stop()
        tail = self.log.read_text(errors="replace").splitlines()[-10:]
        raise LocalcloudError("The certificate authority does not start. It says:\n" + "\n".join(tail))
