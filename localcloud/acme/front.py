"""The authority's public side: takes calls, lets faults strike, and hands the rest to Pebble."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp
from aiohttp import web

from localcloud.acme import rules
from localcloud.acme.pebble import Pebble
from localcloud.acme.rules import AcmeProblem
from localcloud.coverage import Coverage
from localcloud.fault import Refusal
from localcloud.faults import Faults, LostAnswer, lose_answer
from localcloud.origin import Origin

SERVICE = "acme"
# Operation by the first part of Pebble's paths; those that read begin as `localcloud.calls` knows it.
OPERATIONS = {
    "dir": "GetDirectory",
    "nonce-plz": "GetNonce",
    "sign-me-up": "NewAccount",
    "my-account": "UpdateAccount",
    "list-orderz": "ListOrders",
    "rollover-account-key": "ChangeKey",
    "order-plz": "NewOrder",
    "my-order": "GetOrder",
    "authZ": "GetAuthorization",
    "chalZ": "AnswerChallenge",
    "finalize-order": "FinalizeOrder",
    "certZ": "GetCertificate",
    "revoke-cert": "RevokeCertificate",
    "draft-ietf-acme-ari-03": "GetRenewalInfo",
}
RETRY_AFTER_S = 3600
_NOT_PASSED_ON = ("connection", "content-length", "date", "host", "keep-alive", "transfer-encoding")


class AcmeFront:
    """Answers clients of the authority.

    Args:
        pebble: Tells the running authority, or None.
        faults: What fails on order.
        coverage: Counts calls.
    """

    def __init__(self, pebble: Callable[[], Pebble | None], faults: Faults, coverage: Coverage) -> None:
        self._pebble = pebble
        self._faults = faults
        self._coverage = coverage
        coverage.declare(SERVICE, OPERATIONS.values())

    async def handle(self, request: web.BaseRequest, origin: Origin) -> web.StreamResponse:
        """Answers one request."""
        if not origin.secure:
            return web.Response(status=404)
        first = request.rel_url.raw_path.strip("/").partition("/")[0]
        operation = OPERATIONS.get(first)
        self._coverage.record(SERVICE, operation or first, known=operation is not None)
        refusals: dict[Refusal, Exception] = {
            "throttle": rules.rate_limited(),
            "error": rules.unavailable(),
            "forbidden": rules.unauthorized(),
        }
        try:
            return await self._faults.around(
                SERVICE, operation or first, lambda: self._pass_on(request, operation or first), refusals
            )
        except AcmeProblem as problem:
            headers = {"Retry-After": str(RETRY_AFTER_S)} if problem.code == "rateLimited" else {}
            return web.Response(
                status=problem.status,
                text=problem.document(),
                content_type="application/problem+json",
                headers=headers,
            )
        except LostAnswer:
            return lose_answer(request)

    async def _pass_on(self, request: web.BaseRequest, operation: str) -> web.Response:
        body = await request.read()
        pebble = self._pebble()
        if pebble is None or not pebble.running:
            raise rules.unavailable(
                "No certificate authority runs in this cloud. Start it: localcloud acme up"
            )
        rules.check(operation, body)
        headers = {
            name: value for name, value in request.headers.items() if name.lower() not in _NOT_PASSED_ON
        }
        # Pebble makes its own addresses of the name that was asked.
        headers["Host"] = request.headers.get("Host", "")
        try:
            async with pebble.request(
                request.method, request.raw_path, data=body or None, headers=headers
            ) as answer:
                content = await answer.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise rules.unavailable(f"The certificate authority does not answer: {error}") from error
        response = web.Response(status=answer.status, body=content)
        response.headers.popall("Content-Type", None)
        for name, value in answer.headers.items():
            if name.lower() not in _NOT_PASSED_ON:
                response.headers.add(name, value)
        return response
