"""First source: a `pulumi` that is already on PATH."""

import os
import re
import subprocess
from pathlib import Path

from toolchain.errors import UnavailableError
from toolchain.pins import MINIMUM_PULUMI

VERSION_TIMEOUT_S = 20


def find(own_command: Path) -> Path:
    """Return the first suitable `pulumi` on PATH.

    Args:
        own_command: The command that this package writes, which does not count.

    Raises:
        UnavailableError: There is none, or it is too old.
    """
    for folder in os.get_exec_path():
        candidate = Path(folder) / "pulumi"
        if candidate.resolve() == own_command.resolve() or not os.access(candidate, os.X_OK):
            continue
        version = version_of(candidate)
        if version[:1] == MINIMUM_PULUMI[:1] and version >= MINIMUM_PULUMI:
            return candidate
        raise UnavailableError(
            f"{candidate} is version {dotted(version)}; needed is {dotted(MINIMUM_PULUMI)} or a later "
            f"{MINIMUM_PULUMI[0]}.x"
        )
    raise UnavailableError("no pulumi on PATH")


def version_of(command: Path) -> tuple[int, ...]:
    """Ask a `pulumi` command for its version.

    Raises:
        UnavailableError: It does not tell one.
    """
    try:
        answer = subprocess.run(
            [str(command), "version"],
            capture_output=True,
            text=True,
            timeout=VERSION_TIMEOUT_S,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{command} cannot be run: {error}") from error
    match = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)\S*", answer.stdout.strip())
    if answer.returncode != 0 or match is None:
        raise UnavailableError(f"{command} tells no version: {(answer.stdout + answer.stderr).strip()!r}")
    return tuple(int(part) for part in match.groups())


def dotted(version: tuple[int, ...]) -> str:
    """Write a version as users know it."""
    return ".".join(str(part) for part in version)
