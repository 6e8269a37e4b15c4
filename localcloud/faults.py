"""Faults on order: how a program behaves when the cloud fails can only be tested when it does.

A fault waits for calls of one operation and strikes when they come. It is kept in memory alone, so a cloud
that was started anew has none.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from aiohttp import web

from localcloud.calls import CallLog
from localcloud.errors import LocalcloudError
from localcloud.fault import DEFAULT_DELAY_S, KINDS, Fault, Refusal, as_ordered

_log = logging.getLogger("localcloud.faults")

_Answer = TypeVar("_Answer")


class LostAnswer(Exception):
    """The call was carried out, and its answer must not reach the caller."""


class Faults:
    """The faults that were ordered.

    Attributes:
        calls: All calls, whether a fault struck them or not.
    """

    def __init__(self) -> None:
        self.calls = CallLog()
        self._faults: list[Fault] = []
        self._numbers = itertools.count(1)
        # By the fault's number: it has struck, and for `hold` the call was carried out; the answer may go.
        self._strikes: dict[int, asyncio.Event] = {}
        self._gates: dict[int, asyncio.Event] = {}

    def add(
        self,
        action: str,
        kind: str,
        *,
        times: int = 1,
        after: int = 0,
        delay_s: float = DEFAULT_DELAY_S,
        code: str = "",
        status: int = 0,
    ) -> Fault:
        """Orders a fault; see `Fault`.

        Raises:
            LocalcloudError: There is no such kind, or a number makes no sense.
        """
        found = next((known for known in KINDS if known == kind), None)
        if found is None:
            raise LocalcloudError(f"There is no fault {kind!r}. Kinds: {', '.join(KINDS)}.")
        if not action or times < 1 or after < 0 or delay_s < 0:
            raise LocalcloudError(
                f"The fault for {action!r} would never strike: it needs an action, at least 1 time, and "
                "neither a negative delay nor a negative number of calls that pass."
            )
        if (code or status) and (found != "error" or not code or not 400 <= (status or 400) < 600):
            raise LocalcloudError(
                f"A code and its status (400 to 599) go with the kind error, not with {found} and {status}."
            )
        fault = Fault(
            id=next(self._numbers),
            action=action,
            kind=found,
            times=times,
            after=after,
            delay_s=delay_s,
            code=code,
            status=status,
        )
        self._faults.append(fault)
        self._strikes[fault.id], self._gates[fault.id] = asyncio.Event(), asyncio.Event()
        _log.info("ordered: %s", fault)
        return fault

    def list(self) -> list[dict[str, Any]]:
        """Returns the faults, the used up ones too, each as JSON can hold it."""
        return [asdict(fault) for fault in self._faults]

    async def wait(self, number: int, timeout_s: float) -> bool:
        """Waits until a fault has struck; for ``hold``, until the call was carried out too.

        Returns:
            False when it has not within the time.

        Raises:
            LocalcloudError: There is no such fault.
        """
        self._find(number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._strikes[number].wait(), timeout_s)
        return self._strikes[number].is_set()

    def release(self, number: int) -> None:
        """Lets the answers go that a ``hold`` keeps back, and those of calls that it strikes later.

        Raises:
            LocalcloudError: There is no such fault.
        """
        self._find(number)
        self._gates[number].set()

    def clear(self) -> int:
        """Forgets all faults, and lets every answer go that is kept back; returns how many there were."""
        count = len(self._faults)
        self._faults.clear()
        self._strikes.clear()
        for gate in self._gates.values():
            gate.set()
        self._gates.clear()
        _log.info("cleared: %d", count)
        return count

    def take(self, service: str, action: str) -> Fault | None:
        """Returns the fault that strikes a call, or None; counts the call.

        Args:
            service: For example ``ecs``.
            action: For example ``RunCommand``.
        """
        struck: Fault | None = None
        for fault in self._faults:
            if not fault.waits_for(service, action):
                continue
            if fault.after:
                fault.after -= 1
            elif struck is None:
                struck = fault
        if struck is not None:
            struck.struck += 1
            _log.info(
                "%s strikes %s:%s (%d of %d)", struck.kind, service, action, struck.struck, struck.times
            )
        return struck

    async def around(
        self,
        service: str,
        action: str,
        work: Callable[[], Awaitable[_Answer]],
        refusals: Mapping[Refusal, Exception],
    ) -> _Answer:
        """Does the work of a call as far as the faults let it, and notes the call.

        Args:
            service: The service that was called.
            action: The operation.
            work: Carries the call out.
            refusals: The errors by which the service refuses.

        Raises:
            LostAnswer: The call was carried out, however it went, and must not be answered.
        """
        record = self.calls.begin(service, action)
        try:
            answer = await self._strike(self.take(service, action), work, refusals)
        except LostAnswer:
            record.outcome = "answer lost"
            raise
        except Exception as error:
            record.outcome = str(getattr(error, "code", type(error).__name__))
            raise
        record.outcome = "OK"
        return answer

    async def _strike(
        self,
        fault: Fault | None,
        work: Callable[[], Awaitable[_Answer]],
        refusals: Mapping[Refusal, Exception],
    ) -> _Answer:
        if fault is None:
            return await work()
        strike, gate = self._strikes[fault.id], self._gates[fault.id]
        if fault.kind == "hold":
            return await _held(work, strike, gate)
        strike.set()
        if fault.kind == "lost-answer":
            with contextlib.suppress(Exception):
                await work()
            raise LostAnswer
        if fault.kind == "delay":
            await asyncio.sleep(fault.delay_s)
            return await work()
        raise as_ordered(refusals[fault.kind], fault)

    def _find(self, number: int) -> Fault:
        for fault in self._faults:
            if fault.id == number:
                return fault
        raise LocalcloudError(f"There is no fault {number}. See: localcloud fault list")


async def _held(
    work: Callable[[], Awaitable[_Answer]], strike: asyncio.Event, gate: asyncio.Event
) -> _Answer:
    try:
        answer = await work()
    except Exception:
        # Whatever the answer is, it waits.
        strike.set()
        await gate.wait()
        raise
    strike.set()
    await gate.wait()
    return answer


def lose_answer(request: web.BaseRequest) -> web.Response:
    """Closes a request's connection.

    Returns:
        An answer for the log, which does not reach the caller any more.
    """
    if request.transport is not None:
        request.transport.close()
    return web.Response(status=499, reason="Answer Lost")
