"""The package mirror of the VPCs, ``mirrors.cloud.aliyuncs.com``: the one deliberate way out.

It passes on what apt asks a Debian archive for and nothing else, and keeps every file on disk: a second
instance needs no network outside, and a machine without one still boots from the cache.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from aiohttp import web

from localcloud.instances.archive import Archive
from localcloud.origin import Origin

# Files that change under one name are asked for again after this time; apt itself refers to all others
# by their hash or version.
FRESH_S = 600.0
FETCH_TIMEOUT_S = 300.0

_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~:-]*")
_log = logging.getLogger("localcloud.mirror")

Fetch = Callable[[str, Path], Awaitable[None]]
Known = Callable[[str, str], Path]


class NotInArchive(Exception):
    """The archive has no such file."""


class ArchiveUnreachable(Exception):
    """The archive could not be asked."""


def archive_path(path: str) -> tuple[str, str] | None:
    """Splits the path of a request for a file of a Debian archive.

    Args:
        path: The decoded path, for example ``/debian/dists/trixie/InRelease``.

    Returns:
        Name of the archive (``debian`` or ``debian-security``) and path in it, or None when this is
        nothing that apt asks an archive for.
    """
    root, *segments = path.removeprefix("/").split("/")
    if root not in ("debian", "debian-security") or len(segments) < 2 or segments[0] not in ("dists", "pool"):
        return None
    if not all(_SEGMENT.fullmatch(segment) for segment in segments):
        return None
    return root, "/".join(segments)


def is_immutable(path: str) -> bool:
    """Tells whether a file of the archive never changes under its name."""
    return path.startswith("pool/") or "/by-hash/" in path


async def fetch_by_apt(url: str, target: Path) -> None:
    """Downloads a file with apt's own helper, which knows the host's proxies and certificates.

    Raises:
        NotInArchive: The server has no such file.
        ArchiveUnreachable: Anything else.
    """
    process = await asyncio.create_subprocess_exec(
        *("/usr/lib/apt/apt-helper", "-o", "Acquire::Retries=2", "download-file", url, str(target)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"LC_ALL": "C"},
    )
    try:
        _, errors = await asyncio.wait_for(process.communicate(), FETCH_TIMEOUT_S)
    except TimeoutError as error:
        raise ArchiveUnreachable(f"{url}: no answer in {FETCH_TIMEOUT_S:.0f} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == 0:
        return
    text = errors.decode(errors="replace").strip()
    if re.search(r"\b404\b", text):
        raise NotInArchive(url)
    raise ArchiveUnreachable(f"{url}: {text}")


class Mirror:
    """The HTTP service with its cache.

    Args:
        cache: Folder for the files; several clouds may share it.
        archive: Where the files come from.
        fetch: Downloads a URL into a new file.
        known: Tells where instances have their first copy of a file, by archive and path.
    """

    def __init__(
        self, cache: Path, archive: Archive, fetch: Fetch = fetch_by_apt, known: Known | None = None
    ) -> None:
        self._cache = cache
        self._bases = {"debian": archive.main}
        if archive.security:
            self._bases["debian-security"] = archive.security
        self._fetch = fetch
        self._known = known
        self._running: dict[Path, asyncio.Task[None]] = {}

    async def handle(self, request: web.BaseRequest, origin: Origin) -> web.StreamResponse:
        """Answers one request of an instance's apt."""
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        found = archive_path(request.path)
        if found is None or found[0] not in self._bases:
            return web.Response(status=404, text="Only files of the Debian archive are here.\n")
        try:
            return web.FileResponse(await self.provide(*found))
        except NotInArchive:
            return web.Response(status=404)
        except ArchiveUnreachable as error:
            _log.warning("not in the cache, and not to be had: %s", error)
            return web.Response(
                status=504, text="Not in the cache, and the host's package source is out of reach.\n"
            )

    async def provide(self, root: str, path: str) -> Path:
        """Returns the file in the cache, after a download when it is missing or may have changed.

        Requests for one file share one download; a file appears in the cache only when complete.

        Raises:
            NotInArchive: The archive has no such file.
            ArchiveUnreachable: It is not in the cache and the archive could not be asked.
        """
        target = self._cache / root / path
        if target.exists() and (is_immutable(path) or time.time() - target.stat().st_ctime < FRESH_S):
            return target
        if target not in self._running:
            task = asyncio.create_task(self._download(root, path, target))
            self._running[target] = task
            task.add_done_callback(lambda _: self._running.pop(target, None))
        try:
            # A client that goes away must not end the download that others wait for.
            await asyncio.shield(self._running[target])
        except ArchiveUnreachable:
            if not target.exists():
                raise
            _log.info("offline: %s is served as it was", target)
        return target

    async def _download(self, root: str, path: str, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".part-", dir=target.parent)
        os.close(handle)
        part = Path(name)
        try:
            await self._fetch(f"{self._bases[root]}/{path}", part)
            copies = [target] if self._known is None else [target, self._known(root, path)]
            await asyncio.to_thread(_take_over, part, target, copies)
        finally:
            await asyncio.to_thread(_discard, part)

    async def close(self) -> None:
        """Ends the downloads that are under way."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError, NotInArchive, ArchiveUnreachable):
                await task


def _take_over(part: Path, target: Path, copies: Iterable[Path]) -> None:
    """Puts a complete download in its place."""
    part.chmod(0o644)
    dates = [
        copy.stat().st_mtime_ns
        for copy in copies
        if copy.exists()
        and copy.stat().st_size == part.stat().st_size
        and copy.read_bytes() == part.read_bytes()
    ]
    if dates:
        # The same content keeps its first date, so that apt's "modified since?" is answered by no.
        os.utime(part, ns=(min(dates), min(dates)))
    part.replace(target)


def _discard(part: Path) -> None:
    """Removes what a download left: its file, and what apt writes beside it."""
    for leftover in (part, *part.parent.glob(f"{part.name}.*")):
        leftover.unlink(missing_ok=True)
