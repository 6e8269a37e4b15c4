"""The records of commands that were run on instances."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

# Source: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinvocationresults
# (2026-11-23): what exceeds it is counted as dropped.
OUTPUT_MAX_BYTES = 24 * 1024

RunStatus = Literal[
    "Pending",
    "Running",
    "Success",
    "Failed",
    "Timeout",
    "Invalid",
    "Aborted",
    "Error",
    "Cancelled",
    "Terminated",
]
ErrorCode = Literal[
    "",
    "InstanceNotRunning",
    "InstanceReleased",
    "ClientNotRunning",
    "DirectoryNotExists",
    "ExecutionTimeout",
    "ExecutionException",
    "ExecutionInterrupted",
    "ExitCodeNonzero",
]


@dataclass(kw_only=True)
class Output:
    """The last part of what a command wrote, both streams as they came.

    Attributes:
        kept: At most `OUTPUT_MAX_BYTES`.
        dropped: How many bytes went before.
    """

    kept: bytes = b""
    dropped: int = 0

    def add(self, data: bytes) -> None:
        """Takes what was written next."""
        whole = self.kept + data
        self.kept = whole[-OUTPUT_MAX_BYTES:]
        self.dropped += len(whole) - len(self.kept)


@dataclass(kw_only=True)
class Run:
    """A command on one instance.

    Attributes:
        exit_code: None unless the command ended by itself.
        error: Why it did not succeed; empty when it did, or has not ended.
        started: When it began inside the instance.
        finished: When it ended, however that was.
        stopped: When somebody stopped it.
        task: The work on it.
    """

    instance_id: str
    created: datetime
    updated: datetime
    status: RunStatus = "Pending"
    exit_code: int | None = None
    error: ErrorCode = ""
    output: Output = field(default_factory=Output)
    started: datetime | None = None
    finished: datetime | None = None
    stopped: datetime | None = None
    task: asyncio.Task[None] | None = None

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.status in ("Pending", "Running")


@dataclass(kw_only=True)
class Invocation:
    """A command that was given to instances.

    Attributes:
        content: The script, decoded.
        working_dir: As ordered; empty for root's home.
        timeout_s: How long it may run on each instance.
        runs: One for each instance.
    """

    invoke_id: str
    command_id: str
    account_uid: str
    region_id: str
    created: datetime
    content: bytes
    timeout_s: int
    runs: list[Run]
    name: str = ""
    description: str = ""
    working_dir: str = ""
    username: str = ""
    termination_mode: str = ""
    tags: dict[str, str] = field(default_factory=dict)
