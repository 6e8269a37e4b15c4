"""The stack's records in Alibaba Cloud DNS, which lead its names to the public address."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from infra.dns import names
from infra.dns.survey import Standing
from infra.naming import Naming


def dns_records(
    zone: str,
    hosts: Sequence[str],
    naming: Naming,
    standing: Standing,
    *,
    address: pulumi.Output[str],
    hooks: pulumi.ResourceHookBinding,
) -> list[pulumi.Resource]:
    """Registers one record for each name.

    Args:
        zone: The domain that the account has with Alibaba Cloud DNS; empty for no records.
        hosts: The names.
        naming: Makes the note of each record.
        standing: What the survey saw.
        address: The public address.
        hooks: What is called when the cloud refuses.
    """
    return [_record(zone, host, naming, standing, address, hooks) for host in (hosts if zone else ())]


def _record(
    zone: str,
    host: str,
    naming: Naming,
    standing: Standing,
    address: pulumi.Output[str],
    hooks: pulumi.ResourceHookBinding,
) -> pulumi.Resource:
    # Only a stack that has records spends the time to import it.
    import pulumi_alicloud.dns as alicloud_dns

    astray = standing.astray.get(host)
    if astray is not None:
        pulumi.log.warn(
            f"The record of {host} is not as the last update left it, there is {astray}: it is made anew."
        )
    return alicloud_dns.AlidnsRecord(
        names.logical_name(host),
        domain_name=zone,
        rr=names.host_record(host, zone),
        type="A",
        value=address,
        ttl=names.TTL_S,
        remark=names.remark(naming),
        opts=pulumi.ResourceOptions(
            hooks=hooks,
            # Without a refresh the engine does not look at what there is.
            replacement_trigger=str(standing.remade.get(host, 0)),
            # The cloud refuses the same record a second time. In another zone the new one comes first.
            delete_before_replace=astray is not None,
        ),
    )
