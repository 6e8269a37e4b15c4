"""How a change of the configuration can end, told by the exit status; the deployer knows the same list."""

from __future__ import annotations

from enum import IntEnum


class Outcome(IntEnum):
    """The exit status of the command.

    With all but `DONE` the instance serves what it served before.
    """

    DONE = 0
    #: Anything that is not foreseen below: a full disk, a fault of this program.
    BROKEN = 1
    FIRST_BOOT_FAILED = 20
    FIRST_BOOT_TOO_SLOW = 21
    CONFIGURATION_REFUSED = 22
    NGINX_NOT_RUNNING = 23
    SECRETS_NOT_READABLE = 24
    PACKAGES_NOT_INSTALLED = 25
    NO_CERTIFICATE = 26
    NAME_NOT_RESOLVED = 30
    NAME_NOT_INTERNAL = 31
    NO_ROUTE = 32
    ACCESS_DENIED = 33
    WRONG_HOST = 34
    STORAGE_FAILS = 35
    PROXY_ANSWERS_OTHERWISE = 36


class Failed(Exception):
    """The change cannot be made, or was taken back.

    Attributes:
        outcome: The kind of failure.
    """

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome
