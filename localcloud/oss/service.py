"""The Object Storage Service as one HTTP handler."""

from __future__ import annotations

import base64
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

from aiohttp import web

from localcloud.accounts import Accounts
from localcloud.faults import Faults, LostAnswer, lose_answer
from localcloud.origin import Origin
from localcloud.oss.address import parse_host, parse_target, region_endpoint, require_virtual_host
from localcloud.oss.attempts import make_attempt, of_operation, require_account
from localcloud.oss.authorize import authorize
from localcloud.oss.blobs import BlobStore
from localcloud.oss.call import Answer, Call
from localcloud.oss.delivery import deliver
from localcloud.oss.errors import (
    OssError,
    access_denied,
    no_such_bucket,
    not_implemented,
    service_unavailable,
    throttled,
    wrong_endpoint,
)
from localcloud.oss.operations.operation import Operation
from localcloud.oss.operations.table import find_operation
from localcloud.oss.s3.dialect import from_native, speaks_s3, to_native
from localcloud.oss.s3.signature import check_payload, verify_s3
from localcloud.oss.signature.model import SignedRequest
from localcloud.oss.signature.verify import verify
from localcloud.oss.state import Bucket, State
from localcloud.oss.xmltext import Node
from localcloud.ram.protocol import NoRamPolicies, RamPolicies

_logger = logging.getLogger("localcloud.oss")


