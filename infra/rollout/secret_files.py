"""The files that hold secrets on an instance, made anew from the secrets for each change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from infra.instance.files import File
from infra.instance_files import CERTIFICATE, CERTIFICATE_KEY, CLIENTS, HTTPS, LINK_KEYS
from infra.nginx.links import key_file

# nginx compares the password of each request and does nothing else meanwhile: 2 to the power of this rounds
# take about a millisecond. Passwords are long enough that more would add nothing.
BCRYPT_COST = 4


def secret_files(secrets: Mapping[str, Mapping[str, str]]) -> Sequence[Mapping[str, Any]]:
    """Returns the files as arguments of ``infra.instance.files.File``.

    Args:
        secrets: ``client_passwords``, passwords by client name; ``link_keys``, keys by name; and ``https``,
            with ``conf`` for nginx, the ``certificate`` and its ``key``. Empty or missing for none.
    """
    files = []
    if passwords := secrets.get("client_passwords"):
        lines = "".join(f"{name}:{_hash(password)}\n" for name, password in sorted(passwords.items()))
        # nginx's workers read it with each request.
        files.append(File(path=CLIENTS, content=lines, mode=0o640, group="www-data"))
    if keys := secrets.get("link_keys"):
        # Its master process reads it, and no other.
        files.append(File(path=LINK_KEYS, content=key_file(keys), mode=0o600))
    if https := secrets.get("https"):
        files += [
            File(path=CERTIFICATE, content=https["certificate"]),
            # nginx reads it as root, before it has workers.
            File(path=CERTIFICATE_KEY, content=https["key"], mode=0o600),
            File(path=HTTPS, content=https["conf"]),
        ]
    return [asdict(file) for file in files]


def _hash(password: str) -> str:
    import bcrypt

    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(BCRYPT_COST)).decode()
