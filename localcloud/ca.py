"""The private certificate authority of one cloud, and certificates made when a client asks for a name."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import trustme

from localcloud.acme.naming import HOST as ACME_HOST

_ZONES = ("aliyuncs.com",)
_CACHED_CONTEXTS = 256


class CertificateAuthority:
    """Issues certificates for the cloud's names, and for no other.

    Args:
        folder: Where its key and certificate are kept; both are made when missing.
    """

    def __init__(self, folder: Path) -> None:
        key, certificate = folder / "ca.key", bundle_path(folder)
        if key.exists() and certificate.exists():
            self._ca = trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
        else:
            folder.mkdir(parents=True, exist_ok=True)
            self._ca = trustme.CA(organization_name="localcloud", organization_unit_name="stand-in cloud")
            with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(self._ca.private_key_pem.bytes())
            certificate.write_bytes(self._ca.cert_pem.bytes())
        self._contexts: dict[str, ssl.SSLContext] = {}

    def server_context(self) -> ssl.SSLContext:
        """Returns the TLS settings for a listening socket; the certificate follows the client's SNI."""

        def choose(
            connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext
        ) -> int | None:
            if name is None:
                return None
            if not is_served(name):
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            connection.context = self._context_for(name.lower())
            return None

        listening = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(f"*.{_ZONES[0]}").configure_cert(listening)
        listening.sni_callback = choose
        return listening

    def write_certificate(self, name: str, certificate: Path, key: Path) -> None:
        """Writes a new certificate for a name, with its chain, and its key, which only the owner may read."""
        leaf = self._ca.issue_cert(name)
        certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        key.unlink(missing_ok=True)
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(leaf.private_key_pem.bytes())

    def client_context(self) -> ssl.SSLContext:
        """Returns the TLS settings of a client that trusts this authority alone."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._ca.configure_trust(context)
        return context

    def _context_for(self, name: str) -> ssl.SSLContext:
        if name not in self._contexts:
            if len(self._contexts) >= _CACHED_CONTEXTS:
                del self._contexts[next(iter(self._contexts))]
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._ca.issue_cert(name).configure_cert(context)
            self._contexts[name] = context
        return self._contexts[name]


def bundle_path(folder: Path) -> Path:
    """Returns the file with the authority's certificate, for clients to trust."""
    return folder / "ca.pem"


def is_served(name: str) -> bool:
    """Tells whether the authority issues a certificate for a host name."""
    return name.lower() == ACME_HOST or any(name.lower().endswith("." + zone) for zone in _ZONES)
