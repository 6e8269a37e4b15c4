"""The settings that nginx's configuration is made from: their rules and what is said."""

from __future__ import annotations

import pytest

from infra.data_plane import nginx_context
from infra.nginx.context import NginxContext
from infra.settings import parse
from tests.unit.raw import raw
from tests.unit.test_settings import faults

HOST = "oss-proxy-dev.oss-cn-hangzhou-internal.aliyuncs.com"


def test_the_defaults_are_the_smallest_configuration(values: dict[str, str]) -> None:
    assert nginx_context(parse(values), HOST) == NginxContext(
        bucket_host=HOST, listen_port=80, prefixes=("public/",)
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
