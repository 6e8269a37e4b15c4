"""Objects: bytes in and out, raw keys, ranges, conditions, multipart, copies, versions."""

from __future__ import annotations

import hashlib
import threading

import oss2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud.oss.checksums import combine_crc64, crc64

from .conftest import PROXY, Store

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


@given(st.binary(), st.binary())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_crcs_combine(first: bytes, second: bytes) -> None:
    assert combine_crc64(crc64(first), crc64(second), len(second)) == crc64(first + second)
    assert crc64(second, crc64(first)) == crc64(first + second)


def test_the_crc_is_the_clients() -> None:
    assert crc64(b"123456789") == 0x995DC9BBDF1939FA
