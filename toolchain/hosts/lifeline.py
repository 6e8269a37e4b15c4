"""Ends a host when its engine is gone, however that ended.

An engine that is killed says nothing to the programs that it started. But it holds the other end of their
standard input, a pipe that it neither writes to nor closes while it lives: the kernel ends that pipe with it.
"""

from __future__ import annotations

import os
import stat
import threading

CHUNK_BYTES = 4096


def end_with_engine() -> None:
    """Watch standard input, and end this process at once where it ends; do nothing where it is no pipe."""
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=_watch, name="lifeline", daemon=True).start()


def _watch() -> None:
    while os.read(0, CHUNK_BYTES):
        pass
    # Not an exit, which would wait for calls that are under way: nobody is left to hear how they went.
    os._exit(1)
