"""``python -m bench.nginx.slow_client PORT PATH READERS SECONDS``: many clients that take hardly anything.

A process of its own, so that its memory is not the server's. Each reader has a small receive buffer and takes
64 KiB once a second. Prints ``started`` when every reader has the head of a good
answer, and at the end how many of them the server has cut off. Then it keeps its connections until it is told
a line.
"""

from __future__ import annotations

import resource
import selectors
import socket
import sys
import time

# 0.5 Mbit/s.
BYTES_A_SECOND = 64 * 1024
RECEIVE_BUFFER = 32 * 1024
START_TIMEOUT_S = 120


def connected(port: int, path: str) -> socket.socket:
    """Asks for the object on a connection whose window stays small."""
    reader = socket.socket()
    # Before connecting: afterwards the window has been offered.
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    reader.connect(("127.0.0.1", port))
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return reader


def await_heads(readers: list[socket.socket]) -> None:
    """Reads the beginning of every answer.

    Raises:
        RuntimeError: One is not 200, or did not come.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    by_number = {reader.fileno(): reader for reader in readers}
    with selectors.DefaultSelector() as selector:
        for reader in readers:
            selector.register(reader, selectors.EVENT_READ)
        while selector.get_map():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{len(selector.get_map())} readers got no answer")
            for key, _ in selector.select(timeout=1):
                reader = by_number[key.fd]
                head = reader.recv(BYTES_A_SECOND)
                if not head.startswith(b"HTTP/1.1 200 "):
                    raise RuntimeError(f"a reader got {head[:100]!r}")
                selector.unregister(reader)


def cut_off(readers: list[socket.socket], seconds: int) -> int:
    """Reads slowly, and returns how many answers ended before their time."""
    ended: set[socket.socket] = set()
    for _ in range(seconds):
        time.sleep(1)
        for reader in readers:
            try:
                if not reader.recv(BYTES_A_SECOND, socket.MSG_DONTWAIT):
                    ended.add(reader)
            except BlockingIOError:
                continue
            except OSError:
                ended.add(reader)
    return len(ended)


def main() -> None:
    """Runs until all is read that is to be read."""
    port, path, count, seconds = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    readers = [connected(port, path) for _ in range(count)]
    await_heads(readers)
    print("started", flush=True)
    print(cut_off(readers, seconds), flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main()
