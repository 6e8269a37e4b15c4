"""Work that goes on after an answer was given: state changes, boots, releases."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

_log = logging.getLogger("localcloud.services")


class Background:
    """Keeps the tasks, so that none is lost, and ends them all at the end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Starts work that nobody waits for; what it raises is logged. Cancel the task to end it early."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finish)
        return task

    def later(self, delay_s: float, change: Callable[[], None]) -> None:
        """Makes a change after some seconds, or at once when there are none."""
        if delay_s <= 0:
            change()
            return

        async def wait() -> None:
            await asyncio.sleep(delay_s)
            change()

        self.run(wait())

    async def settle(self) -> None:
        """Waits until no work is left."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Cancels what is left and waits for its end."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            _log.error("background work failed; its record may be stuck in a passing state", exc_info=fault)
