"""Constant load from a client: one process, several connections that stay and several that are new each time.

Run at a place (``python load.py URL [CA_FILE]``) until its standard input ends; prints what became of each
request as JSON. A kept connection that the server closes before the first byte of an answer is no failure:
HTTP lets a client send such a request once more (RFC 9112, section 9.3.1), and every client does. It is
counted apart.
"""

from __future__ import annotations

import http.client
import json
import ssl
import sys
import threading
from collections import Counter
from urllib.parse import urlsplit

KEPT, NEW = 2, 2
# Between two requests of a connection: all together stay below the proxy's `clientRequestsPerSecond`.
PAUSE_S = 0.009
TIMEOUT_S = 20.0


class Load:
    """Asks for one URL again and again.

    Args:
        url: An object's URL.
        trust: The file with the authority of a server that speaks HTTPS.
    """

    def __init__(self, url: str, trust: str | None = None) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = str(parts.hostname), parts.port, parts.path
        self._tls = ssl.create_default_context(cafile=trust) if parts.scheme == "https" else None
        self._lock = threading.Lock()
        self.ended = threading.Event()
        self.counts: Counter[str] = Counter()
        self.failures: list[str] = []

    def keep(self) -> None:
        """Asks over connections that stay."""
        connection, used = self._connect(), False
        while not self.ended.wait(PAUSE_S):
            try:
                self._ask(connection, "kept")
                used = True
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
                connection.close()
                # Only a connection that was used before may have been closed in the meantime.
                if used:
                    self._count("asked again")
                else:
                    self._fail(error)
                connection, used = self._connect(), False
            except (OSError, http.client.HTTPException) as error:
                self._fail(error)
                connection, used = self._connect(), False
        connection.close()

    def renew(self) -> None:
        """Asks over a new connection each time."""
        while not self.ended.wait(PAUSE_S):
            connection = self._connect()
            try:
                self._ask(connection, "new")
            except (OSError, http.client.HTTPException) as error:
                self._fail(error)
            finally:
                connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        if self._tls:
            return http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT_S, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)

    def _ask(self, connection: http.client.HTTPConnection, kind: str) -> None:
        connection.request("GET", self._path)
        answer = connection.getresponse()
        answer.read()
        if answer.status == 200:
            self._count(kind)
        else:
            self._fail(f"HTTP {answer.status}")

    def _count(self, kind: str) -> None:
        with self._lock:
            self.counts[kind] += 1

    def _fail(self, reason: object) -> None:
        with self._lock:
            self.counts["failed"] += 1
            self.failures.append(repr(reason))


def main() -> None:
    """Runs the load until standard input ends."""
    load = Load(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    workers = [threading.Thread(target=load.keep) for _ in range(KEPT)]
    workers += [threading.Thread(target=load.renew) for _ in range(NEW)]
    for worker in workers:
        worker.start()
    sys.stdin.read()
    load.ended.set()
    for worker in workers:
        worker.join()
    print(json.dumps({"counts": load.counts, "failures": load.failures[:20]}))


if __name__ == "__main__":
    main()
