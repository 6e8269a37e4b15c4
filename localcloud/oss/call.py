"""One request on its way through the service, and the answer to it; no HTTP library in sight."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from localcloud.origin import Origin
from localcloud.oss.address import Endpoint, Target
from localcloud.oss.blobs import BlobStore, Content
from localcloud.oss.errors import OssError, invalid_argument, malformed_xml, no_such_bucket
from localcloud.oss.ranges import Slice
from localcloud.oss.signature.model import Signer
from localcloud.oss.state import Bucket, State
from localcloud.oss.xmltext import MAX_BODY_BYTES, Node

_NOTHING = Slice(0, 0, partial=False)


@dataclass(kw_only=True)
class Answer:
    """What goes back.

    Attributes:
        status: HTTP status.
        headers: The headers beyond the common ones.
        body: The body, when it is small.
        content: Where the body comes from when it is an object, with `part`.
        part: Which bytes of `content`.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    content: Content | None = None
    part: Slice = _NOTHING


def xml_answer(node: Node) -> Answer:
    """A 200 with an XML body."""
    return Answer(headers={"Content-Type": "application/xml"}, body=node.encode())


@dataclass(kw_only=True)
class Call:
    """A request whose signature was checked.

    Attributes:
        method: The HTTP method.
        endpoint: What the Host header said.
        target: What the request line said.
        headers: Names in lower case.
        signer: Who signed it, or None.
        origin: Where its packets came from.
        now: When it arrived.
        state: All buckets.
        blobs: The store of object data.
        chunks: Opens the body; may be called once.
        authorize_object: Raises when this caller may not do an action on another object:
            (bucket, action, key, version id).
        forced_download: Whether new buckets force downloads.
    """

    method: str
    endpoint: Endpoint
    target: Target
    headers: Mapping[str, str]
    signer: Signer | None
    origin: Origin
    now: datetime
    state: State
    blobs: BlobStore
    chunks: Callable[[], AsyncIterator[bytes]]
    authorize_object: Callable[[Bucket, str, str, str | None], None]
    forced_download: bool = True

    @property
    def key(self) -> str:
        """The object's key, or ""."""
        return self.target.key

    @property
    def bucket(self) -> Bucket:
        """The bucket of the Host header.

        Raises:
            OssError: NoSuchBucket.
        """
        name = self.endpoint.bucket or ""
        bucket = self.state.find(name)
        if bucket is None:
            raise no_such_bucket(name)
        return bucket

    @property
    def account_uid(self) -> str:
        """The signer's account.

        Raises:
            OssError: The request is anonymous.
        """
        if self.signer is None:
            raise OssError(403, "AccessDenied", "Anonymous access is forbidden for this operation.")
        return self.signer.access_key.account_uid

    def parameter(self, name: str) -> str | None:
        """The first value of a query parameter, or None."""
        return next((value for key, value in self.target.query if key == name), None)

    def number(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        """A query parameter as a number.

        Raises:
            OssError: InvalidArgument.
        """
        text = self.parameter(name)
        if text is None or text == "":
            return default
        if not text.isascii() or not text.isdigit() or not minimum <= int(text[:19]) <= maximum:
            raise invalid_argument(f"Argument {name} is out of range.", name, text)
        return int(text)

    async def body(self) -> bytes:
        """The whole body of a control request.

        Raises:
            OssError: It is larger than any such body may be.
        """
        collected = bytearray()
        async for chunk in self.chunks():
            collected += chunk
            if len(collected) > MAX_BODY_BYTES:
                raise malformed_xml()
        return bytes(collected)
