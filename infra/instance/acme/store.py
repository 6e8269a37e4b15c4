"""Certificates on the instance's disk: each in a folder of its own, and a link to the one that is shown.

A folder is complete before it counts and never changes; one rename lets nginx read another. So there is no
moment at which certificate, key and what nginx is told of them do not belong together.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from infra.instance.acme.order import Wanted
from infra.instance.acme_paths import LIVE, STATE

CHAIN, KEY, KIND = "fullchain.pem", "key.pem", "kind.json"
CONF, HOSTS, DAYS = "https.conf", "hosts.map", "days.map"
KEPT = 3


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key.

    Attributes:
        folder: Where it is.
        kind: What was wanted when it was issued.
        not_before: When it begins, in seconds since 1970.
        not_after: When it ends.
    """

    folder: Path
    kind: dict[str, Any]
    not_before: float
    not_after: float

    def is_due(self, now: float) -> bool:
        """Whether less than a third of its time is left."""
        return self.not_after - now < (self.not_after - self.not_before) / 3


def state(root: Path) -> Path:
    """Returns the folder of it all, which nobody but root looks into."""
    folder = root / STATE[1:]
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def live(root: Path) -> Certificate | None:
    """Returns the certificate that nginx shows; None for none."""
    return read((root / LIVE[1:]).resolve())


def newest(root: Path, kind: dict[str, Any]) -> Certificate | None:
    """Returns the one that lasts longest of those that are what is wanted; None for none."""
    found = [one for folder in _folders(root) if (one := read(folder)) and one.kind == kind]
    # Of the same one the last folder, which is what nginx reads.
    return max(found, key=lambda one: (one.not_after, int(one.folder.name)), default=None)


def read(folder: Path) -> Certificate | None:
    """Reads a folder; None where it holds no certificate with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        leaf = x509.load_pem_x509_certificate((folder / CHAIN).read_bytes())
        key = load_pem_private_key((folder / KEY).read_bytes(), None)
        kind = json.loads((folder / KIND).read_text())
    except (OSError, ValueError):
        return None
    if leaf.public_key() != key.public_key():
        return None
    return Certificate(folder, kind, _seconds(leaf.not_valid_before_utc), _seconds(leaf.not_valid_after_utc))


def subjects(chain: str) -> set[str]:
    """Returns the names and addresses that a certificate is for."""
    from cryptography import x509

    leaf = x509.load_pem_x509_certificate(chain.encode())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))}


def keep(root: Path, chain: str, key: str, kind: dict[str, Any]) -> Certificate | None:
    """Puts a certificate into a folder of its own; None where it is not the key's.

    It is not shown yet, and if nginx does not take it up, it is there for the next attempt.
    """
    folder = _new_folder(root)
    _write(folder, {CHAIN: chain, KEY: key, KIND: json.dumps(kind)})
    return read(_counted(folder))


def told(wanted: Wanted, certificate: Certificate) -> dict[str, str]:
    """Returns what nginx includes, by the names of the files."""
    return {
        CONF: wanted.conf,
        HOSTS: hosts(wanted.hosts),
        DAYS: days(certificate.not_after),
    }


def hosts(served: Sequence[str]) -> str:
    """Returns where plain HTTP leads, as nginx's map has it; of a wildcard to the host that was asked for."""
    lines = [f"{host} {'$host' if host.startswith('*.') else host};\n" for host in served]
    return "".join(["hostnames;\n" if any("*" in line for line in lines) else "", *lines])


def days(not_after: float) -> str:
    """Returns how many days are left at each date, in the time of the instance's clock, as nginx tells it."""
    end = datetime.fromtimestamp(not_after, UTC).astimezone()
    lines, left = [], 0
    while left <= (not_after - datetime.now(UTC).timestamp()) // 86400 + 1:
        lines.append(f"{end - timedelta(days=left):%Y-%m-%d} {left};\n")
        left += 1
    return "".join(lines)


def prepare(root: Path, wanted: Wanted, certificate: Certificate) -> Path:
    """Returns the folder that nginx is to read for a certificate; the same one where nothing is another."""
    files = told(wanted, certificate)
    # The days are those of the certificate, which is the same in a folder that was made for it.
    same = all(_text(certificate.folder / name) == files[name] for name in (CONF, HOSTS))
    if same and (certificate.folder / DAYS).exists():
        return certificate.folder
    folder = _new_folder(root)
    for name in (CHAIN, KEY, KIND):
        files[name] = (certificate.folder / name).read_text()
    _write(folder, files)
    return _counted(folder)


def show(root: Path, folder: Path | None) -> None:
    """Lets nginx read a folder when it reads its files the next time; None for none."""
    place = root / LIVE[1:]
    if folder is None:
        place.unlink(missing_ok=True)
        return
    beside = place.with_name("live.new")
    beside.unlink(missing_ok=True)
    beside.symlink_to(os.path.relpath(folder, place.parent))
    beside.replace(place)


def clear_up(root: Path) -> None:
    """Removes the oldest folders; the one that is shown stays."""
    shown = (root / LIVE[1:]).resolve()
    for folder in _folders(root)[:-KEPT]:
        if folder.resolve() != shown:
            shutil.rmtree(folder)
    for unfinished in (root / STATE[1:]).glob("certificates/*.new"):
        shutil.rmtree(unfinished)


def _folders(root: Path) -> list[Path]:
    found = [folder for folder in (root / STATE[1:]).glob("certificates/*") if folder.name.isdigit()]
    return sorted(found, key=lambda folder: int(folder.name))


def _new_folder(root: Path) -> Path:
    number = max((int(folder.name) for folder in _folders(root)), default=0) + 1
    folder = state(root) / "certificates" / f"{number}.new"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())


def _counted(folder: Path) -> Path:
    return folder.rename(folder.with_suffix(""))


def _text(place: Path) -> str | None:
    return place.read_text() if place.exists() else None


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
