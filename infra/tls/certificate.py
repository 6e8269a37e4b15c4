"""A certificate that the owner brings: read, and judged before an instance gets it. Pure.

Sources: CA/Browser Forum, Baseline Requirements 2.1, 6.1.5, 7.1.2.7 (key sizes, subjectAltName, serverAuth;
https://cabforum.org/working-groups/server/baseline-requirements/requirements/, 2026-11-24); RFC 8446, 4.4.2
(the order of a chain); https://nginx.org/en/docs/http/configuring_https_servers.html#chains (2026-11-24).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from infra.nginx.rules import is_host_name

RSA_MIN_BITS = 2048
# Browsers know no other curves in certificates.
CURVES = ("secp256r1", "secp384r1")
NAMES_MAX = 100


class CertificateError(ValueError):
    """A certificate or key cannot be used; the message completes "the setting ..."."""


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What a certificate says of itself.

    Attributes:
        names: The DNS names it is for, in lower case; the first is the one that links use.
        addresses: The IP addresses it is for.
        not_after: When it ends.
        sha256: The digest of the certificate itself, 64 hexadecimal digits.
    """

    names: tuple[str, ...]
    addresses: tuple[str, ...]
    not_after: datetime
    sha256: str

    def days_left(self, now: datetime) -> int:
        """Returns the whole days until it ends; negative when it has ended."""
        return (self.not_after - now).days

    def covers(self, name: str) -> bool:
        """Whether it is for a DNS name, in lower case; a wildcard stands for one label (RFC 6125, 6.4.3)."""
        return name in self.names or f"*.{name.partition('.')[2]}" in self.names


def read_chain(pem: str, now: datetime) -> Certificate:
    """Reads a certificate with the chain that leads to its authority.

    Args:
        pem: The certificate, then what each was issued by in turn; the authority's own may be left out.
        now: The time at which it has to be good.

    Raises:
        CertificateError: When clients would refuse it.
    """
    if "PRIVATE KEY" in pem:
        raise CertificateError("holds a private key; only the certificates belong here")
    try:
        chain = x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise CertificateError("must hold certificates as PEM, as in fullchain.pem") from None
    leaf = chain[0]
    _require_order(chain)
    if now >= leaf.not_valid_after_utc:
        raise CertificateError(f"ended on {leaf.not_valid_after_utc:%Y-%m-%d}; get a new one")
    if now < leaf.not_valid_before_utc:
        raise CertificateError(f"is not good before {leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC")
    _require_server(leaf)
    _require_strong(leaf.public_key())
    names, addresses = _subjects(leaf)
    return Certificate(
        names=names,
        addresses=addresses,
        not_after=leaf.not_valid_after_utc.astimezone(UTC),
        sha256=leaf.fingerprint(hashes.SHA256()).hex(),
    )


def require_key(pem: str, chain_pem: str) -> None:
    """Refuses a private key that is not the certificate's.

    Args:
        pem: The private key, not encrypted.
        chain_pem: The certificate with its chain, as ``read_chain`` accepts it.

    Raises:
        CertificateError: When nginx could not use it; the message holds nothing of the key.
    """
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise CertificateError(
            "is encrypted; give it without its passphrase (openssl pkey -in FILE), Pulumi encrypts it"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateError("must hold one private key as PEM, as in privkey.pem") from None
    leaf = x509.load_pem_x509_certificates(chain_pem.encode())[0]
    if _public_bytes(key.public_key()) != _public_bytes(leaf.public_key()):
        raise CertificateError("is not the key of tlsCertificate's first certificate")


def _require_order(chain: list[x509.Certificate]) -> None:
    for issued, issuer in pairwise(chain):
        try:
            issued.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            raise CertificateError(
                f"is out of order: {_subject(issued)} must be followed by what it was issued by "
                f"({issued.issuer.rfc4514_string()}), not by {_subject(issuer)}"
            ) from None


def _require_server(leaf: x509.Certificate) -> None:
    try:
        if leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise CertificateError(f"begins with an authority's certificate ({_subject(leaf)})")
    except x509.ExtensionNotFound:
        pass
    try:
        usages = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    if ExtendedKeyUsageOID.SERVER_AUTH not in usages:
        raise CertificateError("is not for servers: its extended key usage has no serverAuth")


def _require_strong(key: object) -> None:
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= RSA_MIN_BITS:
        return
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES:
        return
    kind = (
        f"RSA of {key.key_size} bits"
        if isinstance(key, rsa.RSAPublicKey)
        else f"the curve {key.curve.name}"
        if isinstance(key, ec.EllipticCurvePublicKey)
        else "Ed25519"
        if isinstance(key, ed25519.Ed25519PublicKey)
        else "a kind of its own"
    )
    raise CertificateError(
        f"has a key that clients do not accept ({kind}): use ECDSA P-256 or P-384, or RSA of {RSA_MIN_BITS} "
        "bits and more"
    )


def _subjects(leaf: x509.Certificate) -> tuple[tuple[str, ...], tuple[str, ...]]:
    try:
        subjects = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        raise CertificateError("names no host: clients look at subjectAltName only") from None
    names = tuple(name.lower() for name in subjects.get_values_for_type(x509.DNSName))
    addresses = tuple(
        str(address)
        for address in subjects.get_values_for_type(x509.IPAddress)
        if isinstance(address, ipaddress.IPv4Address)
    )
    if not names and not addresses:
        raise CertificateError("names no host and no IPv4 address in its subjectAltName")
    if len(names) > NAMES_MAX:
        raise CertificateError(f"names {len(names)} hosts, at most {NAMES_MAX} can be served")
    for name in names:
        if not is_host_name(name):
            raise CertificateError(f"names {name!r}, which is no host name")
    return names, addresses


def _public_bytes(key: object) -> bytes:
    made: bytes = key.public_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return made


def _subject(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or f"serial {certificate.serial_number:x}"
