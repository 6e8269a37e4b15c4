"""A running Object Storage Service on loopback, and the ways to talk to it.

Official clients reach it under the real names: it is given to them as an HTTP proxy, so they send the
request and the Host header that they would send to the cloud.
"""

from __future__ import annotations

import asyncio
import functools
import http.client
import itertools
import json
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import alibabacloud_oss_v2 as oss_v2
import pytest
import requests.adapters
from aiohttp import web
from urllib3.connection import HTTPConnection

from localcloud.accounts import STRANGER_ACCOUNT_UID, AccessKey, Accounts, make_key
from localcloud.faults import Faults
from localcloud.origin import Origin
from localcloud.oss.service import OssService
from localcloud.ram.authority import RamAuthority
from localcloud.ram.roles import RamRecords

with warnings.catch_warnings():
    # Its docstrings hold invalid escapes, which Python reports on the first import.
    warnings.simplefilter("ignore")
    import oss2

OWNER_UID = "9000000000000001"
REGION = "cn-hangzhou"
PROXY_IP = "192.168.0.10"
PROXY_VPC = "vpc-proxy0000000000001"
INTERNET = Origin(source_ip="203.0.113.9")
PROXY = Origin(source_ip=PROXY_IP, vpc_id=PROXY_VPC, region_id=REGION)


@dataclass
class RecordingCoverage:
    calls: list[tuple[str, str, bool]] = field(default_factory=list)

    def record(self, service: str, action: str, known: bool) -> None:
        self.calls.append((service, action, known))


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, str]:
        return {child.tag: child.text or "" for child in ET.fromstring(self.body)}  # noqa: S314

    @property
    def code(self) -> str:
        return self.error["Code"]


class OssServer:
    """The service in a thread; `origin` and `skew` hold for the requests that follow."""

    def __init__(self, data_dir: Path) -> None:
        self.owner = make_key(OWNER_UID)
        self.stranger = make_key(STRANGER_ACCOUNT_UID)
        self.ram_user = make_key(OWNER_UID, user_id="200000000000000001", user_name="reader")
        self.accounts = Accounts([self.owner, self.stranger, self.ram_user])
        self.records = RamRecords()
        self.ram = RamAuthority(OWNER_UID, [], self.accounts, keep=lambda users: None, records=self.records)
        self.coverage = RecordingCoverage()
        self.faults = Faults()
        self.data_dir = data_dir
        self.origin = INTERNET
        self.skew = timedelta(0)
        self.port = 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._numbers = itertools.count()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _serve(self) -> None:
        self._stopped = asyncio.Event()
        self.service = OssService(
            self.accounts,
            self.data_dir,
            self.coverage,
            clock=lambda: datetime.now(UTC) + self.skew,
            faults=self.faults,
            ram=self.ram,
        )

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            return await self.service.handle(request, self.origin)

        runner = web.ServerRunner(web.Server(handle, auto_decompress=False))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._stopped.wait()
        await runner.cleanup()
        await self.service.close()

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def new_name(self) -> str:
        return f"bucket-{next(self._numbers)}"

    def bucket(self, name: str, key: AccessKey | None = None, *, v4: bool = False) -> oss2.Bucket:
        signer = (oss2.AuthV4 if v4 else oss2.Auth)((key or self.owner).id, (key or self.owner).secret)
        return oss2.Bucket(
            signer,
            f"http://oss-{REGION}.aliyuncs.com",
            name,
            proxies={"http": self.proxy},
            region=REGION if v4 else None,
        )

    def client(self, key: AccessKey | None = None) -> oss_v2.Client:
        config = oss_v2.config.load_default()
        config.credentials_provider = oss_v2.credentials.StaticCredentialsProvider(
            (key or self.owner).id, (key or self.owner).secret
        )
        config.region = REGION
        config.disable_ssl = True
        config.retry_max_attempts = 1
        config.proxy_host = {"http": self.proxy}
        return oss_v2.Client(config)

    def raw(
        self,
        method: str,
        target: str,
        *,
        host: str,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """Sends a request whose target is not touched by any library."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", host)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return Reply(response.status, dict(response.headers), response.read())
        finally:
            connection.close()


@dataclass
class Store:
    """One fresh bucket."""

    server: OssServer
    name: str
    owner: oss2.Bucket

    @property
    def host(self) -> str:
        return f"{self.name}.oss-{REGION}.aliyuncs.com"

    def get(
        self,
        target: str,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        return self.server.raw(method, target, host=self.host, headers=headers, body=body)

    def get_from(self, origin: Origin, target: str, *, method: str = "GET", **more: Any) -> Reply:
        self.server.origin = origin
        try:
            return self.get(target, method=method, **more)
        finally:
            self.server.origin = INTERNET

    def allow_proxy(self, *, action: str = "oss:GetObject", prefix: str = "") -> str:
        text = json.dumps(
            {
                "Version": "1",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": ["*"],
                        "Action": [action],
                        "Resource": [f"acs:oss:*:{OWNER_UID}:{self.name}/{prefix}*"],
                        "Condition": {
                            "IpAddress": {"acs:SourceIp": [PROXY_IP]},
                            "StringEquals": {"acs:SourceVpc": [PROXY_VPC]},
                        },
                    }
                ],
            }
        )
        self.owner.put_bucket_policy(text)
        return text


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OssServer]:
    running = OssServer(tmp_path_factory.mktemp("oss"))
    running.start()
    # To a proxy urllib3 writes with Nagle's algorithm: a body would wait 40 ms for its head's ACK.
    to_proxy = functools.partial(
        requests.adapters.proxy_from_url, socket_options=HTTPConnection.default_socket_options
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.adapters, "proxy_from_url", to_proxy)
        yield running
    running.stop()


@pytest.fixture
def store(server: OssServer) -> Store:
    name = server.new_name()
    owner = server.bucket(name)
    owner.create_bucket()
    return Store(server, name, owner)
