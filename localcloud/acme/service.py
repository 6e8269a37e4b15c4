"""The authority of one cloud: nothing runs until somebody asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from localcloud.acme.certificates import issued
from localcloud.acme.front import AcmeFront
from localcloud.acme.naming import DIRECTORY
from localcloud.acme.pebble import Pebble, T
from localcloud.acme.settings import AcmeSettings
from localcloud.ca import CertificateAuthority
from localcloud.coverage import Coverage
from localcloud.errors import LocalcloudError
from localcloud.faults import Faults


class AcmeHost(Protocol):
    """The host on the Internet that the authority runs on."""

    async def make(self) -> None:
        """Makes it; one that is there is kept."""

    def command(self, program: str) -> list[str]:
        """Returns the command that runs a program there."""

    def inside(self, work: Callable[[], T]) -> T:
        """Does work there."""

    @property
    def resolver(self) -> str:
        """Address of its name server."""


class AcmeService:
    """Starts the authority, answers its clients and the command line.

    Args:
        folder: The folder of its files.
        host: Where it runs.
        authority: The cloud's own authority, which its public side's certificate is from.
        faults: What fails on order.
        coverage: Counts calls.
    """

    def __init__(
        self,
        folder: Path,
        host: AcmeHost,
        authority: CertificateAuthority,
        faults: Faults,
        coverage: Coverage,
    ) -> None:
        self._folder = folder
        self._host = host
        self._authority = authority
        self._pebble: Pebble | None = None
        self._lock = asyncio.Lock()
        self.handle = AcmeFront(lambda: self._pebble, faults, coverage).handle

    async def answer(self, verb: str, request: Mapping[str, Any]) -> Any:
        """Answers a command of the CLI: ``up``, ``down``, ``root``, ``directory``, ``issued`` or ``log``.

        Raises:
            LocalcloudError: It cannot be carried out.
        """
        if verb == "up":
            wanted = AcmeSettings.of(request["lifetimes"], request["bad_nonces"], request["reuse"])
            return await self._up(str(request["program"]), wanted)
        if verb == "down":
            return await self.close()
        pebble = self._running()
        answers: dict[str, Callable[[], Awaitable[Any]]] = {
            "root": pebble.root,
            "issued": lambda: issued(pebble),
        }
        if verb in answers:
            return await answers[verb]()
        return str(pebble.log) if verb == "log" else DIRECTORY

    async def close(self) -> None:
        """Ends the authority, if one runs."""
        async with self._lock:
            pebble, self._pebble = self._pebble, None
            if pebble is not None:
                await pebble.stop()

    async def _up(self, program: str, settings: AcmeSettings) -> str:
        async with self._lock:
            if self._pebble is not None and self._pebble.running:
                if self._pebble.settings == settings:
                    return DIRECTORY
                raise LocalcloudError(
                    "The certificate authority runs already, and is set otherwise. One that is started anew "
                    "has another root and knows no account: localcloud acme down, localcloud acme up ..."
                )
            await self._host.make()
            pebble = Pebble(self._folder, settings, self._host.inside)
            await pebble.start(self._host.command(program), self._authority, self._host.resolver)
            self._pebble = pebble
        return DIRECTORY

    def _running(self) -> Pebble:
        if self._pebble is None or not self._pebble.running:
            raise LocalcloudError("No certificate authority runs in this cloud. Start it: localcloud acme up")
        return self._pebble
