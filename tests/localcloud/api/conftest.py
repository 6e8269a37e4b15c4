"""A cloud for each test, on an event loop in another thread: the official clients block."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiohttp import web
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException

from localcloud.accounts import DEFAULT_ACCOUNT_UID, STRANGER_ACCOUNT_UID, Accounts, make_key
from localcloud.coverage import Coverage
from localcloud.faults import Faults
from localcloud.origin import Origin
from localcloud.ram.authority import RamAuthority
from localcloud.ram.roles import RamRecords
from localcloud.services.cloud import ApiServices
from localcloud.services.context import Delays
from tests.localcloud.api.assistant_desk import Desk
from tests.localcloud.api.harness import Clock, Cloud, RecordingFabric, Site


class Front:
    """An event loop in a thread of its own, and a port behind which each test puts its own services.

    The official clients keep a session for each address, and a new one reads all of the machine's CAs.
    """

    def __init__(self) -> None:
        self.services: ApiServices | None = None
        self.port = 0
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="cloud", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._runner = asyncio.run_coroutine_threadsafe(self._listen(), self.loop).result(timeout=20)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self.loop).result(timeout=20)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    async def _listen(self) -> web.ServerRunner:
        # The SDK for Python sends user data in the request line.
        server = web.Server(self._handle, max_line_size=65536, max_field_size=65536)
        runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        return runner

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        assert self.services is not None
        return await self.services.handle(request, Origin(source_ip=str(request.remote)))


@pytest.fixture(scope="session")
def front() -> Iterator[Front]:
    running = Front()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def delays() -> Delays:
    """None. A test that looks at a state on the way asks for `AT_LEISURE` instead."""
    return Delays(vpc_s=0, vswitch_s=0, eip_s=0, instance_s=0, command_s=0, failed_start_s=0)


@pytest.fixture
def cloud(front: Front, delays: Delays) -> Iterator[Cloud]:
    key, stranger = make_key(DEFAULT_ACCOUNT_UID), make_key(STRANGER_ACCOUNT_UID)
    fabric, coverage, clock = RecordingFabric(), Coverage(), Clock()
    accounts = Accounts([key, stranger])
    faults = Faults()
    records = RamRecords()
    ram = RamAuthority(DEFAULT_ACCOUNT_UID, [], accounts, keep=lambda users: None, records=records)
    services = ApiServices(
        accounts, fabric, coverage, delays=delays, now=clock, faults=faults, ram=ram, records=records
    )
    front.services = services
    running = Cloud(
        services, accounts, fabric, coverage, faults, clock, key, stranger, front.loop, front.port, ram
    )
    yield running
    running.run(services.close())
    front.services = None


@pytest.fixture
def site(cloud: Cloud) -> Site:
    vpc = cloud.make_vpc()
    return Site(vpc=vpc, vswitch=cloud.make_vswitch(vpc), group=cloud.make_group(vpc))


@pytest.fixture
def desk(cloud: Cloud, site: Site) -> Desk:
    return Desk(cloud, site, cloud.make_instance(site.vswitch, site.group))


@pytest.fixture
def refused() -> Callable[..., Any]:
    """Calls something that must be refused; returns the error."""

    def call(code: str, status: int, action: Callable[..., Any], *args: Any) -> Any:
        with pytest.raises((ClientException, ServerException)) as caught:
            action(*args)
        assert (caught.value.code, caught.value.status_code) == (code, status)
        return caught.value

    return call
