"""Object data in files: written once, never changed, removed when nobody needs them any more.

A file's name is random and says nothing of the key. Objects, copies, upload parts and running
downloads each hold a reference, so a download that has begun keeps its version when the object is
overwritten or deleted. References are counted on the event loop only.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from localcloud.oss.checksums import Digest

# Data goes to disk in pieces of this size, each hashed and written by one call in a thread.
WRITE_PIECE_BYTES = 1024 * 1024


class Blob:
    """One immutable file."""

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.size = size
        self._references = 0

    def acquire(self) -> None:
        """Adds a reference."""
        self._references += 1

    def release(self) -> None:
        """Gives a reference back; the last one removes the file."""
        self._references -= 1
        if self._references == 0:
            self.path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Removes the file if nobody has a reference: for data that was received and then refused."""
        self.acquire()
        self.release()


@dataclass(frozen=True)
class Piece:
    """A part of one blob: where it begins and how long it is, in bytes."""

    blob: Blob
    offset: int
    size: int


class Content:
    """The bytes of one object version: blobs one after the other."""

    def __init__(self, blobs: Iterable[Blob]) -> None:
        self.blobs = tuple(blobs)
        self.size = sum(blob.size for blob in self.blobs)

    def acquire(self) -> None:
        """Adds a reference to every blob."""
        for blob in self.blobs:
            blob.acquire()

    def release(self) -> None:
        """Gives the references back."""
        for blob in self.blobs:
            blob.release()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps the files for as long as the block runs."""
        self.acquire()
        try:
            yield
        finally:
            self.release()

    def pieces(self, offset: int, size: int) -> Iterator[Piece]:
        """Cuts a range of the content along its blobs."""
        for blob in self.blobs:
            if size <= 0:
                return
            if offset < blob.size:
                length = min(blob.size - offset, size)
                yield Piece(blob, offset, length)
                offset, size = 0, size - length
            else:
                offset -= blob.size


class BlobStore:
    """The directory that holds the files; what an earlier run left there is removed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.clear()
        directory.mkdir(parents=True)

    def clear(self) -> None:
        """Removes the directory."""
        if self._directory.exists():
            shutil.rmtree(self._directory)

    async def write(self, chunks: AsyncIterator[bytes]) -> tuple[Blob, Digest]:
        """Stores a stream, in bounded memory; a stream that breaks off leaves nothing behind.

        Returns:
            The blob, with no reference yet, and the checksums of its bytes.
        """
        path = self._directory / secrets.token_hex(16)
        digest = Digest()
        try:
            with path.open("xb") as file:

                def store(piece: bytes) -> None:
                    digest.update(piece)
                    file.write(piece)

                buffer = bytearray()
                async for chunk in chunks:
                    buffer += chunk
                    if len(buffer) >= WRITE_PIECE_BYTES:
                        await asyncio.to_thread(store, bytes(buffer))
                        buffer.clear()
                store(bytes(buffer))
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Blob(path, digest.size), digest
