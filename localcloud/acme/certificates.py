"""Certificates that an authority has issued, as people want to see them."""

from __future__ import annotations

from typing import Any

from cryptography import x509

from localcloud.acme.pebble import Pebble


async def issued(pebble: Pebble) -> list[dict[str, Any]]:
    """Returns all certificates, the oldest first, each as JSON can hold it.

    Returns:
        ``serial``, ``names`` (domains and addresses), ``not_before`` and ``not_after`` (ISO 8601, UTC),
        ``status`` (``Valid``, also when expired, or ``Revoked``), ``reason`` (its number in RFC 5280, or
        None) and ``certificate`` (PEM).
    """
    found = []
    for serial in list(pebble.serials):
        async with pebble.request("GET", f"/cert-status-by-serial/{serial}", management=True) as answer:
            answer.raise_for_status()
            found.append(describe(serial, await answer.json(content_type=None)))
    return found


def describe(serial: str, told: dict[str, Any]) -> dict[str, Any]:
    """Turns what Pebble tells of a certificate into what is shown."""
    certificate = x509.load_pem_x509_certificate(told["Certificate"].encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {
        "serial": serial,
        "names": [
            *names.get_values_for_type(x509.DNSName),
            *map(str, names.get_values_for_type(x509.IPAddress)),
        ],
        "not_before": certificate.not_valid_before_utc.isoformat(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
        "status": told["Status"],
        "reason": told.get("Reason"),
        "certificate": told["Certificate"],
    }
