"""The rendered texts: exact, stable, accepted by the tools that read them, and closed to hostile values."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import crossplane
import jsonschema
import pytest
import trustme
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from infra import text
from infra.instance.files import File
from infra.instance.follow import FOLDER, INCLUDE, servers
from infra.instance_files import FOLLOW, SystemContext, system_files
from infra.nginx.answers import Answers
from infra.nginx.cache import Cache
from infra.nginx.limits import Limits
from infra.render import USER_DATA_MAX_BYTES, NginxContext, RenderError, nginx_conf, user_data
from tests.unit.golden_files import expected
from tests.unit.nginx_process import nginx_binary, relocated

HOST = "oss-proxy-dev.oss-cn-hangzhou-internal.aliyuncs.com"
FILES = system_files(SystemContext(bucket_host=HOST))
CONTEXTS = {
    "prefixes": NginxContext(bucket_host=HOST, listen_port=80, prefixes=("public/", "图片/")),
    "whole-bucket": NginxContext(bucket_host=HOST, listen_port=8080, prefixes=("*",)),
    "everything": NginxContext(
        bucket_host=HOST,
        listen_port=80,
        prefixes=("public/",),
        allowed_query=("versionId", "x-oss-process"),
        presigned="allowed",
        answers=Answers(
            preview_in_browser=True,
            hide_existence=True,
            cors_allowed_origins=("https://app.example.com",),
            content_security_policy="default-src 'self'; sandbox",
            index_document="index.html",
            spa_fallback="public/index.html",
            not_found_document="public/404.html",
            compression=True,
        ),
        limits=Limits(requests_per_second=500, connections=256, connection_mbps=100),
        cache=Cache(size_gib=10, minutes=30),
    ),
    "links": NginxContext(
        bucket_host=HOST,
        listen_port=80,
        prefixes=("public/",),
        allowed_query=("x-oss-process", "versionId"),
        links=True,
        login=True,
        oss_over_https=True,
    ),
}
SCHEMA = Path(__file__).with_name("vendored") / "schema-cloud-config-v1.json"

# Each with its reason; none is needed.
GIXY_WAIVERS: set[str] = set()


@pytest.fixture(params=sorted(CONTEXTS))
def name(request: pytest.FixtureRequest) -> str:
    value: str = request.param
    return value


@pytest.fixture
def context(name: str) -> NginxContext:
    return CONTEXTS[name]


def test_nginx_conf_is_exactly_this(name: str, context: NginxContext) -> None:
    assert nginx_conf(context) == expected(f"nginx-{name}.conf", nginx_conf(context))


def test_user_data_is_exactly_this(name: str, context: NginxContext) -> None:
    text = user_data(nginx_conf(context), FILES)
    for one in yaml.safe_load(text)["write_files"]:
        if one.get("encoding") == "gz+b64":
            # Which bytes gzip makes is each machine's own affair.
            text = text.replace(
                one["content"], gzip.decompress(base64.b64decode(one["content"])).decode()[:18]
            )
    assert text == expected(f"user-data-{name}.yaml", text)


def test_another_process_renders_the_same_bytes() -> None:
    context = CONTEXTS["prefixes"]
    program = (
        "import sys; from infra.nginx.answers import *; from infra.nginx.cache import *;"
        "from infra.nginx.limits import *; from infra.nginx.sizing import *;"
        "from infra.instance.files import File;"
        "from infra.render import *;"
        f"sys.stdout.buffer.write(user_data(nginx_conf({context!r}), {FILES!r}).encode())"
    )
    other = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout
    assert other.decode() == user_data(nginx_conf(context), FILES)


class TestNginxConf:
    def test_nginx_accepts_it(self, context: NginxContext, tmp_path: Path) -> None:
        binary = nginx_binary()
        if binary is None:
            pytest.skip("no nginx on this machine")
        listen, origin = f"127.0.0.1:{context.listen_port}", "127.0.0.1:80"
        (tmp_path / "ca.pem").write_bytes(trustme.CA().cert_pem.bytes())
        conf = relocated(nginx_conf(context), tmp_path, context, listen=listen, origin=origin)
        (tmp_path / "nginx.conf").write_text(conf)
        done = subprocess.run(
            [binary, "-t", "-c", str(tmp_path / "nginx.conf"), "-e", "stderr"],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert "warn" not in done.stderr

    def test_gixy_finds_nothing_but_what_is_waived(self, tmp_path: Path) -> None:
        files = [tmp_path / name for name in CONTEXTS]
        for file in files:
            file.write_text(nginx_conf(CONTEXTS[file.name]).replace(FOLDER, f"{tmp_path}/"))
        for port in ("80", "443"):
            (tmp_path / f"{HOST}_{port}.conf").write_text(servers(["100.118.28.10", "100.118.28.11"], port))
        gixy = Path(sys.executable).with_name("gixy")
        command = [str(gixy), "--format", "json", *map(str, files)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert {issue["plugin"] for issue in json.loads(done.stdout)} == GIXY_WAIVERS

    def test_there_is_one_server_and_only_object_locations_reach_the_origin(
        self, context: NginxContext, tmp_path: Path
    ) -> None:
        http = _block(_parsed(context, tmp_path), "http")
        (server, status) = [one for one in http if one["directive"] == "server"]
        # nginx's own numbers are not for clients.
        assert _args(status["block"], "listen") == [["127.0.0.1:8091"]]
        assert [one for one in _all(http) if one["directive"] == "stub_status"] == [
            one for one in _all(status["block"]) if one["directive"] == "stub_status"
        ]
        locations = [one for one in server["block"] if one["directive"] == "location"]
        proxied = [one for one in locations if _args(one["block"], "proxy_pass")]
        names = {" ".join(one["args"]) for one in proxied}
        assert {"/", "@precondition_failed", "= /readyz"} <= names
        assert names <= {
            "/",
            "= /readyz",
            "@conditional",
            "@missing",
            "@no_slice",
            "@not_found_document",
            "@precondition_failed",
            "@signed",
        }
        for location in proxied:
            ((target,),) = _args(location["block"], "proxy_pass")
            scheme = "https" if context.oss_over_https else "http"
            # A variable, so that nginx sends the text as it is and adds no query of the client's.
            assert re.fullmatch(
                scheme + r"://oss/\$(object_key|probe|fallback|not_found)(\$object_query|\$allowed_query)?",
                target,
            )
            headers = dict(_args(location["block"], "proxy_set_header"))
            assert headers["Host"] == HOST
            assert headers["Connection"] == headers["Content-Length"] == ""
        # Header lists are inherited only as a whole: a location with one of its own would lose the rest.
        assert _args(server["block"], "proxy_set_header") == []
        own = {arg for arg, *_ in _args(server["block"], "add_header")}
        for location in locations:
            added = {arg for arg, *_ in _args(location["block"], "add_header")}
            assert not added or own <= added
        served = [one["block"] for one in http if one["args"] == ["$uri", "$is_served"]]
        assert len(served) == (0 if context.whole_bucket else 1)
        assert _args(server["block"], "listen") == [
            [str(context.listen_port), "default_server", "backlog=4096"]
        ]

    def test_the_origin_is_the_buckets_internal_host(self, context: NginxContext, tmp_path: Path) -> None:
        http = _block(_parsed(context, tmp_path), "http")
        upstream = _block(http, "upstream")
        # Addresses only, of this host and for this port; nginx looks nothing up.
        port = "443" if context.oss_over_https else "80"
        assert _args(upstream, "include") == [[f"{FOLDER}{HOST}_{port}.conf"]]
        assert INCLUDE.findall(nginx_conf(context)) == [(HOST, port)]
        assert _args(upstream, "server") == []
        server = next(one["block"] for one in http if one["directive"] == "server")
        assert _args(server, "proxy_pass_request_headers") == [["off"]]
        assert _args(server, "proxy_pass_request_body") == [["off"]]

    @pytest.mark.parametrize(
        "values",
        [
            {"bucket_host": "b; } server { listen 81"},
            {"bucket_host": "$host"},
            {"bucket_host": "UPPER.example"},
            {"bucket_host": ""},
            {"listen_port": 0},
            {"listen_port": 65536},
            {"listen_port": 8091},
            {"prefixes": ()},
            {"prefixes": ("public",)},
            {"prefixes": ('a" { } location "/b/',)},
            {"prefixes": ("$request_uri/",)},
            {"prefixes": ("a\n/",)},
            {"prefixes": ("*", "public/")},
            {"allowed_query": ("acl",)},
            {"allowed_query": ('a" "";}',)},
            {"presigned": "perhaps"},
            {"answers": Answers(spa_fallback="other/index.html")},
        ],
    )
    def test_hostile_values_are_refused(self, values: dict[str, Any]) -> None:
        with pytest.raises(RenderError):
            NginxContext(**{"bucket_host": HOST, "listen_port": 80, "prefixes": ("public/",), **values})

    @pytest.mark.parametrize(
        "values",
        [
            {"content_security_policy": 'x"; } server {'},
            {"cors_allowed_origins": ('https://a"; }',)},
            {"index_document": "$uri"},
        ],
    )
    def test_hostile_answers_are_refused(self, values: dict[str, Any]) -> None:
        with pytest.raises(RenderError):
            Answers(**values)

    @pytest.mark.parametrize("name", ["requests_per_second", "connections", "connection_mbps"])
    def test_limits_out_of_range_are_refused(self, name: str) -> None:
        for value in (-1, 10**6):
            with pytest.raises(RenderError):
                Limits(**{name: value})

    @pytest.mark.parametrize("values", [(0, 1), (401, 1), (1, 0), (1, 10**6)])
    def test_a_cache_out_of_range_is_refused(self, values: tuple[int, int]) -> None:
        with pytest.raises(RenderError):
            Cache(size_gib=values[0], minutes=values[1])

    def test_a_value_that_the_context_lacks_is_an_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "nginx").mkdir()
        (tmp_path / "nginx/nginx.conf.j2").write_text("listen {{ listen_prot }};")
        monkeypatch.setattr(text, "TEMPLATES", tmp_path)
        with pytest.raises(RenderError, match="listen_prot"):
            nginx_conf(CONTEXTS["prefixes"])


class TestUserData:
    def test_it_fits_cloud_inits_schema(self, context: NginxContext) -> None:
        schema = json.loads(SCHEMA.read_text())
        document = yaml.safe_load(user_data(nginx_conf(context), FILES))
        jsonschema.Draft4Validator(schema).validate(document)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft4Validator(schema).validate({**document, "write_file": []})

    def test_the_header_is_at_byte_0(self, context: NginxContext) -> None:
        assert user_data(nginx_conf(context), FILES).startswith("#cloud-config\n")

    @settings(max_examples=25)
    @given(
        st.text(
            st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], include_characters="\n"),
            max_size=99,
        )
    )
    def test_a_file_arrives_as_it_was(self, text: str) -> None:
        document = yaml.safe_load(user_data(text, FILES))
        (written,) = [one for one in document["write_files"] if one["path"] == "/etc/nginx/nginx.conf"]
        assert written["content"] == text

    def test_files_are_readable_blocks(self) -> None:
        text = user_data(nginx_conf(CONTEXTS["prefixes"]), FILES)
        assert "\n    worker_processes auto;\n" in text
        assert 'content: "' not in text

    def test_nginx_is_configured_before_it_is_installed_and_never_upgraded_at_boot(
        self, context: NginxContext
    ) -> None:
        document = yaml.safe_load(user_data(nginx_conf(context), FILES))
        assert "/etc/nginx/nginx.conf" in [one["path"] for one in document["write_files"]]
        assert not any("defer" in one for one in document["write_files"])
        assert "nginx" in document["packages"]
        assert document["package_update"] is True
        assert document["package_upgrade"] is False

    def test_every_timer_and_every_service_without_one_runs(self) -> None:
        names = ("a.timer", "a.service", "b.service", "nginx.service.d/c.conf", "nginx.service.d/d.service")
        units = [File(path=f"/etc/systemd/system/{name}", content="") for name in names]
        (first, *rest) = yaml.safe_load(user_data("", units))["runcmd"]
        assert first == ["systemctl", "enable", "--quiet", "--now", "a.timer", "b.service"]
        assert yaml.safe_load(user_data("", units[1:2]))["runcmd"][0][-1] == "a.service"
        assert yaml.safe_load(user_data("", []))["runcmd"] == rest

    def test_a_program_arrives_as_it_was_and_starts(self, tmp_path: Path) -> None:
        document = yaml.safe_load(user_data("", FILES))
        (packed,) = [one for one in document["write_files"] if one["path"] == FOLLOW]
        assert (packed["encoding"], packed["permissions"]) == ("gz+b64", "0755")
        text = gzip.decompress(base64.b64decode(packed["content"])).decode()
        assert text in [file.content for file in FILES]
        assert text.startswith("#!/usr/bin/python3\n")
        (tmp_path / "program").write_text(text)
        # Of the program it needs nothing; here there is no configuration to follow.
        done = subprocess.run(
            [sys.executable, "-I", str(tmp_path / "program"), "--once"],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr

    def test_the_scripts_pass_shellcheck(self, context: NginxContext) -> None:
        shellcheck = shutil.which("shellcheck")
        if shellcheck is None:
            pytest.skip("no shellcheck on this machine")
        commands = yaml.safe_load(user_data(nginx_conf(context), FILES))["runcmd"]
        scripts = [command for command in commands if command[0] == "sh"]
        assert scripts
        for command in scripts:
            assert command[:2] == ["sh", "-ec"]
            done = subprocess.run(
                [shellcheck, "--shell=sh", "-"], input=command[2], check=False, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stdout

    def test_a_configuration_is_packed_when_it_is_too_long_to_be_read(self) -> None:
        conf = nginx_conf(CONTEXTS["everything"]) * 2
        text = user_data(conf, FILES)
        assert len(text.encode()) <= USER_DATA_MAX_BYTES
        (written,) = [
            one for one in yaml.safe_load(text)["write_files"] if one["path"] == "/etc/nginx/nginx.conf"
        ]
        assert written["encoding"] == "gz+b64"
        assert gzip.decompress(base64.b64decode(written["content"])).decode() == conf

    def test_more_than_the_cloud_accepts_is_refused(self) -> None:
        noise = hashlib.shake_128(b"").hexdigest(USER_DATA_MAX_BYTES)
        with pytest.raises(RenderError, match=f"the cloud accepts {USER_DATA_MAX_BYTES}"):
            user_data(noise, FILES)


def _parsed(context: NginxContext, folder: Path) -> list[dict[str, Any]]:
    path = folder / "nginx.conf"
    path.write_text(nginx_conf(context))
    parsed = crossplane.parse(str(path), single=True)  # type: ignore[no-untyped-call]
    assert parsed["errors"] == []
    document: list[dict[str, Any]] = parsed["config"][0]["parsed"]
    return document


def _all(block: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every directive of a block, at any depth."""
    return [found for one in block for found in (one, *_all(one.get("block", [])))]


def _block(block: list[dict[str, Any]], directive: str) -> list[dict[str, Any]]:
    (found,) = [one for one in block if one["directive"] == directive]
    inner: list[dict[str, Any]] = found["block"]
    return inner


def _args(block: list[dict[str, Any]], directive: str) -> list[list[str]]:
    return [one["args"] for one in block if one["directive"] == directive]


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    yield
