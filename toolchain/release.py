"""Second source: Pulumi's official release."""

import hashlib
import platform
import shutil
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from toolchain.errors import ToolchainError, UnavailableError
from toolchain.layout import UNFINISHED, Cache
from toolchain.pins import RELEASE_VERSION

RELEASE_URL = f"https://github.com/pulumi/pulumi/releases/download/v{RELEASE_VERSION}"
CHECKSUMS = f"pulumi-{RELEASE_VERSION}-checksums.txt"
CONNECT_TIMEOUT_S = 5
ARCHITECTURES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def find(cache: Cache) -> Path | None:
    """Return the `pulumi` of a release that was unpacked before."""
    command = cache.releases / RELEASE_VERSION / "pulumi"
    return command if command.exists() else None


def download(cache: Cache) -> Path:
    """Download, verify and unpack the release.

    Raises:
        UnavailableError: The release cannot be reached, or there is none for this machine.
        ToolchainError: What came is not what the release's checksums name.
    """
    archive_name = archive_for(sys.platform, platform.machine())
    target = cache.releases / RELEASE_VERSION
    cache.releases.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=cache.releases) as folder:
        checksums = Path(folder) / CHECKSUMS
        archive = Path(folder) / archive_name
        for file in (checksums, archive):
            _fetch(f"{RELEASE_URL}/{file.name}", file)
        verify(archive, checksums.read_text(encoding="utf-8"))
        with tarfile.open(archive) as content:
            content.extractall(folder, filter="data")
        shutil.rmtree(target, ignore_errors=True)
        (Path(folder) / "pulumi").rename(target)
    return target / "pulumi"


def archive_for(system: str, machine: str) -> str:
    """Name the release's archive for a platform.

    Raises:
        UnavailableError: There is none.
    """
    architecture = ARCHITECTURES.get(machine.lower())
    if system not in ("linux", "darwin") or architecture is None:
        raise UnavailableError(f"no official release for {system} on {machine}")
    return f"pulumi-v{RELEASE_VERSION}-{system}-{architecture}.tar.gz"


def verify(archive: Path, checksums: str) -> None:
    """Compare an archive with the release's list of SHA-256 sums.

    Raises:
        ToolchainError: The archive is not in the list, or differs.
    """
    expected = {name: digest for digest, name in (line.split() for line in checksums.splitlines() if line)}
    with archive.open("rb") as content:
        actual = hashlib.file_digest(content, "sha256").hexdigest()
    if expected.get(archive.name) != actual:
        raise ToolchainError(
            f"{archive.name} has SHA-256 {actual}, the release names {expected.get(archive.name, 'none')}, "
            "so it was not unpacked. Something on the way changed it; TOOLCHAIN_SOURCE=build does without."
        )


def _fetch(url: str, target: Path) -> None:
    try:
        with urllib.request.urlopen(url, timeout=CONNECT_TIMEOUT_S) as answer, target.open("wb") as file:  # noqa: S310
            shutil.copyfileobj(answer, file)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise UnavailableError(f"the official release cannot be downloaded ({reason})") from error
