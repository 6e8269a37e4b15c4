"""How much one client may take. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from infra.text import RenderError

REQUESTS_PER_SECOND_MAX = 100_000
CONNECTIONS_MAX = 65_535
MBPS_MAX = 10_000
_BYTES_PER_MEGABIT = 1_000_000 // 8


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of one client, told by its address; 0 is no limit.

    Attributes:
        requests_per_second: Requests in a second, and as many again at once.
        connections: Requests that are answered at the same time.
        connection_mbps: What one request's answer gets, in Mbit/s.

    Raises:
        RenderError: When a limit is out of range.
    """

    requests_per_second: int = 0
    connections: int = 0
    connection_mbps: int = 0

    def __post_init__(self) -> None:
        for value, most, setting in (
            (self.requests_per_second, REQUESTS_PER_SECOND_MAX, "clientRequestsPerSecond"),
            (self.connections, CONNECTIONS_MAX, "clientConnections"),
            (self.connection_mbps, MBPS_MAX, "connectionMbps"),
        ):
            if not 0 <= value <= most:
                raise RenderError(f"{value} is not from 0 to {most}", fix=f"check oss-proxy:{setting}.")

    @property
    def bytes_per_second(self) -> int:
        """What one request's answer gets, in bytes."""
        return self.connection_mbps * _BYTES_PER_MEGABIT
