"""Objects: bytes in and out, raw keys, ranges, conditions, multipart, copies, versions."""

from __future__ import annotations

import hashlib
import threading

import oss2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud.oss.checksums import combine_crc64, crc64
from localcloud.oss.errors import OssError
from localcloud.oss.operations.listing import paginate
from localcloud.oss.ranges import Slice, resolve_range

from .conftest import PROXY, Store

STANDARD = {"x-oss-range-behavior": "standard"}
DATA = bytes(range(250)) * 4


@pytest.fixture
def shared(store: Store) -> Store:
    store.owner.put_object("data", DATA, headers={"Content-Type": "image/png", "x-oss-meta-color": "green"})
    store.allow_proxy()
    return store


@pytest.mark.parametrize(
    ("target", "key"),
    [
        ("/a%2Fb", "a/b"),
        ("/a/b", "a/b"),
        ("/a%252Fb", "a%2Fb"),
        ("/a+b", "a+b"),
        ("/a%20b%2B", "a b+"),
        ("/a//b/", "a//b/"),
        ("/a/./b/../c", "a/./b/../c"),
        ("/%E6%BC%A2%E5%AD%97/%C3%BC", "漢字/ü"),
        ("/a%3Fb%23c%26d", "a?b#c&d"),
        ("/%7Ea*'()!;:@&=$,", "~a*'()!;:@&=$,"),
        ("/trailing%20", "trailing "),
        ("/" + "k" * 1023, "k" * 1023),
    ],
)
def test_the_raw_path_is_decoded_exactly_once(store: Store, target: str, key: str) -> None:
    store.owner.put_bucket_public_access_block(False)
    store.owner.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ_WRITE)
    assert store.get(target, method="PUT", body=key.encode()).status == 200
    assert [item.key for item in oss2.ObjectIterator(store.owner)] == [key]
    assert store.get(target).body == key.encode()


def test_headers_that_are_not_text(shared: Store) -> None:
    latin = {"x-oss-meta-color": "gr\xfcn"}
    assert shared.get("/x", method="PUT", body=b"1", headers=latin).status == 403
    wrong = shared.get("/data", headers={"Authorization": "OSS \xfc:\x80"})
    assert (wrong.status, wrong.code) == (403, "InvalidAccessKeyId")
    shared.owner.put_bucket_public_access_block(False)
    shared.owner.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ_WRITE)
    reply = shared.get("/x", method="PUT", body=b"1", headers=latin)
    assert (reply.status, reply.code) == (400, "InvalidArgument")


@pytest.mark.parametrize("target", ["/" + "k" * 1024, "/%FF", "/%E6%BC"])
def test_keys_that_cannot_be(store: Store, target: str) -> None:
    reply = store.get(target)
    assert (reply.status, reply.code) == (400, "InvalidObjectName")


def test_keys_do_not_begin_with_a_slash(shared: Store) -> None:
    assert shared.get_from(PROXY, "//data").code == "NoSuchKey"
    url = shared.owner.sign_url("PUT", "/x", 60, slash_safe=True)
    target = url.partition("aliyuncs.com")[2]
    assert shared.get(target, method="PUT", body=b"1").code == "InvalidObjectName"


def test_what_was_sent_comes_back(shared: Store) -> None:
    reply = shared.get_from(PROXY, "/data")
    assert reply.body == DATA
    assert reply.headers["ETag"] == f'"{hashlib.md5(DATA).hexdigest().upper()}"'  # noqa: S324
    assert reply.headers["x-oss-hash-crc64ecma"] == str(crc64(DATA))
    assert reply.headers["Content-Type"] == "image/png"
    assert reply.headers["x-oss-object-type"] == "Normal"
    assert shared.owner.head_object("data").headers["x-oss-meta-color"] == "green"


def test_gzip_is_stored_as_sent(store: Store) -> None:
    packed = b"\x1f\x8b not really gzip"
    store.owner.put_object("a.gz", packed, headers={"Content-Encoding": "gzip"})
    store.allow_proxy()
    reply = store.get_from(PROXY, "/a.gz")
    assert (reply.body, reply.headers["Content-Encoding"]) == (packed, "gzip")


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


def test_a_wrong_md5_stores_nothing(store: Store) -> None:
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        store.owner.put_object("a", b"1", headers={"Content-MD5": oss2.utils.content_md5(b"2")})
    assert refused.value.code == "InvalidDigest"
    assert not store.owner.object_exists("a")


def test_overwriting_can_be_forbidden(store: Store) -> None:
    store.owner.put_object("a", b"1", headers={"x-oss-forbid-overwrite": "true"})
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        store.owner.put_object("a", b"2", headers={"x-oss-forbid-overwrite": "true"})
    assert (refused.value.status, refused.value.code) == (409, "FileAlreadyExists")


def test_a_running_download_keeps_its_version(store: Store) -> None:
    old, new = b"o" * 20_000_000, b"n" * 1000
    store.owner.put_object("a", old)
    running = store.owner.get_object("a")
    head = running.read(1000)
    store.owner.put_object("a", new)
    store.owner.delete_object("a")
    assert head + running.read() == old


