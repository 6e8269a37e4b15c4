"""A cloud for each test, on an event loop in a thread of its own: the official clients block."""

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
from localcloud.services.cloud import ApiServices
from localcloud.services.context import Delays
from tests.localcloud.api.assistant_desk import Desk
from tests.localcloud.api.harness import Clock, Cloud, RecordingFabric, Site


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="cloud", daemon=True)
    thread.start()
    key, stranger = make_key(DEFAULT_ACCOUNT_UID), make_key(STRANGER_ACCOUNT_UID)
    fabric, coverage, clock = RecordingFabric(), Coverage(), Clock()
    delays = Delays(
        vpc_s=0.02, vswitch_s=0.02, eip_s=0.02, instance_s=0.02, command_s=0.02, failed_start_s=0.02
    )
    accounts = Accounts([key, stranger])
    faults = Faults()
    services = ApiServices(accounts, fabric, coverage, delays=delays, now=clock, faults=faults)
    running = Cloud(services, accounts, fabric, coverage, faults, clock, key, stranger, loop)

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await services.handle(request, Origin(source_ip=str(request.remote)))

    async def start() -> web.ServerRunner:
        # The SDK for Python sends user data in the request line.
        server = web.Server(handle, max_line_size=65536, max_field_size=65536)
        runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        running.port = runner.addresses[0][1]
        return runner

    runner = running.run(start())
    try:
        yield running
    finally:
        running.run(services.close())
        running.run(runner.cleanup())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


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
