"""``python -m infra.link``: what it prints opens the object at a real nginx, and nothing else does."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infra import link
from infra.nginx.links import key_file
from tests.unit.conftest import ROOT
from tests.unit.nginx_fixtures import Start, proxies
from tests.unit.nginx_process import NGINXES, context_for

KEYS = {"new": "0123456789abcdef0123456789ABCDEF", "old": "f" + "0123456789abcdef" * 2}
SETTING = json.dumps(KEYS)
URL = "http://203.0.113.9/"


@pytest.fixture(scope="module", params=NGINXES[:1])
def start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with proxies(tmp_path_factory.mktemp("nginx"), request.param, {"link-keys": key_file(KEYS)}) as made:
        yield made


def printed(*arguments: str, stdin: str = SETTING) -> str:
    """What the command prints when it reads the keys from its input, as path and query."""
    done = subprocess.run(
        [sys.executable, "-m", "infra.link", "--stdin", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    url = urlsplit(done.stdout.strip())
    assert (url.scheme, url.netloc) == ("http", "203.0.113.9")
    return f"{url.path}?{url.query}"


@pytest.mark.parametrize(
    ("path", "arrives"),
    [
        ("public/x", "/public/x"),
        ("public/a%20b+c", "/public/a%20b%2Bc"),
        ("图片/中.txt", "/%E5%9B%BE%E7%89%87/%E4%B8%AD.txt"),
        ("%E5%9B%BE%E7%89%87/%e4%b8%ad.txt", "/%E5%9B%BE%E7%89%87/%E4%B8%AD.txt"),
        ("public//x", "/public//x"),
        ("public%2Fx%2F", "/public/x/"),
        ("public/%25", "/public/%25"),
    ],
)
def test_a_link_opens_its_object_and_no_other(start: Start, path: str, arrives: str) -> None:
    proxy = start(context_for("public/", "图片/", links=True))
    target = printed(URL + path)
    assert proxy.get(target).status == 200
    assert proxy.origin.requests[0].split(b" ")[1].decode() == arrives
    found, _, query = target.partition("?")
    for other in (f"{found}x?{query}", f"/{target}", target.replace("key=new", "key=old"), found):
        assert proxy.get(other).status == 403


def test_parameters_of_the_url_are_signed(start: Start) -> None:
    proxy = start(context_for("public/", links=True, allowed_query=("x-oss-process", "versionId")))
    query = "x-oss-process=image/resize,w_100&versionId=CAEQ%3D"
    target = printed(f"{URL}public/x?{query}", "--key", "old")
    assert proxy.get(target).status == 200
    assert proxy.origin.requests[0].startswith(f"GET /public/x?{query} HTTP".encode())
    assert proxy.get(target.replace("w_100", "w_999")).status == 403


def test_a_link_ends_when_it_was_said_to() -> None:
    before = int(time.time())
    for arguments, lasts in (((), 3600), (("--expires", "90s"), 90), (("--expires", "7d"), 7 * 86400)):
        found = re.search(r"expires=(\d+)&key=new&", printed(URL + "x", *arguments))
        assert found
        assert before + lasts <= int(found[1]) <= int(time.time()) + lasts


@pytest.mark.parametrize("text", ["", "0s", "1", "h", "1.5h", "367d", "1w", "99999999999d", "1h\n"])
def test_other_durations_are_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        link.main(["--stdin", URL, "--expires", text])
    assert "must be a duration" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("target", "setting", "words"),
    [
        ("public/x", SETTING, "write the whole URL"),
        (URL + "public/../x", SETTING, "the proxy serves no object"),
        (URL + "public/%2e/x", SETTING, "the proxy serves no object"),
        (URL + "/public/x", SETTING, "the proxy serves no object"),
        (URL + "public/%00", SETTING, "the proxy serves no object"),
        (URL + "%ff", SETTING, "is not UTF-8"),
        (URL + "x?utm=1", SETTING, "the parameter 'utm'"),
        (URL + "x?versionId=1&versionId=2", SETTING, "or not again"),
        (URL + "x?expires=1&key=a&md5=b", SETTING, "the parameter 'expires'"),
        (URL + "x", "", "is no JSON"),
        (URL + "x", "{}", "not empty"),
        (URL + "x", KEYS["new"], "is no JSON"),
        (URL + "x", '{"new": "short"}', "must have 32 to 128"),
        (URL + "x", json.dumps({"New": KEYS["new"]}), "lower-case letters"),
    ],
)
def test_what_cannot_be_is_told_without_a_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], target: str, setting: str, words: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(setting))
    assert link.main(["--stdin", target]) == 1
    out = capsys.readouterr()
    assert out.out == ""
    assert words in out.err
    assert "Fix: " in out.err
    assert KEYS["new"] not in out.err


def test_a_key_that_there_is_not(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(SETTING))
    assert link.main(["--stdin", URL + "x", "--key", "none"]) == 1
    assert "use one of new, old" in capsys.readouterr().err


PULUMI = """#!/bin/sh
case "$*" in
"config get linkKeys --stack prod") echo '@SETTING@' ;;
"stack output url --stack prod") echo @URL@ ;;
*) echo "no stack selected" >&2; exit 1 ;;
esac
"""


def test_pulumi_knows_the_keys_and_the_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    command = tmp_path / "pulumi"
    command.write_text(PULUMI.replace("@SETTING@", SETTING).replace("@URL@", URL))
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert link.main(["public/100% a.txt", "--stack", "prod"]) == 0
    assert capsys.readouterr().out.startswith(f"{URL}public/100%25%20a.txt?expires=")
    assert link.main(["public/x"]) == 1
    assert "no stack selected" in capsys.readouterr().err
    monkeypatch.setenv("PATH", "/nowhere")
    assert link.main(["public/x"]) == 1
    assert "there is no pulumi here" in capsys.readouterr().err
