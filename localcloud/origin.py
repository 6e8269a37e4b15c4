"""Where a request really came from, as told by the socket that received it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The network origin of a request; never taken from a header.

    Attributes:
        source_ip: The peer's IPv4 address.
        vpc_id: The VPC whose network delivered the packets, or None for the Internet.
        region_id: The region of that VPC, or None for the Internet.
        secure: Whether the connection is TLS.
    """

    source_ip: str
    vpc_id: str | None = None
    region_id: str | None = None
    secure: bool = False
