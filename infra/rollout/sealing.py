"""Seals files with secrets so that only one instance can read them. Pure.

A CMS message (RFC 5652) to the instance's own certificate: RSA for the key, AES-256 for the content. It may
stand in commands and their records, which whoever may list them can read.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

# What a message adds to its content: certificate serial, wrapped key of RSA 3072, algorithm, padding.
OVERHEAD_BYTES = 1024


def seal(certificate_pem: str, files: Sequence[Mapping[str, Any]]) -> str:
    """Returns files as a message that only the holder of the certificate's key can read.

    Args:
        certificate_pem: The instance's certificate, as ``infra.instance.channel.certificate`` returns it.
        files: The arguments of ``infra.instance.files.File``, one mapping for each.

    Returns:
        The message in DER form, in Base64; another one each time.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.ciphers.algorithms import AES256
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(json.dumps(list(files), ensure_ascii=False).encode())
    builder = builder.set_content_encryption_algorithm(AES256)
    builder = builder.add_recipient(x509.load_pem_x509_certificate(certificate_pem.encode()))
    message = builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    return base64.b64encode(message).decode()


def placeholder(files: Sequence[Mapping[str, Any]]) -> str:
    """Returns a text as long as the sealed files at most, and as hard to compress; empty for none.

    Whether a command becomes too long has to be known before there is an instance with a key.
    """
    if not files:
        return ""
    import hashlib

    size = len(json.dumps(list(files), ensure_ascii=False).encode()) + OVERHEAD_BYTES
    return base64.b64encode(hashlib.shake_128(b"").digest(size)).decode()
