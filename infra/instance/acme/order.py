"""What the deployer wants, and what stands against asking for it now."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.instance.acme_paths import STATE, WANTED

# Let's Encrypt takes 5 failed validations of a host in an hour. One is left to whoever mends it.
# Source: https://letsencrypt.org/docs/rate-limits/ (2025-06-12)
FAILED_IN_AN_HOUR = 4
HOUR_S = 3600.0
FIRST_PAUSE_S = 300.0
LONGEST_PAUSE_S = 86400.0


class NotIssued(Exception):
    """There is no certificate to be had now.

    Attributes:
        invalid: Whether the authority looked at the proxy and was not content.
        until: Before when it need not be asked again, in seconds since 1970; 0 for not said.
    """

    def __init__(self, reason: str, *, invalid: bool = False, until: float = 0.0) -> None:
        super().__init__(reason)
        self.invalid = invalid
        self.until = until


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is wanted.

    Attributes:
        names: The names that the certificate is to be for; empty for the address.
        address: The proxy's public address.
        directory: The authority's directory.
        authority: PEM of what the directory's own certificate is from; empty for what Debian trusts.
        email: Whom the authority may write to; empty for nobody.
        profile: The profile of the order; empty for the authority's own choice.
        conf: What nginx is told of the certificate.
        zone: The domain in Alibaba Cloud DNS whose records prove the names; empty for proofs over HTTP.
    """

    names: tuple[str, ...]
    address: str
    directory: str
    authority: str
    email: str
    profile: str
    conf: str
    zone: str = ""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names or the address."""
        return self.names or (self.address,)

    @property
    def kind(self) -> dict[str, Any]:
        """What makes another certificate when it is another."""
        return {"hosts": list(self.hosts), "directory": self.directory, "profile": self.profile}

    @classmethod
    def read(cls, root: Path) -> Wanted | None:
        """Reads the deployer's order; None where there is none yet."""
        try:
            given = json.loads((root / WANTED[1:]).read_text())
        except FileNotFoundError:
            return None
        return cls(**{**given, "names": tuple(given["names"])})


@dataclass
class Record:
    """What became of the last attempts; it outlives a reboot.

    Attributes:
        failures: How many have failed one after another.
        next_try: Before when the timer asks nothing, in seconds since 1970.
        closed_until: Before when nobody does: the authority said so.
        invalid: When validations failed, in the last hour.
        reason: Why the last attempt failed; empty when it did not.
        at: When that was.
        kind: What was wanted.
    """

    failures: int = 0
    next_try: float = 0.0
    closed_until: float = 0.0
    invalid: list[float] = field(default_factory=list)
    reason: str = ""
    at: str = ""
    kind: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path, kind: dict[str, Any]) -> Record:
        """Reads it; what was wanted otherwise is no reason to wait, but for the failed validations."""
        try:
            record = cls(**json.loads((root / STATE[1:] / "status.json").read_text()))
        except (OSError, ValueError, TypeError):
            return cls(kind=kind)
        return record if record.kind == kind else cls(kind=kind, invalid=record.invalid)

    def write(self, root: Path, now: float) -> None:
        """Writes it, whole."""
        self.at = shown(now)
        place = root / STATE[1:] / "status.json"
        beside = place.with_suffix(".new")
        beside.write_text(json.dumps(vars(self), indent=1) + "\n")
        beside.replace(place)

    def failed(self, error: NotIssued, now: float) -> None:
        """Notes a failure, and when to try again: later each time."""
        self.failures += 1
        pause = min(FIRST_PAUSE_S * 2 ** min(self.failures - 1, 20), LONGEST_PAUSE_S)
        self.next_try = now + pause
        self.closed_until = error.until
        self.reason = str(error)
        if error.invalid:
            self.invalid = [*(one for one in self.invalid if now - one < HOUR_S), now]

    def require_open(self, now: float, *, hurry: bool) -> None:
        """Refuses to ask the authority too often.

        Args:
            now: The time.
            hurry: Whether what failed before is no reason to wait: a person does.

        Raises:
            NotIssued: When it is too early.
        """
        invalid = sorted(one for one in self.invalid if now - one < HOUR_S)
        full = invalid[-FAILED_IN_AN_HOUR] + HOUR_S if len(invalid) >= FAILED_IN_AN_HOUR else 0.0
        until = max(self.closed_until, full, 0.0 if hurry else self.next_try)
        if now < until:
            before = f" Before: {self.reason}" if self.reason else ""
            raise NotIssued(f"the authority is not asked again before {shown(until)}.{before}", until=until)


def require_names_lead_here(wanted: Wanted) -> None:
    """Refuses what the authority would find out at the expense of its limits.

    Raises:
        NotIssued: A name leads elsewhere.
    """
    # By DNS a name is proven wherever it leads.
    for name in () if wanted.zone else wanted.names:
        fix = f"set the record A {name} -> {wanted.address}, then run `pulumi up` again; the address stays"
        there = _addresses(name, socket.AF_INET)
        if there != {wanted.address}:
            leads = f"leads to {', '.join(sorted(there))}, not to" if there else "does not lead to"
            raise NotIssued(f"the name {name} {leads} {wanted.address}: {fix}")
        if other := _addresses(name, socket.AF_INET6):
            raise NotIssued(
                f"the name {name} leads to {', '.join(sorted(other))} too, where the authority asks first "
                f"and the proxy is not: remove the record AAAA, then run `pulumi up` again"
            )


def _addresses(name: str, family: socket.AddressFamily) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(f"{name}.", None, family)}
    except OSError:
        return set()


def shown(moment: float) -> str:
    """Returns a time for people and files."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
