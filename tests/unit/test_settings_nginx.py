"""The settings that nginx's configuration is made from: their rules and what is said."""

from __future__ import annotations

import pytest

from infra.data_plane import nginx_context
from infra.nginx.answers import Answers
from infra.nginx.cache import Cache
from infra.nginx.context import NginxContext
from infra.nginx.limits import Limits
from infra.render import nginx_conf
from infra.setting_faults import SettingsError
from infra.settings import parse
from tests.unit.raw import raw
from tests.unit.test_settings import faults

HOST = "oss-proxy-dev.oss-cn-hangzhou-internal.aliyuncs.com"


def test_the_defaults_add_nothing_but_limits(values: dict[str, str]) -> None:
    assert nginx_context(parse(values), HOST) == NginxContext(
        bucket_host=HOST,
        listen_port=80,
        prefixes=("public/",),
        limits=Limits(requests_per_second=500, connections=256),
    )


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("response-content-type", "is refused by OSS in requests without a signature"),
        ("Signature", "belongs to signed URLs"),
        ("security-token", "belongs to signed URLs"),
        ("x-oss-signature", "belongs to signed URLs"),
        ("acl", "must be one of versionId, x-oss-process"),
        ("versionid", "must be one of versionId, x-oss-process"),
        ("a=b&c", "must be one of versionId, x-oss-process"),
        ('"; } server {', "must be one of versionId, x-oss-process"),
        ("", "must be one of versionId, x-oss-process"),
    ],
)
def test_a_parameter_that_cannot_be_allowed(values: dict[str, str], name: str, rule: str) -> None:
    (fault,) = faults(values, allowedQuery=["versionId", name]).values()
    assert fault.key == "oss-proxy:allowedQuery[1]"
    assert rule in fault.rule
    assert fault.fix == "pulumi config set --path 'oss-proxy:allowedQuery[1]' versionId"


def test_parameters_mean_nothing_where_every_url_is_signed(values: dict[str, str]) -> None:
    (fault,) = faults(values, presigned="required", allowedQuery=["versionId"]).values()
    assert "means nothing with `presigned: required`" in fault.rule
    for mode in ("none", "allowed"):
        settings = parse({**values, "presigned": mode, "allowedQuery": raw(["versionId"])})
        assert settings.allowed_query == ("versionId",)


def test_a_cache_means_nothing_where_every_url_is_signed(values: dict[str, str]) -> None:
    (fault,) = faults(values, presigned="required", cacheSizeGib=1).values()
    assert "means nothing with `presigned: required`" in fault.rule


def test_documents_of_the_whole_bucket_lie_anywhere(values: dict[str, str]) -> None:
    settings = parse({**values, "objectPrefixes": '["*"]', "spaFallback": "index.html"})
    assert settings.spa_fallback == "index.html"


def test_documents_are_not_blamed_for_missing_prefixes(values: dict[str, str]) -> None:
    found = faults(values, objectPrefixes=[], spaFallback="public/index.html")
    assert list(found) == ["oss-proxy:objectPrefixes"]


def test_every_setting_reaches_nginx(values: dict[str, str]) -> None:
    given = {
        "presigned": "allowed",
        "allowedQuery": ["versionId"],
        "previewInBrowser": True,
        "hideExistence": True,
        "indexDocument": "index.html",
        "spaFallback": "public/index.html",
        "notFoundDocument": "public/404.html",
        "corsAllowedOrigins": ["https://a.example"],
        "contentSecurityPolicy": "sandbox",
        "compression": True,
        "clientRequestsPerSecond": 1,
        "clientConnections": 2,
        "connectionMbps": 3,
        "cacheSizeGib": 4,
        "cacheMinutes": 5,
        "ossOverHttps": True,
    }
    context = nginx_context(parse({**values, **{key: raw(value) for key, value in given.items()}}), HOST)
    assert context == NginxContext(
        bucket_host=HOST,
        listen_port=80,
        prefixes=("public/",),
        allowed_query=("versionId",),
        presigned="allowed",
        oss_over_https=True,
        answers=Answers(
            preview_in_browser=True,
            hide_existence=True,
            index_document="index.html",
            spa_fallback="public/index.html",
            not_found_document="public/404.html",
            cors_allowed_origins=("https://a.example",),
            content_security_policy="sandbox",
            compression=True,
        ),
        limits=Limits(requests_per_second=1, connections=2, connection_mbps=3),
        cache=Cache(size_gib=4, minutes=5),
    )


LINK_KEYS = '{"a": "0123456789abcdef0123456789abcdef", "b": "0123456789ABCDEF0123456789ABCDEF"}'


def test_link_keys_reach_nginx_by_their_existence_alone(values: dict[str, str]) -> None:
    given = parse({**values, "linkKeys": LINK_KEYS}, encrypted=["linkKeys"])
    context = nginx_context(given, HOST)
    assert context.links
    assert "0123456789" not in nginx_conf(context)
    assert not nginx_context(parse(values), HOST).links


@pytest.mark.parametrize("mode", ["allowed", "required"])
def test_links_and_signed_urls_contradict(values: dict[str, str], mode: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse({**values, "linkKeys": LINK_KEYS, "presigned": mode}, encrypted=["linkKeys"])
    (fault,) = caught.value.faults
    assert (fault.key, fault.value) == ("oss-proxy:presigned", f'"{mode}"')
    assert "cannot stand beside linkKeys" in fault.rule
    assert fault.fix == "pulumi config set oss-proxy:presigned none"
