"""The cloud, the bucket, the hosts and the rendered kit of the clients' tests."""

from __future__ import annotations

import asyncio
import json
from ipaddress import IPv4Network

import pytest
import pytest_asyncio

from infra.access.grants import Grant, statements
from infra.access.kit import kit
from tests.clients.region import HELLO, Region, trust_store
from tests.clients.tools import write_kit
from tests.localcloud.net.conftest import Lab, lab  # noqa: F401 - a fixture
from tests.unit.access.kits import PLAIN


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def region(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Region:  # noqa: F811
    vpc = await lab.vpc(region_id=PLAIN.region)
    granted, other = await lab.host(vpc, "10.1.1.10"), await lab.host(vpc, "10.1.1.11")
    nothing = {"Effect": "Allow", "Action": "ecs:DescribeZones", "Resource": "*"}
    policy = json.dumps({"Version": "1", "Statement": [nothing]})
    await lab.world.answer({"command": "ram-user", "name": "app", "policy": policy})
    folder = write_kit(tmp_path_factory.mktemp("kit"), kit(PLAIN))
    trust = await asyncio.to_thread(trust_store, lab.home.authority / "ca.pem", folder / "trust.p12")
    region = Region(lab, PLAIN, folder, granted, other, lab.home.ram_user_key("app"), trust)
    grant = Grant(
        name="app",
        vpc_id=vpc,
        networks=(IPv4Network(granted.ip),),
        permissions=("read", "list", "write"),
        prefixes=("public/",),
    )
    uid = lab.home.keys()[0].account_uid
    await region.owner(
        objects={PLAIN.key: HELLO.decode(), "elsewhere/hello.txt": "not for you"},
        policy={"Version": "1", "Statement": statements(grant, owner_uid=uid, bucket=PLAIN.bucket)},
    )
    return region
