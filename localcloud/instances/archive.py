"""Where the host itself gets Debian packages from.

No server is named in this project: the package source is the host's own apt configuration, and files
are fetched by apt's own helper, so that the host's proxies, certificates and credentials hold.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

from localcloud.errors import LocalcloudError

ARCHIVE_VARIABLE = "LOCALCLOUD_DEBIAN_ARCHIVE"
SECURITY_VARIABLE = "LOCALCLOUD_DEBIAN_SECURITY"
_FORMAT = "$(CREATED_BY)|$(LABEL)|$(REPO_URI)"


@dataclass(frozen=True, kw_only=True)
class Archive:
    """The two parts of the Debian archive, as URLs without a slash at the end.

    Attributes:
        main: The archive itself; holds ``dists/`` and ``pool/``.
        security: The security archive, or None when the host has none configured.
    """

    main: str
    security: str | None = None


def parse_index_targets(lines: Iterable[str]) -> Archive | None:
    """Finds the Debian archive in what ``apt-get indextargets`` says.

    Args:
        lines: Lines of ``CREATED_BY|LABEL|REPO_URI``. The label is empty until the host has fetched its
            lists; then the URL's last part tells the two archives apart.

    Returns:
        The archive, or None when no line names one.
    """
    main = security = None
    for line in lines:
        created_by, label, uri = line.strip().split("|")
        uri = uri.rstrip("/")
        if created_by != "Packages":
            continue
        name = uri.rpartition("/")[2]
        if main is None and (label == "Debian" or (not label and name == "debian")):
            main = uri
        elif security is None and (label == "Debian-Security" or (not label and name == "debian-security")):
            security = uri
    return None if main is None else Archive(main=main, security=security)


def find_archive() -> Archive:
    """Finds where the host gets Debian packages from.

    Raises:
        LocalcloudError: The host's apt names no Debian archive.
    """
    if ARCHIVE_VARIABLE in os.environ:
        return Archive(
            main=os.environ[ARCHIVE_VARIABLE].rstrip("/"), security=os.environ.get(SECURITY_VARIABLE)
        )
    try:
        targets = subprocess.run(
            ["apt-get", "indextargets", "--format", _FORMAT], capture_output=True, text=True, check=True
        ).stdout
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise LocalcloudError(
            f"apt does not tell its package sources ({error}), so no instance can be made. "
            "localcloud's full mode needs a Debian or Ubuntu host."
        ) from error
    archive = parse_index_targets(targets.splitlines())
    if archive is None:
        raise LocalcloudError(
            "No Debian archive is among this host's apt sources, so no instance can be made. Add one, or set "
            f"{ARCHIVE_VARIABLE} (and {SECURITY_VARIABLE}) to the URL that holds its dists/ and pool/."
        )
    return archive
