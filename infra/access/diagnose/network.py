"""The ways out of this host; tests put others in their place."""

import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Dict, List, Optional, Tuple

CONNECT_TIMEOUT_S = 5
ANSWER_TIMEOUT_S = 15
BODY_MAX_BYTES = 65536


class Answer:
    """What a server said: its status, headers by lower-case name, and the beginning of its body."""

    def __init__(self, status: int, headers: Dict[str, str], body: str) -> None:
        self.status = status
        self.headers = headers
        self.body = body


class Network:
    """Names, connections and requests of this host."""

    def resolve(self, host: str) -> List[str]:
        """Returns a name's IPv4 addresses; raises OSError when it has none."""
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
        return sorted({str(entry[4][0]) for entry in found})

    def connect(self, address: str, port: int, timeout_s: float = CONNECT_TIMEOUT_S) -> socket.socket:
        """Opens a TCP connection; raises OSError."""
        return socket.create_connection((address, port), timeout_s)

    def get(
        self,
        scheme: str,
        host: str,
        port: int,
        target: str,
        headers: Optional[Dict[str, str]] = None,
        address: str = "",
        method: str = "GET",
        timeout_s: float = CONNECT_TIMEOUT_S,
    ) -> Answer:
        """Makes one request, at an address when one is given; raises OSError or HTTPException."""
        connected = self.connect(address or host, port, timeout_s)
        try:
            if scheme == "https":
                connected = ssl.create_default_context().wrap_socket(connected, server_hostname=host)
            connected.settimeout(ANSWER_TIMEOUT_S)
            connection = HTTPConnection(host, port)
            connection.sock = connected
            connection.request(method, target, headers=dict(headers or {}, Connection="close"))
            return _read(connection.getresponse())
        finally:
            connected.close()


def _read(response: HTTPResponse) -> Answer:
    headers = {name.lower(): value for name, value in response.getheaders()}
    try:
        body = response.read(BODY_MAX_BYTES).decode("utf-8", "replace")
    except (OSError, HTTPException):
        body = ""
    return Answer(response.status, headers, body)


def host_and_port(host: str, scheme: str) -> Tuple[str, int]:
    """Splits ``HOST[:PORT]``."""
    name, colon, port = host.partition(":")
    return name, int(port) if colon else {"http": 80, "https": 443}[scheme]