def test_concurrent_writers_leave_one_whole_object(store: Store) -> None:
    contents = [bytes([number]) * 300_000 for number in range(4)]
    threads = [threading.Thread(target=store.owner.put_object, args=("a", data)) for data in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.owner.get_object("a").read() in contents


def test_files_go_with_their_objects(store: Store) -> None:
    blobs = store.server.data_dir / "blobs"
    before = len(list(blobs.iterdir()))
    store.owner.put_object("a", b"1" * 1000)
    store.owner.put_object("a", b"2" * 1000)
    store.owner.copy_object(store.name, "a", "b")
    store.owner.copy_object(store.name, "b", "b")
    assert len(list(blobs.iterdir())) == before + 1
    store.owner.delete_object("a")
    assert store.owner.get_object("b").read() == b"2" * 1000
    store.owner.delete_object("b")
    assert len(list(blobs.iterdir())) == before


def test_multipart(store: Store) -> None:
    pieces = [bytes([number]) * 150_000 for number in (1, 2, 3)]
    upload = store.owner.init_multipart_upload("m", headers={"Content-Type": "video/mp4"}).upload_id
    parts = []
    for number, piece in enumerate(pieces, 1):
        result = store.owner.upload_part("m", upload, number, piece)
        parts.append(oss2.models.PartInfo(number, result.etag, size=len(piece), part_crc=result.crc))
    assert [part.part_number for part in store.owner.list_parts("m", upload).parts] == [1, 2, 3]
    assert [item.key for item in store.owner.list_multipart_uploads().upload_list] == ["m"]
    assert not store.owner.object_exists("m")
    wrong = [oss2.models.PartInfo(1, "0" * 32)]
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        store.owner.complete_multipart_upload("m", upload, wrong)
    assert refused.value.code == "InvalidPart"
    store.owner.complete_multipart_upload("m", upload, parts)
    whole = b"".join(pieces)
    answer = store.owner.get_object("m")
    assert (answer.read(), answer.content_type) == (whole, "video/mp4")
    assert answer.server_crc == crc64(whole)
    assert store.owner.get_object("m", byte_range=(149_999, 300_000)).read() == whole[149_999:300_001]
    with pytest.raises(oss2.exceptions.NoSuchUpload):
        store.owner.abort_multipart_upload("m", upload)


def test_an_aborted_upload_leaves_nothing(store: Store) -> None:
    before = len(list((store.server.data_dir / "blobs").iterdir()))
    upload = store.owner.init_multipart_upload("m").upload_id
    store.owner.upload_part("m", upload, 1, b"1")
    with pytest.raises(oss2.exceptions.BucketNotEmpty):
        store.owner.delete_bucket()
    store.owner.abort_multipart_upload("m", upload)
    assert len(list((store.server.data_dir / "blobs").iterdir())) == before
    store.owner.delete_bucket()


def test_append(store: Store) -> None:
    first = store.owner.append_object("log", 0, b"one\n")
    store.owner.append_object("log", first.next_position, b"two\n", init_crc=first.crc)
    assert store.owner.get_object("log").read() == b"one\ntwo\n"
    with pytest.raises(oss2.exceptions.PositionNotEqualToLength):
        store.owner.append_object("log", 1, b"x")


def test_versions(store: Store) -> None:
    store.owner.put_object("a", b"null")
    store.owner.put_bucket_versioning(oss2.models.BucketVersioningConfig(oss2.BUCKET_VERSIONING_ENABLE))
    second = store.owner.put_object("a", b"second").versionid
    store.owner.delete_object("a")
    with pytest.raises(oss2.exceptions.NoSuchKey):
        store.owner.get_object("a")
    assert store.owner.get_object("a", params={"versionId": second}).read() == b"second"
    assert store.owner.get_object("a", params={"versionId": "null"}).read() == b"null"
    listed = store.owner.list_object_versions()
    assert [item.versionid for item in listed.versions] == [second, "null"]
    store.owner.delete_object("a", params={"versionId": listed.delete_marker[0].versionid})
    assert store.owner.get_object("a").read() == b"second"


def test_deleting_many(store: Store) -> None:
    keys = ["a", " b ", "ü+%2F", "d<&>"]
    for key in keys:
        store.owner.put_object(key, b"1")
    assert sorted(store.owner.batch_delete_objects([*keys, "missing"]).deleted_keys) == sorted(
        [*keys, "missing"]
    )
    assert list(oss2.ObjectIterator(store.owner)) == []


@pytest.mark.parametrize("iterator", [oss2.ObjectIterator, oss2.ObjectIteratorV2])
def test_listing_in_pages_and_by_folder(store: Store, iterator: type) -> None:
    for key in ("a/1", "a/2", "b", "c/1", "c/2/3", "ü"):
        store.owner.put_object(key, b"1")
    assert [item.key for item in iterator(store.owner, delimiter="/", max_keys=1)] == ["a/", "b", "c/", "ü"]
    assert [item.key for item in iterator(store.owner, prefix="c/", max_keys=1)] == ["c/1", "c/2/3"]


@given(
    st.sets(st.text(alphabet="ab/", max_size=5)),
    st.text(alphabet="ab/", max_size=2),
    st.sampled_from(["", "/", "ab"]),
    st.integers(1, 4),
)
@settings(max_examples=60)
def test_pages_together_are_the_whole(keys: set[str], prefix: str, delimiter: str, limit: int) -> None:
    ordered = sorted(keys - {""})
    whole = paginate(ordered, prefix=prefix, delimiter=delimiter, after="", limit=1000)
    collected_keys, collected_prefixes, after = [], [], ""
    for _ in range(100):
        page = paginate(ordered, prefix=prefix, delimiter=delimiter, after=after, limit=limit)
        assert len(page.keys) + len(page.prefixes) <= limit
        collected_keys += page.keys
        collected_prefixes += page.prefixes
        if page.next is None:
            break
        after = page.next
    assert (collected_keys, collected_prefixes) == (whole.keys, whole.prefixes)


@given(st.binary(), st.binary())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_crcs_combine(first: bytes, second: bytes) -> None:
    assert combine_crc64(crc64(first), crc64(second), len(second)) == crc64(first + second)
    assert crc64(second, crc64(first)) == crc64(first + second)


def test_the_crc_is_the_clients() -> None:
    assert crc64(b"123456789") == 0x995DC9BBDF1939FA
