"""The part of the stack that tells people where the proxy is and what to do with it."""

from __future__ import annotations

import pulumi

from infra.data_plane import tls
from infra.naming import Naming
from infra.previews import known_or
from infra.probe import probe_key
from infra.proxy import Proxy
from infra.runbook import UNKNOWN_ADDRESS, UNKNOWN_INSTANCE, RunbookContext, runbook
from infra.settings import Settings
from infra.survey import Site


def url(settings: Settings, address: str) -> str:
    """Returns where clients ask: ``http://ADDRESS/`` or ``https://NAME/``, with a port that is unusual."""
    named = next(iter(settings.domain_names), "")
    if https := tls(settings):
        return f"https://{named or https.link_host(address)}{https.port_in_links}/"
    port = "" if settings.listen_port == 80 else f":{settings.listen_port}"
    return f"http://{named or address}{port}/"


def stack_runbook(
    settings: Settings, site: Site, naming: Naming, proxy: Proxy, vpc_id: pulumi.Output[str]
) -> pulumi.Output[str]:
    """Returns the runbook with this stack's names; in a first preview with placeholders.

    Args:
        settings: What the stack is to be.
        site: Where it goes.
        naming: Makes the names that the cloud shows.
        proxy: The instance and its address.
        vpc_id: The VPC, known in previews too.
    """

    def with_names(known: dict[str, str]) -> str:
        return runbook(
            RunbookContext(
                stack=naming.stack,
                region=settings.region,
                bucket=settings.bucket_name,
                bucket_host=site.bucket_host,
                oss_scheme="https" if settings.oss_over_https else "http",
                probe_key=probe_key(settings.object_prefixes),
                instance_id=known["instance_id"],
                instance_urn=known["instance_urn"],
                private_ip=str(settings.private_ip),
                vpc_id=known["vpc_id"],
                url=url(settings, known["public_ip"]),
            )
        )

    return pulumi.Output.all(
        instance_id=known_or(UNKNOWN_INSTANCE, proxy.instance_id),
        instance_urn=proxy.instance_urn,
        public_ip=known_or(UNKNOWN_ADDRESS, proxy.public_ip),
        vpc_id=vpc_id,
    ).apply(with_names)
