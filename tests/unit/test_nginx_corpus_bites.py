"""The corpus finds the mistakes that it is there for: each of them is made here, and some request tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.nginx.links import key_file
from tests.unit.corpus import LINK_KEYS, cases
from tests.unit.nginx_process import NGINXES, serving
from tests.unit.recording_origin import recording_origin
from tests.unit.test_nginx_corpus import PROFILES, fault_of

PLAIN = [case for case in cases() if case.profile == "plain"]
LINKS = [case for case in cases() if case.profile == "links"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("proxy_pass http://oss/$object_key;", "proxy_pass http://oss$uri;"),
        ("proxy_pass http://oss/$object_key;", "proxy_pass http://oss;"),
        ("proxy_pass_request_headers off;", "proxy_pass_request_headers on;"),
        ("proxy_pass_request_body off;", ""),
        ("~ ^(?:GET|HEAD)$", "~ ^(?:GET|HEAD|PUT)$"),
        ("merge_slashes off;", "merge_slashes on;"),
        ("proxy_set_header Host ", "proxy_set_header Host $host; #"),
        ("proxy_set_header Range $oss_range;", "proxy_set_header Range $http_range;"),
        ("(?:/|%2f)(?:\\.|%2e)", "(?:/)(?:\\.|%2e)"),
        ("client_max_body_size 1k;", "client_max_body_size 1m;"),
    ],
)
@pytest.mark.parametrize("binary", NGINXES[:1])
def test_a_mistake_is_found(tmp_path: Path, binary: str, right: str, wrong: str) -> None:
    with (
        recording_origin() as origin,
        serving(tmp_path, PROFILES["plain"], origin, binary=binary, change=(right, wrong)) as proxy,
    ):
        assert any(fault_of(proxy, case) for case in PLAIN)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("default 403;", 'default "";'),
        ('"~^0" 410;', '"~^0" "";'),
        ("(?:healthz|readyz)\\z", "(?:healthz|readyz)$"),
        ("(?:healthz|readyz)\\z", "(?:healthz|readyz)"),
        ('"~^0?/(?:healthz', '"~*^0?/(?:healthz'),
        # Without a key everybody can sign.
        ('"~^[^ ]+ expires=', '"~^[^ ]* expires='),
        # One expiry that was signed and another one that counts.
        ("$secure_link_expires ", "1000000000 "),
        ("$uri $link_secret", "/public/x $link_secret"),
        ("$allowed_query_2$allowed_query_1", ""),
        ("proxy_pass http://oss/$object_key$allowed_query;", "proxy_pass http://oss/$object_key?$raw_query;"),
    ],
)
@pytest.mark.parametrize("binary", NGINXES[:1])
def test_a_mistake_about_links_is_found(tmp_path: Path, binary: str, right: str, wrong: str) -> None:
    (tmp_path / "link-keys").write_text(key_file(LINK_KEYS))
    with (
        recording_origin() as origin,
        serving(tmp_path, PROFILES["links"], origin, binary=binary, change=(right, wrong)) as proxy,
    ):
        assert any(fault_of(proxy, case) for case in LINKS)
