"""Downloads: forced attachments, overrides, ranges and conditions."""

from __future__ import annotations

import hashlib

import pytest

from localcloud.oss.errors import OssError
from localcloud.oss.ranges import Slice, resolve_range

from .conftest import PROXY, Store

STANDARD = {"x-oss-range-behavior": "standard"}
DATA = bytes(range(250)) * 4


@pytest.fixture
def shared(store: Store) -> Store:
    store.owner.put_object("data", DATA)
    store.allow_proxy()
    return store


def test_downloads_are_forced(store: Store) -> None:
    store.owner.put_object("a", b"1", headers={"Content-Disposition": "inline"})
    store.owner.put_object("b", b"1", headers={"Content-Disposition": 'attachment; filename="b.txt"'})
    store.allow_proxy()
    first, second = store.get_from(PROXY, "/a"), store.get_from(PROXY, "/b")
    assert first.headers["x-oss-force-download"] == second.headers["x-oss-force-download"] == "true"
    assert first.headers["Content-Disposition"] == "attachment"
    assert second.headers["Content-Disposition"] == 'attachment; filename="b.txt"'
    bucket = store.server.service.state.find(store.name)
    assert bucket is not None
    bucket.forced_download = False
    third = store.get_from(PROXY, "/a")
    assert "x-oss-force-download" not in third.headers
    assert third.headers["Content-Disposition"] == "inline"


def test_response_overrides_need_a_signature(shared: Store) -> None:
    reply = shared.get_from(PROXY, "/data?response-content-type=text/html")
    assert (reply.status, reply.code) == (400, "InvalidRequest")


@pytest.mark.parametrize(
    ("header", "standard", "expected"),
    [
        (None, False, Slice(0, 1000, False)),
        ("bytes=0-499", False, Slice(0, 500, True)),
        ("bytes=500-", False, Slice(500, 500, True)),
        ("bytes=-1", False, Slice(999, 1, True)),
        ("bytes=0-0", True, Slice(0, 1, True)),
        ("bytes=0-999", False, Slice(0, 1000, True)),
        ("bytes=0-1000", False, Slice(0, 1000, False)),
        ("bytes=0-1000", True, Slice(0, 1000, True)),
        ("bytes=500-2000", True, Slice(500, 500, True)),
        ("bytes=1000-", False, Slice(0, 1000, False)),
        ("bytes=-2000", False, Slice(0, 1000, False)),
        ("bytes=-2000", True, Slice(0, 1000, True)),
        ("bytes=-0", False, Slice(0, 1000, False)),
        ("bytes=5-4", True, Slice(0, 1000, False)),
        ("bytes=0-1,5-6", True, Slice(0, 1000, False)),
        ("byte=0-499", True, Slice(0, 1000, False)),
        ("bytes=-", True, Slice(0, 1000, False)),
        ("bytes=a-b", True, Slice(0, 1000, False)),
    ],
)
def test_ranges(header: str | None, standard: bool, expected: Slice) -> None:
    assert resolve_range(header, 1000, standard=standard) == expected


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0"])
def test_the_standard_behaviour_refuses(header: str) -> None:
    with pytest.raises(OssError) as refused:
        resolve_range(header, 1000, standard=True)
    assert (refused.value.status, refused.value.code) == (416, "InvalidRange")


@pytest.mark.parametrize(
    ("headers", "status", "body", "content_range"),
    [
        ({"Range": "bytes=10-19"}, 206, DATA[10:20], "bytes 10-19/1000"),
        ({"Range": "bytes=-10"}, 206, DATA[-10:], "bytes 990-999/1000"),
        ({"Range": "bytes=990-1009"}, 200, DATA, None),
        (
            {"Range": "bytes=990-1009", **STANDARD},
            206,
            DATA[990:],
            "bytes 990-999/1000",
        ),
        ({"Range": "bytes=1000-", **STANDARD}, 416, None, "bytes */1000"),
        ({"Range": "bytes=0-1,3-4"}, 200, DATA, None),
    ],
)
def test_ranges_on_the_wire(
    shared: Store, headers: dict[str, str], status: int, body: bytes | None, content_range: str | None
) -> None:
    reply = shared.get_from(PROXY, "/data", headers=headers)
    assert reply.status == status
    assert reply.headers.get("Content-Range") == content_range
    if body is not None:
        assert reply.body == body


ETAG = hashlib.md5(DATA).hexdigest().upper()  # noqa: S324
PAST, FUTURE = "Mon, 01 Jan 2024 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Match": f'"{ETAG}"'}, 200),
        ({"If-Match": '"0"'}, 412),
        ({"If-None-Match": f'"{ETAG}"'}, 304),
        ({"If-None-Match": '"0"'}, 200),
        ({"If-Modified-Since": PAST}, 200),
        ({"If-Modified-Since": FUTURE}, 304),
        ({"If-Unmodified-Since": PAST}, 412),
        ({"If-Unmodified-Since": FUTURE}, 200),
        ({"If-Modified-Since": "nonsense"}, 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions(shared: Store, headers: dict[str, str], status: int, method: str) -> None:
    reply = shared.get_from(PROXY, "/data", method=method, headers=headers)
    assert reply.status == status
    assert reply.body == (DATA if status == 200 and method == "GET" else reply.body)
    if status == 304:
        assert (reply.body, reply.headers["ETag"]) == (b"", f'"{ETAG}"')
