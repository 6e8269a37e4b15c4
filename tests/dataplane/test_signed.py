"""Signed URLs by official signers, and parameters, through nginx to localcloud's OSS."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest

from tests.dataplane.conftest import Site
from tests.localcloud.oss.conftest import REGION
from tests.unit.nginx_process import Answer, Proxy

KEY = "public/tom & co+1 中.txt"
BODY = b"meow"


@pytest.fixture(scope="module")
def filled(site: Site) -> Site:
    site.put(KEY, BODY)
    site.put("public/other.txt", b"other")
    site.put("secret/x", b"secret")
    return site


@pytest.fixture(params=["allowed", "required"])
def proxy(filled: Site, request: pytest.FixtureRequest) -> Proxy:
    return filled.proxy(filled.context("public/", presigned=request.param))


@pytest.fixture
def plain(filled: Site) -> Proxy:
    return filled.proxy(filled.context("public/"))


def signed(site: Site, *, v4: bool, key: str = KEY, internal: bool = False, **params: str) -> str:
    """The path and query of a URL that oss2 signed."""
    owner = site.store.server.owner
    signer = (oss2.AuthV4 if v4 else oss2.Auth)(owner.id, owner.secret)
    endpoint = f"http://oss-{REGION}{'-internal' if internal else ''}.aliyuncs.com"
    bucket = oss2.Bucket(signer, endpoint, site.store.name, region=REGION if v4 else None)
    named = {name.replace("_", "-"): value for name, value in params.items()}
    url = urlsplit(bucket.sign_url("GET", key, 60, slash_safe=True, params=named))
    return f"{url.path}?{url.query}"


@pytest.mark.parametrize("v4", [False, True])
@pytest.mark.parametrize("internal", [False, True])
def test_oss2_for_either_host(filled: Site, proxy: Proxy, v4: bool, internal: bool) -> None:
    answer = proxy.get(signed(filled, v4=v4, internal=internal))
    assert (answer.status, answer.body) == (200, BODY)


@pytest.mark.parametrize("v4", [False, True])
def test_what_only_a_signature_may_ask_for(filled: Site, proxy: Proxy, v4: bool) -> None:
    answer = proxy.get(signed(filled, v4=v4, response_content_type="text/x-cat; charset=utf-8"))
    assert answer.headers["content-type"] == "text/x-cat; charset=utf-8"


@pytest.mark.parametrize("internal", [False, True])
def test_the_second_sdk(filled: Site, proxy: Proxy, internal: bool) -> None:
    owner = filled.store.server.owner
    config = oss_v2.config.load_default()
    config.credentials_provider = oss_v2.credentials.StaticCredentialsProvider(owner.id, owner.secret)
    config.region = REGION
    config.endpoint = f"oss-{REGION}{'-internal' if internal else ''}.aliyuncs.com"
    config.disable_ssl = True
    request = oss_v2.GetObjectRequest(bucket=filled.store.name, key=KEY)
    url = urlsplit(oss_v2.Client(config).presign(request, expires=timedelta(minutes=1)).url)
    assert proxy.get(f"{url.path}?{url.query}").body == BODY


@pytest.mark.parametrize(("internal", "status"), [(False, 403), (True, 200)])
def test_a_signed_host_must_be_the_internal_one(
    filled: Site, proxy: Proxy, internal: bool, status: int
) -> None:
    owner = filled.store.server.owner
    host = f"oss-{REGION}{'-internal' if internal else ''}.aliyuncs.com"
    bucket = oss2.Bucket(
        oss2.AuthV4(owner.id, owner.secret), f"http://{host}", filled.store.name, region=REGION
    )
    headers = {"host": f"{filled.store.name}.{host}"}
    url = urlsplit(
        bucket.sign_url("GET", KEY, 60, headers=headers, slash_safe=True, additional_headers={"host"})
    )
    assert "additional-headers=host" in url.query
    assert proxy.get(f"{url.path}?{url.query}").status == status


@pytest.mark.parametrize("v4", [False, True])
def test_ranges_and_conditions(filled: Site, proxy: Proxy, v4: bool) -> None:
    target = signed(filled, v4=v4)
    etag = proxy.get(target).headers["etag"]
    part = proxy.get(target, "Range: bytes=1-2")
    assert (part.status, part.body) == (206, BODY[1:3])
    assert proxy.get(target, "Range: bytes=1-2", f"If-Range: {etag}").body == BODY[1:3]
    assert proxy.get(target, "Range: bytes=1-2", 'If-Range: "other"').body == BODY
    assert proxy.get(target, f"If-None-Match: {etag}").status == 304
    assert proxy.get(target, 'If-Match: "other"').status == 412


@pytest.mark.parametrize("v4", [False, True])
def test_a_signature_that_is_not_good_is_refused_where_none_would_do(
    filled: Site, proxy: Proxy, v4: bool
) -> None:
    target = signed(filled, v4=v4)
    other = target.replace("tom", "tim")
    assert proxy.get(other).status == 403
    assert proxy.get(target + "&acl").status == 403
    assert (
        proxy.get(target.replace("Signature=", "Signature=x").replace("signature=", "signature=0")).status
        == 403
    )
    filled.store.server.skew = timedelta(minutes=2)
    try:
        assert proxy.get(target).status == 403
    finally:
        filled.store.server.skew = timedelta(0)
    # A signature of GET is none of HEAD.
    assert proxy.get(target, method="HEAD").status == 403


def test_a_signature_does_not_lift_the_prefixes(filled: Site, proxy: Proxy) -> None:
    assert proxy.get(signed(filled, v4=True, key="secret/x")).status == 404


def test_without_a_signature(filled: Site, plain: Proxy) -> None:
    required = filled.proxy(filled.context("public/", presigned="required"))
    allowed = filled.proxy(filled.context("public/", presigned="allowed"))
    target = "/public/other.txt"
    assert [one.get(target).status for one in (plain, allowed, required)] == [200, 200, 403]
    # Where signatures mean nothing they are dropped like every other parameter.
    assert plain.get(f"{target}?Signature=wrong&OSSAccessKeyId=x&Expires=1").status == 200


def test_older_versions_by_setting(filled: Site, plain: Proxy) -> None:
    owner = filled.store.owner
    config = oss2.models.BucketVersioningConfig()
    config.status = oss2.BUCKET_VERSIONING_ENABLE
    owner.put_bucket_versioning(config)
    first = owner.put_object("public/versioned", b"first").versionid
    owner.put_object("public/versioned", b"second")
    versions = filled.proxy(filled.context("public/", allowed_query=("versionId",)))
    target = f"/public/versioned?versionId={first}&acl"

    def both() -> list[Answer]:
        return [plain.get(target), versions.get(target)]

    filled.store.allow_proxy(action="oss:GetObject", prefix="public/")
    assert [one.status for one in both()] == [200, 403]
    filled.store.allow_proxy(action="oss:GetObject*", prefix="public/")
    assert [one.body for one in both()] == [b"second", b"first"]
    assert versions.get("/public/versioned").body == b"second"
