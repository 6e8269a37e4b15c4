"""What other parts of the cloud may ask about domains, and the name servers above all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from localcloud.dns_zones import ZoneRecord
from localcloud.services.alidns.domains import add_domain, domain_of, remove_domain
from localcloud.services.alidns.models import Record
from localcloud.services.state import State


class AlidnsQueries:
    """The account's domains, and what the name servers tell of them.

    Args:
        state: All records.
        now: Tells the time, in UTC.
    """

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        self._state = state
        self._now = now

    def add_domain(self, name: str, account_uid: str) -> str:
        """Adds a domain to an account; returns its name.

        Raises:
            LocalcloudError: It is no domain's name, or overlaps with another.
        """
        return add_domain(self._state, name, account_uid, self._now()).name

    def remove_domain(self, name: str) -> None:
        """Removes a domain with its records.

        Raises:
            LocalcloudError: There is none.
        """
        remove_domain(self._state, name)

    def domains(self) -> list[dict[str, Any]]:
        """Returns all domains with their records, each as JSON can hold it."""
        return [
            {
                "name": domain.name,
                "account": domain.account_uid,
                "records": [
                    {
                        "id": record.record_id,
                        "rr": record.rr,
                        "type": record.type,
                        "value": record.value,
                        "ttl": record.ttl_s,
                        "enabled": record.enabled,
                    }
                    for record in self._state.dns_records.values()
                    if record.domain_name == domain.name
                ],
            }
            for domain in self._state.domains.values()
        ]

    def zone_of(self, name: str) -> str | None:
        """Returns the domain that a name is in, or None."""
        domain = domain_of(self._state, name)
        return None if domain is None else domain.name

    def records(self, name: str) -> list[ZoneRecord] | None:
        """Returns the records of a name in a domain, or None when the name does not exist.

        A name above a record exists. A name that does not, has the records of the nearest ``*`` (RFC 4592).
        """
        zone = self.zone_of(name)
        told = [record for record in self._state.dns_records.values() if record.enabled]
        there = {record.name for record in told if record.domain_name == zone}
        if zone is None or name == zone or _exists(name, there):
            return [_shown(record) for record in told if record.name == name]
        encloser = name.partition(".")[2]
        while encloser != zone and not _exists(encloser, there):
            encloser = encloser.partition(".")[2]
        found = [_shown(record) for record in told if record.name == f"*.{encloser}"]
        return found or None


def _exists(name: str, names: set[str]) -> bool:
    return any(other == name or other.endswith("." + name) for other in names)


def _shown(record: Record) -> ZoneRecord:
    return ZoneRecord(type=record.type, value=record.value, ttl_s=record.ttl_s, priority=record.priority)
