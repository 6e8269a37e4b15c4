"""What an authority is asked to be like, and Pebble's configuration file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from localcloud.errors import LocalcloudError

PORT = 14000
MANAGEMENT_PORT = 15000

# How long certificates are valid, in seconds, by profile. Source: https://letsencrypt.org/docs/profiles
# (2025-09-23) for `classic` (90 days) and `shortlived` (160 hours); `tlsserver` is taken to be as `classic`.
LIFETIMES_S: Mapping[str, int] = MappingProxyType(
    {"classic": 90 * 86400, "tlsserver": 90 * 86400, "shortlived": 160 * 3600}
)
# The profiles in which Let's Encrypt certifies IP addresses (same source).
IP_PROFILES = frozenset({"shortlived"})

_LIFETIME = re.compile(r"(?P<profile>[a-z]+)=(?P<seconds>[1-9][0-9]{0,8})")


@dataclass(frozen=True, kw_only=True)
class AcmeSettings:
    """How an authority behaves.

    Attributes:
        lifetimes_s: Seconds that a certificate is valid, by profile.
        bad_nonces: Percent of good nonces that are refused as bad ones, so that clients show that they go on.
        reuse: Percent of the orders that an earlier validation of the account is enough for; with 0 it is
            still one in a hundred, by the way Pebble throws its dice.
    """

    lifetimes_s: Mapping[str, int] = field(default_factory=lambda: dict(LIFETIMES_S))
    bad_nonces: int = 0
    reuse: int = 0

    @classmethod
    def of(cls, lifetimes: Iterable[str], bad_nonces: int, reuse: int) -> AcmeSettings:
        """Reads what a person asked for.

        Args:
            lifetimes: ``PROFILE=SECONDS`` texts that differ from Let's Encrypt's.
            bad_nonces: Percent.
            reuse: Percent.

        Raises:
            LocalcloudError: Something makes no sense.
        """
        chosen = dict(LIFETIMES_S)
        for text in lifetimes:
            match = _LIFETIME.fullmatch(text)
            if match is None or match["profile"] not in chosen:
                raise LocalcloudError(
                    f"--lifetime {text!r} is not of the form PROFILE=SECONDS with a profile of "
                    f"{', '.join(chosen)}."
                )
            chosen[match["profile"]] = int(match["seconds"])
        for name, value in (("--bad-nonces", bad_nonces), ("--reuse", reuse)):
            if not 0 <= value <= 100:
                raise LocalcloudError(f"{name} {value} is no percentage: it must be 0 to 100.")
        return cls(lifetimes_s=chosen, bad_nonces=bad_nonces, reuse=reuse)


def configuration(settings: AcmeSettings, certificate: Path, key: Path) -> str:
    """Returns Pebble's configuration file: only its own host reaches it, the front from there.

    Args:
        settings: How it behaves.
        certificate: File of the certificate that it shows to the front.
        key: File of its key.
    """
    profiles: dict[str, Any] = {
        name: {"description": f"valid {seconds} s", "validityPeriod": seconds, "promoteCommonName": False}
        for name, seconds in settings.lifetimes_s.items()
    }
    return json.dumps(
        {
            "pebble": {
                "listenAddress": f"127.0.0.1:{PORT}",
                "managementListenAddress": f"127.0.0.1:{MANAGEMENT_PORT}",
                "certificate": str(certificate),
                "privateKey": str(key),
                "httpPort": 80,
                "tlsPort": 443,
                "keyAlgorithm": "ecdsa",
                # Clients may come back at once.
                "retryAfter": {"authz": 1, "order": 1},
                "caaIdentities": ["letsencrypt.org"],
                "profiles": profiles,
            }
        },
        indent=1,
    )


def environment(settings: AcmeSettings) -> dict[str, str]:
    """Returns the environment variables that Pebble is set by; it does not wait before it validates."""
    return {
        "PEBBLE_VA_NOSLEEP": "1",
        "PEBBLE_WFE_NONCEREJECT": str(settings.bad_nonces),
        "PEBBLE_AUTHZREUSE": str(settings.reuse),
    }
