"""HTTPS: for whom, and what becomes of clients that come without it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Literal, get_args

from infra.nginx.rules import checked, is_host_name, require_free_port
from infra.text import RenderError

PlainHttp = Literal["redirect", "serve"]
HTTPS_PORT = 443
# Source: Mozilla's server side TLS, intermediate, 5.7 and later
# (https://ssl-config.mozilla.org/guidelines/latest.json, 2026-11-24). The hybrid group needs OpenSSL 3.5,
# which Debian 13 has. The ciphers are those of TLS 1.2; those of 1.3 are all good.
TLS_GROUPS = "X25519MLKEM768:X25519:prime256v1:secp384r1"
TLS_CIPHERS = ":".join(
    f"ECDHE-{key}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for key in ("ECDSA", "RSA")
)


@dataclass(frozen=True, kw_only=True)
class Tls:
    """What clients meet where the proxy speaks HTTPS.

    Attributes:
        names: The DNS names that it has a certificate for; a name may begin with ``*.``.
        addresses: The IPv4 addresses that it has a certificate for.
        plain_http: Whether requests without HTTPS are sent to it or answered as they are.
        port: Its TCP port.
        hsts_seconds: How long browsers are to come with HTTPS only, 0 for not telling them.
        acme: Whether the certificate is an ACME authority's, which the instance gets itself. Without names it
            is for the proxy's public address, which no configuration knows beforehand.
        clients: The networks that plain HTTP is for where its port is open to all for the authority's sake;
            empty where nothing else is open to all.
        until: Until when the certificate is good, as a date for people; empty where the instance knows.

    Raises:
        RenderError: When a value breaks a rule.
    """

    names: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    plain_http: PlainHttp = "redirect"
    port: int = HTTPS_PORT
    hsts_seconds: int = 0
    acme: bool = False
    clients: tuple[str, ...] = ()
    until: str = ""

    def __post_init__(self) -> None:
        fix = "check oss-proxy:tlsCertificate."
        if not self.names and not self.addresses and not self.acme:
            raise RenderError("the certificate is for nobody", fix=fix)
        for name in self.names:
            if not is_host_name(name):
                raise RenderError(f"{name!r} is no host name", fix=fix)
        for address in self.addresses:
            try:
                IPv4Address(address)
            except AddressValueError:
                raise RenderError(f"{address!r} is no IPv4 address", fix=fix) from None
        if self.plain_http not in get_args(PlainHttp):
            raise RenderError(f"{self.plain_http!r} is no choice", fix="check oss-proxy:plainHttp.")
        if not 1 <= self.port <= 65535:
            raise RenderError(f"{self.port} is no TCP port", fix="check oss-proxy:httpsPort.")
        checked(require_free_port, self.port, "httpsPort")
        for network in self.clients:
            try:
                IPv4Network(network)
            except ValueError:
                raise RenderError(f"{network!r} is no network", fix="check oss-proxy:allowedCidrs.") from None
        if self.clients and (not self.acme or self.plain_http == "serve"):
            raise RenderError("a port for the authority alone", fix="check oss-proxy:acmeOpenPort80.")
        if self.hsts_seconds < 0:
            raise RenderError("a time has no minus", fix="check oss-proxy:hstsSeconds.")

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host that a link may name."""
        return (*self.names, *self.addresses)

    @property
    def by_address(self) -> bool:
        """Whether clients come by an address, and so name none in the handshake."""
        return bool(self.addresses) or (self.acme and not self.names)

    @property
    def port_in_links(self) -> str:
        """What a link has behind its host; nothing for the port that clients use by themselves."""
        return "" if self.port == HTTPS_PORT else f":{self.port}"

    def link_host(self, address: str) -> str:
        """Returns the host that links name: the first name that is one, else the proxy's address."""
        return next((name for name in self.names if not name.startswith("*.")), address)

    @property
    def handshake_name(self) -> str:
        """A name that the proxy takes in a handshake; empty where only addresses are served."""
        return self.names[0].replace("*.", "any.", 1) if self.names else ""


def https_conf(tls: Tls, certificate: str, key: str) -> str:
    """Returns the part of nginx's configuration that comes with the certificate, not with the first boot.

    Args:
        tls: For whom it is.
        certificate: The path of the certificate and its chain on the instance.
        key: The path of its key.
    """
    # An authority's may stand for a moment beside what refuses other names: the only one is it by itself.
    default = " default_server" if tls.addresses else ""
    return f"listen {tls.port} ssl{default};\nssl_certificate {certificate};\nssl_certificate_key {key};\n"
