"""Asks OSS and nginx for one object, and names what is wrong when the answer is not the right one.

The object need not exist: OSS judges the policy first, so its 404 for the key is as good a proof as the
object itself that name, route, Host and policy are right. Unlike in S3, telling that an object is not there
needs no right to list.
Sources: https://www.alibabacloud.com/help/en/oss/user-guide/authentication (order of judgement),
https://www.alibabacloud.com/help/doc-detail/84837.htm (whether an object exists, with oss:GetObject alone;
both 2026-11-24).
"""

from __future__ import annotations

import hashlib
import http.client
import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_address
from urllib.parse import quote

from infra.instance.outcomes import Failed, Outcome

# The cloud's own services answer here, OSS's internal endpoints among them.
# Source: https://help.aliyun.com/zh/oss/user-guide/regions-and-endpoints (2026-02-05)
INTERNAL_NETWORK = IPv4Network("100.64.0.0/10")
CONNECT_TIMEOUT_S = 5.0
PAUSE_S = 0.5
_READ_BYTES = 4096
_CODE = re.compile(r"<Code>([^<]+)</Code>")
_EC = re.compile(r"<EC>([^<]+)</EC>")


@dataclass(frozen=True, kw_only=True)
class HttpsProbe:
    """What clients have to be shown over HTTPS.

    Attributes:
        port: nginx's port for it.
        name: The name in the handshake; empty for none.
        sha256: The digest of the certificate, 64 hexadecimal digits.
    """

    port: int
    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What is asked for.

    Attributes:
        bucket_host: The bucket's host at the internal endpoint.
        key: The key of an object that the policy lets the proxy read; it need not exist.
        listen_port: nginx's port.
        proxy_path: What nginx is asked for, as a path.
        proxy_statuses: The statuses that are right answers of nginx's.
        storage_port: OSS's port; another one in tests.
        https: What clients have to be shown over HTTPS; None where there is none.
        storage_tls: Whether OSS is asked over HTTPS.
    """

    bucket_host: str
    key: str
    listen_port: int
    proxy_path: str
    proxy_statuses: tuple[int, ...]
    storage_port: int = 80
    https: HttpsProbe | None = None
    storage_tls: bool = False


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def code(self) -> str:
        found = _CODE.search(self.text)
        return found[1] if found else "-"

    @property
    def ec(self) -> str:
        found = _EC.search(self.text)
        return self.headers.get("x-oss-ec") or (found[1] if found else "-")

    def __str__(self) -> str:
        request = self.headers.get("x-oss-request-id", "-")
        return f"HTTP {self.status} {self.code}, EC {self.ec}, request {request}"


def await_ready(probe: Probe, timeout_s: float, resolve: Callable[[str], list[str]] | None = None) -> str:
    """Returns when a request through the internal endpoint, and one through nginx, are answered right.

    A new policy and a new name take a moment to be known everywhere, so a wrong answer counts only when it
    is still there at the end.

    Args:
        probe: What to ask for.
        timeout_s: How long to go on asking.
        resolve: Tells a host's IPv4 addresses; None for the system's resolver.

    Returns:
        A sentence about the answers.

    Raises:
        Failed: The last wrong answer, by its kind.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            storage = _ask_storage(probe, resolve or _addresses)
            proxy = _ask_proxy(probe)
            if probe.https:
                _require_certificate(probe.https)
        except Failed:
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_S)
        else:
            return f"OSS answered {storage}; nginx answered {proxy.status} for {probe.proxy_path}."


def _addresses(host: str) -> list[str]:
    found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
    return sorted({str(address[0]) for *_, address in found})


def _ask_storage(probe: Probe, resolve: Callable[[str], list[str]]) -> _Answer:
    host = probe.bucket_host
    try:
        addresses = resolve(host)
    except OSError as error:
        raise Failed(Outcome.NAME_NOT_RESOLVED, f"DNS has no address for {host}: {error}") from None
    if outside := [one for one in addresses if ip_address(one) not in INTERNAL_NETWORK]:
        raise Failed(
            Outcome.NAME_NOT_INTERNAL,
            f"DNS says {', '.join(outside)} for {host}, which is no internal address ({INTERNAL_NETWORK})",
        )
    answer = None
    for address in addresses:
        try:
            answer = _get(address, probe.storage_port, host, f"/{quote(probe.key)}", tls=probe.storage_tls)
        except ssl.SSLCertVerificationError as error:
            raise Failed(
                Outcome.WRONG_HOST, f"{host} at {address} port {probe.storage_port}: {error}"
            ) from None
        except OSError as error:
            where = f"{host} at {address} port {probe.storage_port}"
            raise Failed(Outcome.NO_ROUTE, f"{where} does not answer: {error}") from None
        _require_right(answer, host, probe.key)
    if answer is None:
        raise Failed(Outcome.NAME_NOT_RESOLVED, f"DNS has no address for {host}")
    return answer


def _require_right(answer: _Answer, host: str, key: str) -> None:
    if answer.status in (200, 206, 304, 416) or (answer.status == 404 and answer.code == "NoSuchKey"):
        return
    asked = f"{host} answered {answer} to an anonymous GET of {key!r}"
    if answer.status == 403:
        raise Failed(Outcome.ACCESS_DENIED, f"{asked}: the bucket policy does not let this instance in")
    if answer.status == 404 or "x-oss-request-id" not in answer.headers:
        raise Failed(Outcome.WRONG_HOST, f"{asked}: this is not the bucket, or not OSS")
    raise Failed(Outcome.STORAGE_FAILS, asked)


def _ask_proxy(probe: Probe) -> _Answer:
    try:
        answer = _get("127.0.0.1", probe.listen_port, "127.0.0.1", probe.proxy_path)
    except OSError as error:
        raise Failed(
            Outcome.NGINX_NOT_RUNNING, f"nginx does not answer on port {probe.listen_port}: {error}"
        ) from None
    if answer.status not in probe.proxy_statuses:
        raise Failed(
            Outcome.PROXY_ANSWERS_OTHERWISE,
            f"nginx answers {answer} for {probe.proxy_path}, although OSS answers the instance right",
        )
    return answer


def _require_certificate(probe: HttpsProbe) -> None:
    context = ssl.create_default_context()
    # It may be one that only the owner's clients trust; whether it is the right one is looked at below.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection(("127.0.0.1", probe.port), CONNECT_TIMEOUT_S) as connection,
            context.wrap_socket(connection, server_hostname=probe.name or None) as secured,
        ):
            shown = hashlib.sha256(secured.getpeercert(binary_form=True) or b"").hexdigest()
    except OSError as error:
        raise Failed(
            Outcome.PROXY_ANSWERS_OTHERWISE, f"nginx does not speak HTTPS on port {probe.port}: {error}"
        ) from None
    if shown != probe.sha256:
        raise Failed(
            Outcome.PROXY_ANSWERS_OTHERWISE,
            f"nginx shows another certificate on port {probe.port} (SHA-256 {shown}, not {probe.sha256})",
        )


def _get(address: str, port: int, host: str, path: str, *, tls: bool = False) -> _Answer:
    connection = http.client.HTTPConnection(address, port, timeout=CONNECT_TIMEOUT_S)
    try:
        if tls:
            connection.connect()
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
        # A byte is enough of an object that exists.
        connection.request("GET", path, headers={"Host": host, "Range": "bytes=0-0", "Connection": "close"})
        answer = connection.getresponse()
        return _Answer(answer.status, answer.headers, answer.read(_READ_BYTES).decode(errors="replace"))
    except http.client.HTTPException as error:
        raise OSError(f"no HTTP answer ({error!r})") from error
    finally:
        connection.close()
