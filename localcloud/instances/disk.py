"""What is written onto an instance's disk before its first boot."""

from __future__ import annotations

import subprocess
from pathlib import Path

_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_LOCAL = "usr/local/share/ca-certificates/localcloud.crt"


def trust_authority(rootfs: Path, disk: Path, certificate: bytes) -> None:
    """Makes an instance trust the stand-in cloud's authority, as real ones trust the cloud's.

    Args:
        rootfs: The root file system below the disk.
        disk: The disk: files here hide those of the same path below.
        certificate: The authority's certificate, as PEM.
    """
    local, bundle = disk / _LOCAL, disk / _BUNDLE
    for path in (local, bundle):
        path.parent.mkdir(parents=True, exist_ok=True)
    local.write_bytes(certificate)
    bundle.write_bytes((rootfs / _BUNDLE).read_bytes() + certificate)
    # OpenSSL also looks a certificate up by the hash of its subject.
    hashed = subprocess.run(
        ["openssl", "x509", "-noout", "-subject_hash", "-in", str(local)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    if hashed:
        link = bundle.parent / f"{hashed}.0"
        link.unlink(missing_ok=True)
        link.symlink_to(f"/{_LOCAL}")
