"""The objects and the loads under which every setup is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

KIB, MIB, GIB = 1024, 1024**2, 1024**3
OBJECTS = {"4KiB": 4 * KIB, "1MiB": MIB, "1GiB": GIB}


@dataclass(frozen=True)
class Case:
    """One load.

    Attributes:
        name: What the table calls it.
        file: The object that is asked for, one of ``OBJECTS``.
        connections: How many ask at the same time.
        kept: Whether a connection serves more than one request.
        unit: What its speed is counted in: requests, or bytes where hardly one answer ends in the time.
        secure: Whether it is asked for over HTTPS.
        resumed: Whether each connection goes on with the session of the one before.
    """

    name: str
    file: str
    connections: int
    kept: bool = True
    unit: Literal["requests", "bytes"] = "requests"
    secure: bool = False
    resumed: bool = False

    @property
    def path(self) -> str:
        """The path of the object at every setup."""
        return f"/public/{self.file}"

    def url(self, port: int) -> str:
        """Where a server of this machine has it."""
        # The certificate has both; clients name the host in the handshake, which is not to be an address.
        origin = "https://localhost" if self.secure else "http://127.0.0.1"
        return f"{origin}:{port}{self.path}"


CASES = (
    Case("4 KiB, 64 connections", "4KiB", 64),
    Case("4 KiB, 1,000 connections", "4KiB", 1000),
    Case("4 KiB, 64 at a time, each its own connection", "4KiB", 64, kept=False),
    Case("1 MiB, 64 connections", "1MiB", 64),
    Case("1 MiB, 1,000 connections", "1MiB", 1000),
    Case("1 GiB, 4 connections", "1GiB", 4, unit="bytes"),
)
SECURE_CASES = (
    Case("HTTPS: new handshakes, 4 KiB each", "4KiB", 64, kept=False, secure=True),
    Case("HTTPS: resumed sessions, 4 KiB each", "4KiB", 8, kept=False, secure=True, resumed=True),
    Case("HTTPS: 4 KiB, 64 connections", "4KiB", 64, secure=True),
    Case("HTTPS: 1 MiB, 64 connections", "1MiB", 64, secure=True),
)
