"""Loading a server: with wrk, and where sessions are resumed, which it cannot, with OpenSSL's own measure."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.nginx.cases import Case
from bench.nginx.tools import tool

_TIMES = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
_SIZES = {"B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}


@dataclass(frozen=True)
class Load:
    """What the client saw.

    Attributes:
        requests: How many answers it got whole.
        seconds: For how long it asked.
        transferred: The bytes that it read, those of answers that had not ended included.
        p50, p99: Latencies in seconds; 0 where no answer ended, or where they are not told.
        failed: Answers that were no 2xx or 3xx, socket errors, and sessions that were not resumed.
    """

    requests: int
    seconds: float
    transferred: float
    p50: float
    p99: float
    failed: int

    def speed(self, case: Case) -> float:
        """Requests or bytes per second, as the case counts."""
        return (self.transferred if case.unit == "bytes" else self.requests) / self.seconds


def load(case: Case, port: int, seconds: int) -> Load:
    """Asks a server for the case's object for a while."""
    if case.resumed:
        return _resuming(case, port, seconds)
    command = [tool("wrk"), f"-t{min(2, case.connections)}", f"-c{case.connections}", f"-d{seconds}s"]
    command += ["--timeout", "10s", "--latency"]
    if not case.kept:
        command += ["-H", "Connection: close"]
    command.append(case.url(port))
    return parsed(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def parsed(text: str) -> Load:
    """Reads wrk's report.

    Raises:
        ValueError: It is none.
    """
    total = re.search(r"(\d+) requests in ([\d.]+\w+), ([\d.]+)(\w+) read", text)
    if total is None:
        raise ValueError(f"wrk reports no requests:\n{text}")
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return Load(
        requests=int(total[1]),
        seconds=_seconds(total[2]),
        transferred=float(total[3]) * _SIZES[total[4]],
        p50=_latency(50, text),
        p99=_latency(99, text),
        failed=int(refused[1] if refused else 0) + sum(map(int, errors.groups() if errors else ())),
    )


def _resuming(case: Case, port: int, seconds: int) -> Load:
    command = [tool("openssl"), "s_time", "-connect", f"127.0.0.1:{port}", "-www", case.path, "-reuse"]
    command += ["-time", str(seconds)]
    began = time.monotonic()
    clients = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(case.connections)
    ]
    texts = [client.communicate()[0] for client in clients]
    return resumed(texts, time.monotonic() - began)


def resumed(texts: Sequence[str], seconds: float) -> Load:
    """Reads the reports of ``openssl s_time -reuse``.

    Args:
        texts: What each client printed.
        seconds: For how long they ran.

    Raises:
        ValueError: One is none.
    """
    connections = transferred = resumptions = 0
    for text in texts:
        found = re.search(r"(\d+) connections in [\d.]+ real seconds, (\d+) bytes read per", text)
        if found is None:
            raise ValueError(f"openssl reports no connections:\n{text[-2000:]}")
        connections += int(found[1])
        transferred += int(found[1]) * int(found[2])
        # It writes a letter for each connection, and its figures below.
        letters = text.partition("starting")[2].split()
        resumptions += letters[0].count("r") if letters else 0
    return Load(connections, seconds, transferred, 0.0, 0.0, max(0, connections - resumptions))


def _latency(percent: int, text: str) -> float:
    match = re.search(rf"^\s+{percent}%\s+(\S+)", text, re.MULTILINE)
    return _seconds(match[1]) if match else 0.0


def _seconds(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    if match is None:
        raise ValueError(f"{text!r} is no time of wrk")
    return float(match[1]) * _TIMES[match[2]]
