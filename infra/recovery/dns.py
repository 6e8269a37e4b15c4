"""DNS records that an interrupted update left: found by what settings and state name, and deleted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from infra.dns import names, survey
from infra.naming import Naming
from infra.recovery.found import Found
from infra.recovery.state import State
from infra.sdk_rpc import ALIDNS, ApiError, RpcClient


def places(state: State, settings: Mapping[str, str]) -> dict[str, set[str]]:
    """Returns the hosts where a record of the stack may be, by their zones.

    Args:
        state: The stack's state; it still knows the places that the settings had before.
        settings: The settings by their keys with their namespace.
    """
    found: dict[str, set[str]] = {}
    if zone := settings.get("oss-proxy:dnsZone"):
        found[zone] = set(json.loads(settings.get("oss-proxy:domainNames") or "[]"))
    for inputs in state.inputs_of(names.RECORD_TYPE):
        zone, rr = inputs["domainName"], inputs["rr"]
        found.setdefault(zone, set()).add(zone if rr == "@" else f"{rr}.{zone}")
    return found


def left(state: State, region: str, naming: Naming, settings: Mapping[str, str]) -> list[Found]:
    """Returns the records of the stack that its state does not know.

    Raises:
        CloudError: When Alibaba Cloud DNS refuses to list them, or does not answer.
    """
    found: list[Found] = []
    for zone, hosts in places(state, settings).items():
        # With a zone its records are gone.
        with suppress(survey.NoZoneError):
            records = survey.list_records(RpcClient(ALIDNS, region), zone, sorted(hosts))
            found += survey.leftovers(records, state, naming)
    return found


def delete(records: Sequence[Found], region: str, tell: Callable[[str], None]) -> None:
    """Deletes records.

    Source: https://help.aliyun.com/en/dns/api-alidns-2015-01-09-deletedomainrecord (2026-11-24).

    Args:
        records: The records.
        region: The stack's region.
        tell: Is told each deletion.

    Raises:
        CloudError: When one is not deleted; those before it are.
    """
    for one in records:
        try:
            RpcClient(ALIDNS, region).call("DeleteDomainRecord", {"RecordId": one.id})
        except ApiError as error:
            # How this API says that there is none.
            if error.code != "DomainRecordNotBelongToUser":
                raise
        tell(f"deleted {one}")
