"""The rendered configuration in a real nginx, before localcloud's Object Storage Service.

nginx's requests count as coming from the proxy's address in its VPC, as the bucket policy asks; the owner's
own are signed, so that nothing else matters for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import oss2
import pytest

from infra.render import NginxContext
from tests.localcloud.oss.conftest import PROXY, REGION, OssServer, Store
from tests.unit.nginx_process import NGINXES, Proxy, context_for, serving
from tests.unit.recording_origin import Origin


@dataclass(frozen=True)
class Site:
    """A bucket, its policy, and proxies before it.

    Attributes:
        store: The bucket as its owner sees it.
        proxy: Starts a proxy with these settings, or returns the one that runs with them.
    """

    store: Store
    proxy: Callable[[NginxContext], Proxy]

    def put(self, key: str, body: bytes, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.store.owner.put_object(key, body, headers=named)

    def context(self, *prefixes: str, bucket: str = "", **more: object) -> NginxContext:
        host = f"{bucket or self.store.name}.oss-{REGION}-internal.aliyuncs.com"
        return replace(context_for(*prefixes, **more), bucket_host=host)


@pytest.fixture(scope="session")
def oss(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OssServer]:
    running = OssServer(tmp_path_factory.mktemp("oss"))
    running.start()
    running.origin = PROXY
    yield running
    running.stop()


@pytest.fixture(scope="module", params=NGINXES)
def site(
    request: pytest.FixtureRequest, oss: OssServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    name = oss.new_name()
    owner: oss2.Bucket = oss.bucket(name)
    owner.create_bucket()
    store = Store(oss, name, owner)
    store.allow_proxy(prefix="public/")
    started: dict[NginxContext, Proxy] = {}
    with ExitStack() as stack:

        def proxy(context: NginxContext) -> Proxy:
            if context not in started:
                folder = tmp_path_factory.mktemp("nginx")
                started[context] = stack.enter_context(
                    serving(folder, context, Origin(port=oss.port), binary=request.param)
                )
            return started[context]

        yield Site(store, proxy)
