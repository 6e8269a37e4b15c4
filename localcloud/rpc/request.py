"""Reading an RPC request: action, version, parameters, and what its signature covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl

from aiohttp import web

from localcloud.rpc.errors import ApiError, missing_parameter
from localcloud.rpc.params import Params

V3_ALGORITHM = "ACS3-HMAC-SHA256"
_FORM_TYPE = "application/x-www-form-urlencoded"
# What belongs to the protocol, not to the action.
_PROTOCOL_PARAMETERS = frozenset(
    {
        "AccessKeyId",
        "Action",
        "Format",
        "SecureTransport",
        "SecurityToken",
        "Signature",
        "SignatureMethod",
        "SignatureNonce",
        "SignatureType",
        "SignatureVersion",
        "SourceIp",
        "Timestamp",
        "Version",
    }
)


@dataclass(frozen=True, kw_only=True)
class RpcRequest:
    """One request as it arrived.

    Attributes:
        method: ``GET`` or ``POST``.
        path: The path, percent-encoded as sent.
        headers: The headers, names in lower case.
        query: The decoded query parameters.
        form: The decoded form parameters; empty for other bodies.
        body: The body's bytes.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    body: bytes

    @property
    def host(self) -> str:
        """The Host header without its port, in lower case."""
        return self.headers.get("host", "").partition(":")[0].lower()

    @property
    def is_v3(self) -> bool:
        """Whether the signature is in the headers (V3) rather than in the parameters (V1)."""
        return self.headers.get("authorization", "").startswith(V3_ALGORITHM) or (
            "x-acs-signature-nonce" in self.headers and "Signature" not in self.merged
        )

    @cached_property
    def merged(self) -> dict[str, str]:
        """Query and form together; the form wins, as in the official clients' signatures."""
        return {**self.query, **self.form}

    @property
    def params(self) -> Params:
        """The action's parameters, without the protocol's own."""
        return Params(
            {name: value for name, value in self.merged.items() if name not in _PROTOCOL_PARAMETERS}
        )

    @property
    def action(self) -> str:
        """The action's name.

        Raises:
            ApiError: ``MissingParameter``.
        """
        return self._named("x-acs-action", "Action")

    @property
    def version(self) -> str:
        """The API version, for example ``2014-05-26``; it tells the services apart.

        Raises:
            ApiError: ``MissingParameter``.
        """
        return self._named("x-acs-version", "Version")

    @property
    def wants_xml(self) -> bool:
        """Whether the answer is to be XML, the default of requests with a V1 signature."""
        asked = self.merged.get("Format", "").upper()
        return asked == "XML" if asked or self.is_v3 else True

    def _named(self, header: str, parameter: str) -> str:
        value = self.merged.get(parameter) or (self.headers.get(header, "") if self.is_v3 else "")
        if not value:
            raise missing_parameter(parameter)
        return value


async def read_request(request: web.BaseRequest) -> RpcRequest:
    """Reads an HTTP request to its end.

    Raises:
        ApiError: ``UnsupportedHTTPMethod`` for anything but GET and POST, ``InvalidParameter`` for
            parameters that are not UTF-8.
    """
    if request.method not in ("GET", "POST"):
        raise ApiError("UnsupportedHTTPMethod", "This http method is not supported.", 403)
    path, _, query = request.raw_path.partition("?")
    body = await request.read()
    is_form = request.headers.get("Content-Type", "").partition(";")[0].strip().lower() == _FORM_TYPE
    try:
        return RpcRequest(
            method=request.method,
            path=path,
            headers={name.lower(): value.strip() for name, value in request.headers.items()},
            query=dict(parse_qsl(query, keep_blank_values=True, errors="strict")),
            form=dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict")) if is_form else {},
            body=body,
        )
    except UnicodeDecodeError:
        raise ApiError("InvalidParameter", "The request's parameters are not UTF-8.") from None
