"""The part of the stack that tells clients how to reach the bucket."""

from __future__ import annotations

import pulumi

from infra.access.context import KitContext, Proxy, granted
from infra.naming import Naming
from infra.previews import known_or
from infra.proxy import Proxy as ProxyInstance
from infra.runbook import UNKNOWN_ADDRESS
from infra.settings import Settings
from infra.stack_runbook import url
from infra.survey import Site


def stack_access(
    settings: Settings, site: Site, naming: Naming, proxy: ProxyInstance
) -> pulumi.Output[KitContext]:
    """Returns what the access kit is made from; in a first preview with a placeholder.

    Args:
        settings: What the stack is to be.
        site: Where it goes.
        naming: Makes the names that the cloud shows.
        proxy: The instance and its address.
    """

    def at(address: str) -> KitContext:
        return KitContext(
            stack=naming.stack,
            region=settings.region,
            bucket=settings.bucket_name,
            endpoint=site.bucket_host.partition(".")[2],
            prefixes=settings.object_prefixes,
            grants=tuple(map(granted, settings.access_grants)),
            proxy=Proxy(
                url=url(settings, address),
                presigned=settings.presigned,
                login=bool(settings.client_passwords),
                links=bool(settings.link_keys),
            ),
        )

    return known_or(UNKNOWN_ADDRESS, proxy.public_ip).apply(at)
