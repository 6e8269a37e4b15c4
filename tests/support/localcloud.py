"""A stand-in cloud with a home of its own, driven through its command line as a person would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOCALCLOUD = str(Path(sys.executable).with_name("localcloud"))


@dataclass(frozen=True)
class LocalCloud:
    """One cloud; `home` keeps it apart from every other one on the machine."""

    home: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def cli(self, *args: str, check: bool = True, timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
        """Runs ``localcloud ARGS`` for this cloud."""
        return subprocess.run(
            [LOCALCLOUD, "--home", str(self.home), *args],
            check=check,
            text=True,
            capture_output=True,
            timeout=timeout_s,
            env={**os.environ, **self.env},
        )

    def run(
        self,
        origin: str,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        timeout_s: float = 300,
        user: str | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Runs a command on the host named by `origin`; never raises for its exit status.

        With `user` the operator's command has that RAM user's key.
        """
        return subprocess.run(
            [*self._run_from(origin, user), *command],
            check=False,
            capture_output=True,
            timeout=timeout_s,
            cwd=cwd,
            env={**os.environ, **self.env},
        )

    def curl(self, origin: str, url: str, *options: str, timeout_s: float = 60) -> Response:
        """One HTTP request with curl from the host named by `origin`."""
        done = self.run(
            origin,
            [
                *("curl", "--silent", "--show-error", "--path-as-is", "--max-time", str(timeout_s)),
                *("--dump-header", "/dev/stderr", *options, url),
            ],
            timeout_s=timeout_s + 10,
        )
        return Response.parse(done)

    @contextmanager
    def load(self, origin: str, url: str, *trust: str) -> Iterator[Load]:
        """Asks for a URL from the host named by `origin` while a block runs; see `tests.support.load`."""
        script = Path(__file__).with_name("load.py")
        process = subprocess.Popen(
            [*self._run_from(origin), sys.executable, str(script), url, *trust],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.env},
        )
        load = Load()
        try:
            yield load
        finally:
            said, _ = process.communicate("", timeout=60)
            load.counts, load.failures = (json.loads(said)[key] for key in ("counts", "failures"))

    def _run_from(self, origin: str, user: str | None = None) -> list[str]:
        identity = [] if user is None else ["--as", user]
        return [LOCALCLOUD, "--home", str(self.home), "run", "--from", origin, *identity, "--"]

    def status(self) -> dict[str, Any]:
        """What ``localcloud status --json`` says."""
        status: dict[str, Any] = json.loads(self.cli("status", "--json").stdout)
        return status


@dataclass
class Load:
    """What became of the requests of a load, known when it has ended.

    Attributes:
        counts: How many were answered over ``kept`` and ``new`` connections, were ``asked again`` because a
            kept connection had been closed, and ``failed``.
        failures: The first reasons.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    failures: Sequence[str] = ()

    @property
    def answered(self) -> int:
        return self.counts.get("kept", 0) + self.counts.get("new", 0)


@dataclass(frozen=True)
class Response:
    """An HTTP answer as curl saw it; `status` is 0 when there was none."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    error: str

    @classmethod
    def parse(cls, done: subprocess.CompletedProcess[bytes]) -> Response:
        """Reads the last header block and the body of a finished curl."""
        text = done.stderr.decode(errors="replace").replace("\r\n", "\n")
        blocks = [block for block in text.split("\n\n") if block.startswith("HTTP/")]
        if not blocks:
            return cls(0, {}, done.stdout, text.strip())
        first, *lines = blocks[-1].splitlines()
        headers = dict(line.split(": ", 1) for line in lines if ": " in line)
        return cls(
            int(first.split()[1]),
            {name.lower(): value for name, value in headers.items()},
            done.stdout,
            text,
        )
