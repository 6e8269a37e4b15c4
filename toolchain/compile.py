"""Runs `go build` and shows how far it is."""

import os
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from toolchain.errors import ToolchainError

PARALLEL_PACKAGES = min(4, os.cpu_count() or 1)
COMPILER_MEMORY = "2GiB"
"""Soft limit for each compiler process; without one the largest package takes more than 6 GB."""
PLAIN_REPORT_INTERVAL_S = 15
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
    """Packages that a build with empty caches compiles, for the progress display."""


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
    progress = _Progress(program.title, program.package_count)
    last_lines: deque[str] = deque(maxlen=ERROR_LINES)
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command,
            cwd=program.module,
            env={**environment, "GOMEMLIMIT": COMPILER_MEMORY},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            text=True,
        ) as process,
    ):
        assert process.stderr is not None  # noqa: S101 - asked for above
        try:
            for line in process.stderr:
                file.write(line)
                last_lines.append(line.rstrip())
                progress.line(line.strip())
        except BaseException:
            # Without this an interrupt that reached only this process would wait for the compiler.
            process.terminate()
            raise
    progress.end()
    if process.returncode != 0:
        raise ToolchainError(
            f"{program.title} could not be compiled, so there is no new pulumi command. "
            f"The whole output is in {log}; it ends:\n" + "\n".join(last_lines)
        )


class _Progress:
    """One line that is rewritten on a terminal, and a line now and then elsewhere."""

    def __init__(self, title: str, package_count: int) -> None:
        self._title = title
        self._package_count = package_count
        self._compiled = 0
        self._downloaded = 0
        self._started = time.monotonic()
        self._reported = self._started
        self._terminal = sys.stdout.isatty()

    def line(self, text: str) -> None:
        """Take a line of `go build -v`: a download, or the package that is compiled next."""
        if text.startswith("go: downloading"):
            self._downloaded += 1
            self._show(" ".join(text.split()[1:4]))
        elif " " not in text and text:
            self._compiled += 1
            self._show(text)

    def end(self) -> None:
        """Report the total."""
        text = f"{self._title}: {time.monotonic() - self._started:.0f} s, {self._compiled} packages compiled"
        print(self._start_of_line() + text, flush=True)

    def _show(self, what: str) -> None:
        now = time.monotonic()
        if not self._terminal and now - self._reported < PLAIN_REPORT_INTERVAL_S:
            return
        self._reported = now
        done = f"{self._compiled} of up to {self._package_count} packages"
        text = f"{self._title}: {now - self._started:.0f} s, {done}, {what}"
        if self._terminal:
            print(self._start_of_line() + text[: os.get_terminal_size().columns - 1], end="", flush=True)
        else:
            print(text, flush=True)

    def _start_of_line(self) -> str:
        return "\r\033[K" if self._terminal else ""
