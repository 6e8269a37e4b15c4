"""Certificates for the cloud's names, and for no other."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest

from localcloud.ca import CertificateAuthority, bundle_path


def handshake(authority: CertificateAuthority, name: str, folder: Path) -> dict[str, object]:
    """One TLS connection; returns the certificate that the client has checked."""
    ours, theirs = socket.socketpair()
    client_side = ssl.create_default_context(cafile=str(bundle_path(folder)))
    context = authority.server_context()

    def serve() -> None:
        try:
            with context.wrap_socket(theirs, server_side=True) as connection:
                connection.recv(1)
        except (ssl.SSLError, OSError):
            theirs.close()

    server = threading.Thread(target=serve)
    server.start()
    try:
        with client_side.wrap_socket(ours, server_hostname=name) as connection:
            certificate = connection.getpeercert()
            connection.send(b"x")
            assert certificate is not None
            return dict(certificate)
    finally:
        ours.close()
        server.join()


@pytest.mark.parametrize(
    "name",
    ["ecs.cn-hangzhou.aliyuncs.com", "sts.aliyuncs.com", "a-bucket.oss-cn-hangzhou-internal.aliyuncs.com"],
)
def test_a_client_that_trusts_the_bundle_accepts_every_name_of_the_cloud(tmp_path: Path, name: str) -> None:
    certificate = handshake(CertificateAuthority(tmp_path), name, tmp_path)
    assert certificate["subjectAltName"] == (("DNS", name),)


@pytest.mark.parametrize("name", ["example.com", "aliyuncs.com.evil.example", "evilaliyuncs.com"])
def test_other_names_get_no_certificate(tmp_path: Path, name: str) -> None:
    with pytest.raises(ssl.SSLError, match="unrecognized name"):
        handshake(CertificateAuthority(tmp_path), name, tmp_path)


def test_the_authority_outlives_the_process(tmp_path: Path) -> None:
    CertificateAuthority(tmp_path)
    before = bundle_path(tmp_path).read_bytes()
    handshake(CertificateAuthority(tmp_path), "sts.aliyuncs.com", tmp_path)
    assert bundle_path(tmp_path).read_bytes() == before


def test_the_key_is_the_owners_alone(tmp_path: Path) -> None:
    CertificateAuthority(tmp_path)
    assert stat.S_IMODE((tmp_path / "ca.key").stat().st_mode) == 0o600
