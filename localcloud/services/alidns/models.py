"""Domains and records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A domain that an account has with Alidns.

    Attributes:
        name: In lower case, without a dot at the end.
        domain_id: A UUID.
        account_uid: Its owner.
        created: When it was added.
    """

    name: str
    domain_id: str
    account_uid: str
    created: datetime


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record of a domain.

    Attributes:
        record_id: A number of 18 digits, as text.
        domain_name: The domain.
        account_uid: The domain's owner.
        rr: The host record: what stands before the domain's name, or ``@`` for the domain itself.
        type: For example ``A``.
        value: The value.
        ttl_s: How long others may remember it.
        priority: Of an MX record; else None.
        enabled: Whether the name servers tell it.
        remark: The owner's note.
        created: When it was made.
        changed: When it was last changed.
    """

    record_id: str
    domain_name: str
    account_uid: str
    rr: str
    type: str
    value: str
    ttl_s: int
    priority: int | None
    enabled: bool = True
    remark: str = ""
    created: datetime
    changed: datetime

    @property
    def name(self) -> str:
        """The full name, in lower case."""
        return (self.domain_name if self.rr == "@" else f"{self.rr}.{self.domain_name}").lower()
