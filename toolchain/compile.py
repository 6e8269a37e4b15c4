"""Runs `go build` and shows how far it is."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from toolchain.errors import ToolchainError

PARALLEL_PACKAGES = min(4, os.cpu_count() or 1)
LEAST_MEMORY_MIB = 3072
MEMORY_SHARE = 3
"""A compiler gets one part in this many of the machine's memory: the largest package takes 6.5 GB if it may,
half of that if it must, and twice the time then."""
TERMINAL_INTERVAL_S = 1
PLAIN_INTERVAL_S = 15
ERROR_LINES = 20


@dataclass(frozen=True)
class Program:
    """One executable to compile."""

    title: str
    module: Path
    package: str
    output: Path
    linker_flags: str
    package_count: int
    """Packages that a first build compiles for it, for the progress display."""


def build(program: Program, go: Path, environment: dict[str, str], log: Path) -> None:
    """Compile a program.

    Args:
        program: What to compile.
        go: The Go command.
        environment: Its environment.
        log: File for the compiler's output.

    Raises:
        ToolchainError: It does not compile.
    """
    command = [str(go), "build", "-v", "-trimpath", "-p", str(PARALLEL_PACKAGES)]
    command += ["-ldflags", f"-s -w {program.linker_flags}", "-o", str(program.output), program.package]
    last_lines: deque[str] = deque(maxlen=ERROR_LINES)
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command,
            cwd=program.module,
            env={**environment, "GOMEMLIMIT": f"{_memory_mib()}MiB"},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            text=True,
        ) as process,
    ):
        assert process.stderr is not None  # noqa: S101 - asked for above
        progress = _Progress(program.title, program.package_count)
        try:
            for line in process.stderr:
                file.write(line)
                last_lines.append(line.rstrip())
                progress.line(line.strip())
        except BaseException:
            # Without this an interrupt that reached only this process would wait for the compiler.
            process.terminate()
            raise
        finally:
            progress.end()
    if process.returncode != 0:
        raise ToolchainError(
            f"{program.title} could not be compiled, so there is no new pulumi command. "
            f"The whole output is in {log}; it ends:\n" + "\n".join(last_lines)
        )


def _memory_mib() -> int:
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return max(LEAST_MEMORY_MIB, machine // MEMORY_SHARE)


class _Progress:
    """Reports until it is ended: on a terminal one line that is rewritten, elsewhere a line now and then.

    A thread reports, because the compiler is silent for minutes while it works on the largest package.
    """

    def __init__(self, title: str, package_count: int) -> None:
        self._title = title
        self._package_count = package_count
        self._compiled = 0
        self._now = "starting"
        self._started = time.monotonic()
        self._terminal = sys.stdout.isatty()
        self._ended = threading.Event()
        self._reporter = threading.Thread(target=self._report, daemon=True)
        self._reporter.start()

    def line(self, text: str) -> None:
        """Take a line of `go build -v`: a download, or the package that is compiled next."""
        if text.startswith("go: downloading"):
            self._now = " ".join(text.split()[1:4])
        elif text and " " not in text:
            self._compiled += 1
            self._now = text

    def end(self) -> None:
        """Stop, and report the total."""
        self._ended.set()
        self._reporter.join()
        self._print(f"{self._elapsed()}, {self._compiled} packages compiled")
        if self._terminal:
            print(flush=True)

    def _report(self) -> None:
        while not self._ended.wait(TERMINAL_INTERVAL_S if self._terminal else PLAIN_INTERVAL_S):
            self._print(
                f"{self._elapsed()}, {self._compiled} of about {self._package_count} packages, {self._now}"
            )

    def _elapsed(self) -> str:
        return f"{self._title}: {time.monotonic() - self._started:.0f} s"

    def _print(self, text: str) -> None:
        if self._terminal:
            print("\r\033[K" + text[: shutil.get_terminal_size().columns - 1], end="", flush=True)
        else:
            print(text, flush=True)
