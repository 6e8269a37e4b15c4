"""How object data leaves: over TLS, to clients that go away, and a body that breaks off."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import trustme
from aiohttp import web

from localcloud.accounts import Accounts, make_key
from localcloud.oss.blobs import BlobStore, Content
from localcloud.oss.service import OssService
from localcloud.oss.state import Bucket, ObjectVersion

from .conftest import INTERNET, OWNER_UID, REGION, RecordingCoverage, Store

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HOST = f"tls-bucket.oss-{REGION}.aliyuncs.com"


def test_over_tls_the_bytes_are_the_same(tmp_path: Path) -> None:
    data = bytes(range(256)) * 4096
    authority = trustme.CA()
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST).configure_cert(server_side)
    client_side = ssl.create_default_context()
    authority.configure_trust(client_side)

    async def scenario() -> None:
        service = OssService(Accounts([make_key(OWNER_UID)]), tmp_path, RecordingCoverage())
        bucket = Bucket(
            name="tls-bucket",
            region=REGION,
            owner_uid=OWNER_UID,
            created=NOW,
            block_public_access=False,
            acl="public-read-write",
        )
        service.state.add(bucket)

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            return await service.handle(request, INTERNET)

        runner = web.ServerRunner(web.Server(handle, auto_decompress=False))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_side).start()
        url = f"https://127.0.0.1:{runner.addresses[0][1]}/a"
        try:
            async with aiohttp.ClientSession(headers={"Host": HOST}) as session:
                tls = {"ssl": client_side, "server_hostname": HOST}
                async with session.put(url, data=data, **tls) as stored:
                    assert stored.status == 200
                async with session.get(url, headers={"Range": "bytes=5-1000004"}, **tls) as got:
                    assert (got.status, await got.read()) == (206, data[5:1000005])
        finally:
            await runner.cleanup()
            await service.close()
        assert not (tmp_path / "blobs").exists()

    asyncio.run(scenario())


def test_a_client_that_goes_away_frees_the_file(store: Store) -> None:
    store.owner.put_bucket_public_access_block(False)
    store.owner.put_bucket_acl("public-read")
    store.owner.put_object("a", b"x" * 30_000_000)
    with socket.create_connection(("127.0.0.1", store.server.port)) as client:
        client.sendall(f"GET /a HTTP/1.1\r\nHost: {store.host}\r\n\r\n".encode())
        assert client.recv(15).startswith(b"HTTP/1.1 200")
        bucket = store.server.service.state.find(store.name)
        assert bucket is not None
        version = bucket.current("a")
        assert version is not None
        assert version.content is not None
        path = version.content.blobs[0].path
        store.owner.delete_object("a")
        assert path.exists()
    _wait_until_gone(path)


def test_an_upload_that_breaks_off_leaves_nothing(store: Store) -> None:
    store.owner.put_bucket_public_access_block(False)
    store.owner.put_bucket_acl("public-read-write")
    blobs = store.server.data_dir / "blobs"
    before = set(blobs.iterdir())
    with socket.create_connection(("127.0.0.1", store.server.port)) as client:
        head = f"PUT /a HTTP/1.1\r\nHost: {store.host}\r\nContent-Length: 1000000\r\n\r\n"
        client.sendall(head.encode() + b"x" * 1000)
        (begun,) = _wait_for_new(blobs, before)
    _wait_until_gone(begun)
    assert not store.owner.object_exists("a")


def _wait_for_new(directory: Path, before: set[Path]) -> set[Path]:
    for _ in range(1000):
        new = set(directory.iterdir()) - before
        if new:
            return new
        _pause()
    pytest.fail("no file appeared within 10 s")


def _wait_until_gone(path: Path) -> None:
    for _ in range(1000):
        if not path.exists():
            return
        _pause()
    pytest.fail(f"{path.name} still there after 10 s")


def _pause() -> None:
    # The service is in another thread and offers no event for its files.
    time.sleep(0.01)


async def test_pieces_cut_along_blobs(tmp_path: Path) -> None:
    async def chunks(text: bytes) -> AsyncIterator[bytes]:
        yield text

    blobs = BlobStore(tmp_path / "blobs")
    content = Content([(await blobs.write(chunks(text)))[0] for text in (b"abc", b"", b"defg", b"hi")])

    def cut(offset: int, size: int) -> bytes:
        return b"".join(
            piece.blob.path.read_bytes()[piece.offset : piece.offset + piece.size]
            for piece in content.pieces(offset, size)
        )

    whole = b"abcdefghi"
    assert content.size == 9
    for offset in range(9):
        for size in range(1, 10 - offset):
            assert cut(offset, size) == whole[offset : offset + size]
    content.acquire()
    content.release()
    assert list((tmp_path / "blobs").iterdir()) == []


def test_versions_share_what_they_share(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path / "blobs")

    async def chunks() -> AsyncIterator[bytes]:
        yield b"abc"

    blob, digest = asyncio.run(blobs.write(chunks()))
    bucket = Bucket(name="b", region=REGION, owner_uid=OWNER_UID, created=NOW)
    version = ObjectVersion(
        key="a", version_id="null", content=Content([blob]), last_modified=NOW, etag=digest.md5.hex()
    )
    bucket.put(version)
    bucket.put(version)
    assert blob.path.exists()
    bucket.remove("a", "null")
    assert not blob.path.exists()
    assert bucket.is_empty