class Coverage(Protocol):
    """Where requests are counted, known and unknown."""

    def record(self, service: str, action: str, known: bool) -> None:
        """Counts one request."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class OssService:
    """Buckets and objects of all regions.

    Run it under ``aiohttp.web.Server(handler, auto_decompress=False)``: objects are stored as they
    were sent, and aiohttp would otherwise unpack those with a Content-Encoding.

    Args:
        accounts: The keys that may sign.
        data_dir: Where object data is kept; whatever an earlier run left there is removed.
        coverage: Counts requests.
        forced_download: Whether new buckets force downloads, as those of new accounts do.
        ram: What RAM policies say of RAM users.
        clock: The time, with a zone.
        faults: What fails on order.
    """

    def __init__(
        self,
        accounts: Accounts,
        data_dir: Path,
        coverage: Coverage,
        *,
        forced_download: bool = True,
        ram: RamPolicies | None = None,
        clock: Callable[[], datetime] = _utc_now,
        faults: Faults | None = None,
    ) -> None:
        self.state = State()
        self._accounts = accounts
        self._blobs = BlobStore(data_dir / "blobs")
        self._coverage = coverage
        self._forced_download = forced_download
        self._ram: RamPolicies = ram or NoRamPolicies()
        self._clock = clock
        self._faults = faults or Faults()

    async def close(self) -> None:
        """Removes all object data."""
        self._blobs.clear()

    async def handle(self, request: web.BaseRequest, origin: Origin) -> web.StreamResponse:
        """Answers a request.

        Args:
            request: The request; its Host header names region and bucket.
            origin: Where its packets came from; nothing in the request can change that.
        """
        now = self._clock()
        request_id = secrets.token_hex(12).upper()
        host = request.headers.get("Host", "")
        try:
            answer = await self._answer(request, origin, now)
        except OssError as fault:
            answer = _error_answer(fault, request, request_id, host)
        except ConnectionError:
            # The body broke off; nobody is left to read an answer.
            answer = Answer(status=400)
        except LostAnswer:
            return lose_answer(request)
        answer.headers.update({"Server": "AliyunOSS", "x-oss-request-id": request_id})
        answer.headers["x-oss-server-time"] = str(int((self._clock() - now).total_seconds() * 1000))
        if _is_s3(request):
            answer.headers = from_native(answer.headers)
        return await deliver(request, answer)

    async def _answer(self, request: web.BaseRequest, origin: Origin, now: datetime) -> Answer:
        endpoint = parse_host(request.headers.get("Host", ""))
        target = parse_target(request.raw_path)
        require_virtual_host(endpoint, target)
        headers = _headers(request)
        signed = SignedRequest(
            method=request.method,
            bucket=endpoint.bucket,
            key=target.key,
            query=target.query,
            headers=headers,
            region=endpoint.region,
            now=now,
        )
        if _is_s3(request):
            signer = verify_s3(signed, self._accounts)
            headers = to_native(request.method, target, headers)
        else:
            signer = verify(signed, self._accounts)
        call = Call(
            method=request.method,
            endpoint=endpoint,
            target=target,
            headers=headers,
            signer=signer,
            origin=origin,
            now=now,
            state=self.state,
            blobs=self._blobs,
            chunks=lambda: check_payload(signed, _chunks(request)),
            authorize_object=lambda bucket, action, key, version: self._authorize_object(
                call, bucket, action, key, version
            ),
            forced_download=self._forced_download,
        )
        operation, name = find_operation(request.method, endpoint, target, headers)
        self._coverage.record("oss", name, operation is not None)
        return await self._faults.around(
            "oss",
            name,
            lambda: self._carry_out(call, operation, name),
            {
                "throttle": throttled(),
                "error": service_unavailable(),
                "forbidden": access_denied("You have no right to access this object."),
            },
        )

    async def _carry_out(self, call: Call, operation: Operation | None, name: str) -> Answer:
        if operation is None or operation.needs_bucket:
            self._check_bucket(call)
        if operation is None:
            raise _unknown(call, name)
        if not operation.needs_bucket:
            require_account(call, operation, self._ram)
        elif operation.action:
            authorize(of_operation(call, operation), self._ram)
        return await operation.handler(call)

    def _check_bucket(self, call: Call) -> None:
        name = call.endpoint.bucket
        if name is None:
            return
        bucket = self.state.find(name)
        if bucket is None:
            raise no_such_bucket(name)
        if bucket.region != call.endpoint.region:
            raise wrong_endpoint(name, region_endpoint(bucket.region))

    def _authorize_object(
        self, call: Call, bucket: Bucket, action: str, key: str, version_id: str | None
    ) -> None:
        data: Literal["read", "write"] = "read" if action.startswith("oss:Get") else "write"
        authorize(make_attempt(call, bucket, action, key, version_id, data), self._ram)


def _is_s3(request: web.BaseRequest) -> bool:
    query = request.raw_path.partition("?")[2]
    return speaks_s3(request.headers.get("Host", ""), request.headers.get("Authorization"), query)


def _headers(request: web.BaseRequest) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        lower = name.lower()
        headers[lower] = f"{headers[lower]},{value}" if lower in headers else value.strip()
    return headers


async def _chunks(request: web.BaseRequest) -> AsyncIterator[bytes]:
    if request.headers.get("Expect", "").lower() == "100-continue":
        transport = request.transport
        if transport is not None:
            transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    async for chunk in request.content.iter_any():
        yield chunk


def _unknown(call: Call, name: str) -> OssError:
    _logger.warning("not implemented: %s (%s)", name, call.endpoint.host)
    if call.method == "OPTIONS":
        # Source: https://www.alibabacloud.com/help/doc-detail/31987.html (2026-11-23); no bucket has rules.
        return OssError(403, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.")
    return not_implemented(name)


def _error_answer(fault: OssError, request: web.BaseRequest, request_id: str, host: str) -> Answer:
    node = Node("Error", ("Code", fault.code), ("Message", fault.message))
    node.extend([("RequestId", request_id), ("HostId", host)])
    for name, detail in fault.details.items():
        node.add((name, detail) if isinstance(detail, str) else Node(name, *detail.items()))
    if fault.ec is not None:
        node.extend(
            [
                ("EC", fault.ec),
                ("RecommendDoc", f"https://api.alibabacloud.com/troubleshoot?q={fault.ec}"),
            ]
        )
    body = node.encode()
    headers = {**fault.headers, "Content-Type": "application/xml"}
    if fault.ec is not None:
        headers["x-oss-ec"] = fault.ec
    if request.method == "HEAD":
        # A HEAD has no body; clients read the error from here.
        headers["x-oss-err"] = base64.b64encode(body).decode()
    return Answer(status=fault.status, headers=headers, body=body)
