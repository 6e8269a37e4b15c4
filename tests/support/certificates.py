"""Certificates for tests, from an authority that is made for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Issued:
    """A certificate and its key.

    Attributes:
        certificate: The certificate.
        key: Its private key.
    """

    certificate: x509.Certificate
    key: Any

    @property
    def pem(self) -> str:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def key_pem(self, passphrase: bytes = b"") -> str:
        """The key as PEM."""
        protection = (
            serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
        )
        made: bytes = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
        )
        return made.decode()


def authority(name: str = "Test Root", issuer: Issued | None = None, now: datetime = NOW) -> Issued:
    """Makes an authority, its own or below another."""
    return _issue(name, ec.generate_private_key(ec.SECP256R1()), issuer, ca=True, now=now)


def server(
    issuer: Issued,
    names: Sequence[str] = ("files.example.com",),
    *,
    addresses: Sequence[str] = (),
    key: Any = None,
    now: datetime = NOW,
    starts: timedelta = timedelta(days=-1),
    lasts: timedelta = timedelta(days=90),
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
) -> Issued:
    """Makes a server's certificate."""
    return _issue(
        names[0] if names else "",
        key or ec.generate_private_key(ec.SECP256R1()),
        issuer,
        subjects=[
            *(x509.DNSName(name) for name in names),
            *(x509.IPAddress(ip_address(address)) for address in addresses),
        ],
        usage=usage,
        now=now,
        starts=starts,
        lasts=lasts,
    )


def _issue(
    name: str,
    key: Any,
    issuer: Issued | None,
    *,
    ca: bool = False,
    subjects: Sequence[x509.GeneralName] = (),
    usage: x509.ObjectIdentifier | None = None,
    now: datetime,
    starts: timedelta = timedelta(days=-1),
    lasts: timedelta = timedelta(days=90),
) -> Issued:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else [])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + starts)
        .not_valid_after(now + lasts)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key((issuer.key if issuer else key).public_key()),
            critical=False,
        )
    )
    if subjects:
        builder = builder.add_extension(x509.SubjectAlternativeName(subjects), critical=False)
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return Issued(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)
