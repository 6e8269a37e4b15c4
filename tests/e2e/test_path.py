"""The path: a client on the Internet reads the private bucket through the proxy, and only so."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.conftest import Bucket, Deployed
from tests.support.localcloud import LocalCloud


def test_get_gives_the_bytes_of_the_object(
    cloud: LocalCloud, deployed: Deployed, bucket: Bucket, samples: Path
) -> None:
    answer = cloud.curl("internet", f"{deployed.url}/{bucket.prefix}hello.txt")
    assert answer.status == 200
    assert answer.body == (samples / "hello.txt").read_bytes()


def test_the_url_is_the_public_address(deployed: Deployed) -> None:
    assert deployed.outputs["public_ip"] in deployed.url


def test_head_gives_the_same_length_and_no_body(
    cloud: LocalCloud, deployed: Deployed, bucket: Bucket, samples: Path
) -> None:
    answer = cloud.curl("internet", f"{deployed.url}/{bucket.prefix}hello.txt", "--head")
    assert answer.status == 200
    assert int(answer.headers["content-length"]) == (samples / "hello.txt").stat().st_size


def test_a_range_gives_206_and_its_part(cloud: LocalCloud, deployed: Deployed, bucket: Bucket) -> None:
    answer = cloud.curl("internet", f"{deployed.url}/{bucket.prefix}hello.txt", "--range", "6-9")
    assert answer.status == 206
    assert answer.body == b"from"
    assert answer.headers["content-range"].startswith("bytes 6-9/")


def test_a_key_of_other_alphabets_arrives_as_it_is(
    cloud: LocalCloud, deployed: Deployed, bucket: Bucket, samples: Path
) -> None:
    key = quote(f"{bucket.prefix}a b/ümläut+中文.txt")
    answer = cloud.curl("internet", f"{deployed.url}/{key}")
    assert answer.status == 200
    assert answer.body == (samples / "hello.txt").read_bytes()


def test_an_object_of_one_gibibyte_arrives_intact(
    cloud: LocalCloud, deployed: Deployed, bucket: Bucket, samples: Path, tmp_path: Path
) -> None:
    source = samples / "one-gibibyte.bin"
    bucket.put(source, f"{bucket.prefix}one-gibibyte.bin")
    target = tmp_path / "arrived"
    answer = cloud.curl(
        "internet",
        f"{deployed.url}/{bucket.prefix}one-gibibyte.bin",
        "--output",
        str(target),
        timeout_s=240,
    )
    assert answer.status == 200
    assert _sha256(target) == _sha256(source)


def test_a_missing_key_is_refused_as_storage_refuses_it(
    cloud: LocalCloud, deployed: Deployed, bucket: Bucket
) -> None:
    # Without oss:ListObjects an anonymous reader learns nothing of keys that are not there.
    assert cloud.curl("internet", f"{deployed.url}/{bucket.prefix}missing").status in (403, 404)


def test_a_key_outside_the_prefixes_is_refused(cloud: LocalCloud, deployed: Deployed) -> None:
    answer = cloud.curl("internet", f"{deployed.url}/elsewhere/hello.txt")
    assert answer.status in (403, 404)


@pytest.mark.parametrize("trick", ["{prefix}../elsewhere/hello.txt", "{prefix}%2e%2e/elsewhere/hello.txt"])
def test_dot_segments_do_not_leave_the_prefix(
    cloud: LocalCloud, deployed: Deployed, bucket: Bucket, trick: str
) -> None:
    answer = cloud.curl("internet", f"{deployed.url}/{trick.format(prefix=bucket.prefix)}")
    assert answer.status in (400, 403, 404)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "OPTIONS", "COPY"])
def test_other_methods_change_nothing(
    cloud: LocalCloud, deployed: Deployed, bucket: Bucket, method: str
) -> None:
    before = bucket.listing()
    for key in (f"{bucket.prefix}hello.txt", f"{bucket.prefix}new.txt"):
        answer = cloud.curl("internet", f"{deployed.url}/{key}", "--request", method, "--data", "changed")
        assert answer.status == 405, answer
    assert bucket.listing() == before


class TestDirectAccessIsRefused:
    """Each refusal beside the request that is granted, so that a broken service cannot pass for safe."""

    def test_the_instance_itself_is_granted(
        self, cloud: LocalCloud, deployed: Deployed, bucket: Bucket
    ) -> None:
        url = f"http://{bucket.internal_host}/{bucket.prefix}hello.txt"
        assert cloud.curl(deployed.outputs["instance_id"], url).status == 200

    def test_the_instance_may_not_list_or_leave_the_prefix(
        self, cloud: LocalCloud, deployed: Deployed, bucket: Bucket
    ) -> None:
        instance = deployed.outputs["instance_id"]
        assert cloud.curl(instance, f"http://{bucket.internal_host}/").status == 403
        assert cloud.curl(instance, f"http://{bucket.internal_host}/elsewhere/hello.txt").status == 403

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_from_the_internet_the_public_endpoint_refuses(
        self, cloud: LocalCloud, deployed: Deployed, bucket: Bucket, scheme: str
    ) -> None:
        answer = cloud.curl("internet", f"{scheme}://{bucket.public_host}/{bucket.prefix}hello.txt")
        assert answer.status == 403
        assert b"AccessDenied" in answer.body

    def test_the_instance_is_refused_at_the_public_endpoint(
        self, cloud: LocalCloud, deployed: Deployed, bucket: Bucket
    ) -> None:
        # Over the Internet it arrives with its EIP and without a VPC.
        url = f"http://{bucket.public_host}/{bucket.prefix}hello.txt"
        assert cloud.curl(deployed.outputs["instance_id"], url).status == 403

    def test_another_host_of_the_vpc_is_refused(
        self, cloud: LocalCloud, deployed: Deployed, bucket: Bucket
    ) -> None:
        answer = cloud.curl("vpc", f"http://{bucket.internal_host}/{bucket.prefix}hello.txt")
        assert answer.status == 403

    def test_the_same_address_in_another_vpc_is_refused(
        self, cloud: LocalCloud, deployed: Deployed, bucket: Bucket
    ) -> None:
        addresses = cloud.run("other-vpc", ["ip", "-4", "-o", "addr"]).stdout.decode()
        assert f"{deployed.outputs['private_ip']}/" in addresses
        answer = cloud.curl("other-vpc", f"http://{bucket.internal_host}/{bucket.prefix}hello.txt")
        assert answer.status == 403

    def test_the_internal_endpoint_is_not_reachable_from_the_internet(
        self, cloud: LocalCloud, deployed: Deployed, bucket: Bucket
    ) -> None:
        url = f"http://{bucket.internal_host}/{bucket.prefix}hello.txt"
        assert cloud.curl("internet", url, timeout_s=3).status == 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
