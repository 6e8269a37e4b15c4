"""What a call asks of a record.

Source: https://github.com/AlibabaCloudDocs/dns, AddDomainRecord and UpdateDomainRecord (2021).
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from localcloud.rpc.errors import not_modelled
from localcloud.rpc.params import Params
from localcloud.services.alidns.errors import bad_rr, bad_ttl, bad_value

# The free edition's bounds in seconds, reported by users of the API (2026-11-24).
TTL_MIN_S, TTL_MAX_S = 600, 86400
TYPES = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "TXT")

_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_CAA = re.compile(r'\d{1,3} (?:issue|issuewild|iodef) "[^"]*"')
_TXT_MAX = 512


def read_record(params: Params) -> dict[str, Any]:
    """Reads the fields that a caller chooses: rr, type, value, ttl_s and priority.

    Raises:
        ApiError: ``MissingParameter``, ``SubDomainInvalid.Value``, ``QuotaExceeded.TTL``, for an RR that
            cannot be ``InvalidParameter``, or ``UnsupportedParameter`` for what is not modelled.
    """
    rr, kind, value = (params.require(name) for name in ("RR", "Type", "Value"))
    kind = kind.upper()
    if kind not in TYPES:
        raise not_modelled(f"Type={kind}", f"use one of {', '.join(TYPES)}")
    if params.text("Line", "default") != "default":
        raise not_modelled(f"Line={params.text('Line')}", "use the line default")
    if not is_host_record(rr):
        raise bad_rr()
    ttl = params.integer("TTL", TTL_MIN_S)
    if not TTL_MIN_S <= ttl <= TTL_MAX_S:
        raise bad_ttl()
    if kind in ("CNAME", "MX", "NS"):
        value = value.strip().removesuffix(".")
    if not _fits(kind, value):
        raise bad_value()
    if kind == "MX":
        params.require("Priority")
    priority = params.integer("Priority", 1, low=1, high=50) if kind == "MX" else None
    return {"rr": rr, "type": kind, "value": value, "ttl_s": ttl, "priority": priority}


def is_domain(name: str) -> bool:
    """Tells whether a text is a host name of at least two labels."""
    return "." in name and len(name) <= 253 and all(map(_LABEL.fullmatch, name.split(".")))


def is_host_record(rr: str) -> bool:
    """Tells whether a text can stand before a domain's name: labels, the first may be ``*``; or ``@``."""
    labels = rr.split(".")
    return rr == "@" or all(map(_LABEL.fullmatch, labels[1:] if labels[0] == "*" else labels))


def _fits(kind: str, value: str) -> bool:
    if kind in ("A", "AAAA"):
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return False
        return address.version == (4 if kind == "A" else 6)
    if kind == "TXT":
        return len(value) <= _TXT_MAX and value.isascii()
    if kind == "CAA":
        return _CAA.fullmatch(value) is not None
    return is_domain(value)
