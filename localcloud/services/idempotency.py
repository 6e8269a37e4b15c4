"""ClientToken: the same request twice does its work once and gets the same answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from localcloud.rpc.answer import Answer
from localcloud.rpc.errors import ApiError
from localcloud.services.context import Call

# The cloud keeps tokens for some hours; here the number is bounded instead.
_REMEMBERED_TOKENS = 10_000


class ClientTokens:
    """Remembers the answers of calls that carried a ClientToken."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], tuple[dict[str, str], asyncio.Future[Answer]]] = {}

    async def run(self, call: Call, work: Callable[[Call], Awaitable[Answer]]) -> Answer:
        """Does the work, or gives the answer it had; a call that failed is forgotten.

        Raises:
            ApiError: ``IdempotentParameterMismatch`` when the token came with other parameters before.
        """
        token = call.params.text("ClientToken")
        if not token:
            return await work(call)
        key = (call.key.account_uid, call.action, token)
        asked = call.params.as_dict()
        if key in self._known:
            before, answer = self._known[key]
            if before != asked:
                raise ApiError(
                    "IdempotentParameterMismatch",
                    "Request uses a client token in a previous request but is not identical to that request.",
                )
            return await asyncio.shield(answer)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._known[key] = (asked, future)
        try:
            future.set_result(await work(call))
        except Exception as fault:
            del self._known[key]
            future.set_exception(fault)
            future.exception()  # marks it as seen: usually nobody else waits for it
            raise
        except asyncio.CancelledError:
            del self._known[key]
            future.cancel()
            raise
        if len(self._known) > _REMEMBERED_TOKENS:
            del self._known[next(iter(self._known))]
        return future.result()
