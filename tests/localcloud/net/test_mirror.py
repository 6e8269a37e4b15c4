"""The package mirror: only an archive's files, one download for many, nothing half done."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from localcloud.instances.archive import Archive, parse_index_targets
from localcloud.mirror import FRESH_S, ArchiveUnreachable, Mirror, NotInArchive, archive_path
from localcloud.origin import Origin

ARCHIVE = Archive(main="http://archive.test/debian", security="http://archive.test/debian-security")
DEB = "pool/main/n/nginx/nginx_1.26.3-3+deb13u1_amd64.deb"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/debian/dists/trixie/InRelease", ("debian", "dists/trixie/InRelease")),
        (f"/debian/{DEB}", ("debian", DEB)),
        (
            "/debian-security/pool/updates/main/a/a_1~rc1.deb",
            ("debian-security", "pool/updates/main/a/a_1~rc1.deb"),
        ),
        (
            "/debian/pool/main/libs/libstdc++6_14.2_amd64.deb",
            ("debian", "pool/main/libs/libstdc++6_14.2_amd64.deb"),
        ),
        ("/", None),
        ("/debian", None),
        ("/debian/", None),
        ("/debian/dists", None),
        ("/debian/dists/", None),
        ("/debian/dists/../../etc/passwd", None),
        ("/debian/dists/./x", None),
        ("/debian/dists//x", None),
        ("/debian/dists/.hidden", None),
        ("/debian/project/trace", None),
        ("/ubuntu/dists/noble/InRelease", None),
        ("/debian/dists/x\0y", None),
        ("/debian/dists/x?y", None),
        ("http://elsewhere.test/debian/dists/x", None),
    ],
)
def test_only_what_apt_asks_an_archive_for(path: str, found: tuple[str, str] | None) -> None:
    assert archive_path(path) == found


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class Upstream:
    """An archive that is under the test's control."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None

    async def fetch(self, url: str, target: Path) -> None:
        self.asked.append(url)
        content = self.content.get(url)
        if content is not None:
            write(target, content[: len(content) // 2])
        await self.gate.wait()
        if self.failure:
            raise self.failure
        if content is None:
            raise NotInArchive(url)
        write(target, content)


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
def mirror(tmp_path: Path, upstream: Upstream) -> Mirror:
    return Mirror(tmp_path, ARCHIVE, upstream.fetch)


async def test_requests_for_one_file_share_one_download(mirror: Mirror, upstream: Upstream) -> None:
    upstream.content[f"{ARCHIVE.main}/{DEB}"] = b"package"
    upstream.gate.clear()
    waiting = [asyncio.create_task(mirror.provide("debian", DEB)) for _ in range(5)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    upstream.gate.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert {path.read_bytes() for path in results[1:] if isinstance(path, Path)} == {b"package"}
    assert upstream.asked == [f"{ARCHIVE.main}/{DEB}"]


async def test_a_download_that_breaks_leaves_nothing(
    mirror: Mirror, upstream: Upstream, tmp_path: Path
) -> None:
    upstream.content[f"{ARCHIVE.main}/{DEB}"] = b"package"
    upstream.failure = ArchiveUnreachable("cut off")
    with pytest.raises(ArchiveUnreachable):
        await mirror.provide("debian", DEB)
    assert files_in(tmp_path) == []
    upstream.failure = None
    assert (await mirror.provide("debian", DEB)).read_bytes() == b"package"


async def test_a_package_is_fetched_once_and_then_needs_no_network(
    mirror: Mirror, upstream: Upstream
) -> None:
    upstream.content[f"{ARCHIVE.main}/{DEB}"] = b"package"
    await mirror.provide("debian", DEB)
    upstream.failure = ArchiveUnreachable("offline")
    assert (await mirror.provide("debian", DEB)).read_bytes() == b"package"
    assert len(upstream.asked) == 1


async def test_a_changing_file_is_asked_for_again_and_served_old_when_offline(
    mirror: Mirror, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "dists/trixie/InRelease"
    url = f"{ARCHIVE.main}/{name}"
    upstream.content[url] = b"one"
    first = await mirror.provide("debian", name)
    os.utime(first, (1_000_000_000, 1_000_000_000))
    assert (await mirror.provide("debian", name)).read_bytes() == b"one"
    assert len(upstream.asked) == 1

    later = first.stat().st_ctime + FRESH_S + 1
    monkeypatch.setattr("localcloud.mirror.time.time", lambda: later)
    await mirror.provide("debian", name)
    assert len(upstream.asked) == 2
    assert first.stat().st_mtime == 1_000_000_000, "the same content must keep its date"
    upstream.content[url] = b"two"
    upstream.failure = ArchiveUnreachable("offline")
    assert (await mirror.provide("debian", name)).read_bytes() == b"one"
    upstream.failure = None
    assert (await mirror.provide("debian", name)).read_bytes() == b"two"


async def test_what_instances_have_already_keeps_its_date(tmp_path: Path, upstream: Upstream) -> None:
    name = "dists/trixie/InRelease"
    copy = tmp_path / "in-image"
    write(copy, b"release")
    os.utime(copy, (1_000_000_000, 1_000_000_000))
    mirror = Mirror(tmp_path / "cache", ARCHIVE, upstream.fetch, known=lambda *_: copy)
    upstream.content[f"{ARCHIVE.main}/{name}"] = b"release"
    assert (await mirror.provide("debian", name)).stat().st_mtime == 1_000_000_000
    upstream.content[f"{ARCHIVE.security}/{name}"] = b"another"
    assert (await mirror.provide("debian-security", name)).stat().st_mtime > 1_000_000_000


@asynccontextmanager
async def served(mirror: Mirror) -> AsyncIterator[str]:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await mirror.handle(request, Origin(source_ip="10.0.0.1", vpc_id="vpc-1"))

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_over_http(mirror: Mirror, upstream: Upstream) -> None:
    upstream.content[f"{ARCHIVE.main}/{DEB}"] = b"package"
    async with served(mirror) as url, aiohttp.ClientSession() as client:

        async def status(method: str, path: str) -> int:
            async with client.request(method, f"{url}{path}") as answer:
                return answer.status

        async with client.get(f"{url}/debian/{DEB.replace('+', '%2b')}") as answer:
            assert (answer.status, await answer.read()) == (200, b"package")
            modified = answer.headers["Last-Modified"]
        async with client.get(f"{url}/debian/{DEB}", headers={"If-Modified-Since": modified}) as answer:
            assert answer.status == 304
        assert await status("HEAD", f"/debian/{DEB}") == 200
        assert await status("GET", "/debian/pool/main/nothing.deb") == 404
        assert await status("GET", "/etc/passwd") == 404
        assert await status("PUT", f"/debian/{DEB}") == 405
        upstream.failure = ArchiveUnreachable("offline")
        assert await status("GET", "/debian/pool/main/other.deb") == 504


async def test_without_a_security_archive_there_is_none(tmp_path: Path, upstream: Upstream) -> None:
    mirror = Mirror(tmp_path, Archive(main=ARCHIVE.main), upstream.fetch)
    path = "/debian-security/dists/trixie-security/InRelease"
    async with served(mirror) as url, aiohttp.ClientSession() as client, client.get(url + path) as answer:
        assert answer.status == 404
    assert upstream.asked == []


def test_the_archive_is_found_in_apts_own_words() -> None:
    lines = [
        "DEP-11|Debian|http://a.test/debian/",
        "Packages|Node|http://other.test/node_20.x/",
        "Packages|Debian|http://a.test/debian/",
        "Packages|Debian-Security|http://a.test/debian-security/",
        "Packages|Debian|http://b.test/debian/",
    ]
    assert parse_index_targets(lines) == Archive(
        main="http://a.test/debian", security="http://a.test/debian-security"
    )
    assert parse_index_targets(["Packages||http://a.test/debian/"]) == Archive(main="http://a.test/debian")
    assert parse_index_targets(["Packages|Ubuntu|http://a.test/ubuntu/"]) is None
