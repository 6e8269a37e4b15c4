"""The access kit: its texts, that they are what they say, and that no key is among them."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from infra.access.__main__ import main, written
from infra.access.context import AccessError, KitContext, Proxy, dumped, loaded
from infra.access.kit import access, kit
from tests.unit.access.kits import EVERYTHING, PLAIN, STACKS
from tests.unit.bad_values import GRANT
from tests.unit.conftest import ROOT
from tests.unit.fakes import FakeCloud
from tests.unit.golden_files import expected
from tests.unit.raw import raw
from tests.unit.recorder import deploy


@pytest.mark.parametrize("name", STACKS)
def test_the_text(name: str) -> None:
    files = kit(STACKS[name])
    # The diagnosis is this repository's own code: here its head, the rest is tested as code.
    files["oss-diagnose"] = files["oss-diagnose"].partition("\nimport ")[0]
    text = "".join(f"=== {path}\n{files[path]}" for path in sorted(files))
    assert text == expected(f"access-{name}.txt", text)


@pytest.mark.parametrize("context", STACKS.values(), ids=list(STACKS))
def test_every_program_asks_the_internal_endpoint_over_https(context: KitContext) -> None:
    files = kit(context)
    programs = [path for path in files if re.fullmatch(r"[\w-]+/(src/.*/)?[Rr]ead\.\w+", path)]
    programs = [path for path in programs if not path.endswith("csproj")]
    assert len(programs) == 8
    for path in programs:
        assert f"https://{context.endpoint}" in files[path], path
        assert f"{context.region}" in files[path]
        assert "OSS_ACCESS_KEY_ID" in files[path] or "EnvironmentVariable" in files[path], path


@pytest.mark.parametrize("context", STACKS.values(), ids=list(STACKS))
def test_no_key_and_no_placeholder_for_one(context: KitContext) -> None:
    text = "".join(kit(context).values())
    assert not re.search(r"LTAI|<AccessKey|your[_-]?(access|secret|key)", text, re.IGNORECASE)
    for name in ("secret", "password"):
        assert not re.search(rf"""{name}\w*["']?\s*[:=]\s*["'][^"'$<{{(]""", text, re.IGNORECASE), name


@pytest.mark.parametrize("context", STACKS.values(), ids=list(STACKS))
def test_shell_is_shell(context: KitContext) -> None:
    files = kit(context)
    scripts = {path: text for path, text in files.items() if path.endswith(".sh")}
    assert len(scripts) == 3
    for path, text in scripts.items():
        done = subprocess.run(
            ["shellcheck", "-s", "sh", "-"], input=text, text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, f"{path}: {done.stdout}"
    for block in re.findall(r"^```sh\n(.*?)^```", files["README.md"], re.DOTALL | re.MULTILINE):
        assert subprocess.run(["sh", "-n"], input=block, text=True, check=False).returncode == 0


@pytest.mark.parametrize("context", STACKS.values(), ids=list(STACKS))
def test_the_policy_on_the_page_is_json(context: KitContext) -> None:
    found = re.search(r"^```json\n(.*?)^```", access(context), re.DOTALL | re.MULTILINE)
    assert found is not None
    condition = json.loads(found[1])["Condition"]
    assert condition.keys() == {"IpAddress", "StringEquals"}


def test_the_proxys_forms_follow_the_settings() -> None:
    def page(**proxy: object) -> str:
        url = "https://files.example.com/"
        return access(dataclasses.replace(PLAIN, proxy=Proxy(url=url, **proxy)))  # type: ignore[arg-type]

    plain = "curl -fO https://files.example.com/public/hello.txt"
    signed = "https://files.example.com/public/hello.txt?x-oss-signature-version="
    assert plain in page()
    assert signed not in page()
    assert plain in page(presigned="allowed")
    assert signed in page(presigned="allowed")
    assert plain not in page(presigned="required")
    assert signed in page(presigned="required")
    assert "infra.link public/hello.txt" in page(links=True)
    assert plain not in page(links=True)
    assert "--user NAME https://files" in page(login=True)


def test_a_grant_that_needs_a_signature_has_no_plain_url() -> None:
    page = access(EVERYTHING)
    assert "/berichte/M%C3%A4rz_2026/hello.txt" in page
    assert "# writer: without" not in page
    assert "signed by `251234567890`" in page


@pytest.mark.parametrize("context", STACKS.values(), ids=list(STACKS))
def test_what_goes_into_the_output_comes_back(context: KitContext) -> None:
    assert loaded(dumped(context)) == context


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"grants": [], "proxy": {}}', '{"grants": [{}]}'])
def test_another_releases_output_is_told(text: str) -> None:
    with pytest.raises(AccessError, match="run pulumi up with this release"):
        loaded(text)


def test_versions_are_exact_and_those_of_the_tests_here() -> None:
    files = kit(PLAIN)
    locked = {
        package["name"]: package["version"]
        for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    }
    for path in ("python/requirements.txt", "python-v2/requirements.txt"):
        for line in files[path].splitlines():
            name, version = line.split("==")
            assert locked[name] == version
    for version in json.loads(files["nodejs/package.json"])["dependencies"].values():
        assert re.fullmatch(r"[\d.]+", version)
    for version in json.loads(files["php/composer.json"])["require"].values():
        assert re.fullmatch(r"[\d.]+", version)
    versions = re.findall(r"<version>(.*?)</version>", files["java/pom.xml"])
    assert len(versions) >= 5
    assert all(re.fullmatch(r"[\d.]+", version) for version in versions)
    references = re.findall(r'Version="([^"]*)"', files["dotnet/read.csproj"])
    assert references == ["[0.1.2]", "[1.5.0]"]


def test_programs_can_be_run_and_nothing_else(tmp_path: Path) -> None:
    written(PLAIN, tmp_path / "kit")
    executable = {
        str(path.relative_to(tmp_path / "kit"))
        for path in (tmp_path / "kit").rglob("*")
        if path.is_file() and path.stat().st_mode & 0o111
    }
    assert executable == {"oss-diagnose", "ossutil/commands.sh", "ossutil/commands-1.7.sh"}


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AccessError, match="--dir"):
        written(PLAIN, tmp_path / "file")


PULUMI = """#!/bin/sh
printf '%s\\n' "$*" >"$0.asked"
[ -e "$0.fails" ] && { echo 'error: no stack named' >&2; exit 255; }
cat "$0.json"
"""


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    command = tmp_path / "bin" / "pulumi"
    command.parent.mkdir()
    command.write_text(PULUMI)
    command.chmod(0o755)
    Path(f"{command}.json").write_text(json.dumps({"access_facts": dumped(PLAIN)}))
    monkeypatch.setenv("PATH", f"{command.parent}:/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    return command


def test_the_command_writes_the_kit_of_a_stack(pulumi: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--stack", "dev"]) == 0
    assert Path(f"{pulumi}.asked").read_text() == "--non-interactive stack output --json --stack dev\n"
    assert capsys.readouterr().out == "access/dev/README.md: who uses what\n"
    assert Path("access/dev/README.md").read_text() == access(PLAIN)
    assert main(["--dir", "elsewhere"]) == 0
    assert Path("elsewhere/go/go.mod").exists()


def test_the_command_tells_what_is_wrong(pulumi: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path(f"{pulumi}.json").write_text("{}")
    assert main([]) == 1
    assert "no output access_facts" in capsys.readouterr().err
    Path(f"{pulumi}.fails").touch()
    assert main([]) == 1
    assert "no stack named" in capsys.readouterr().err
    pulumi.unlink()
    assert main([]) == 1
    assert "put it on PATH" in capsys.readouterr().err


def test_the_program_exports_it(values: dict[str, str], cloud: FakeCloud) -> None:
    outputs = deploy({**values, "presigned": "allowed"}).outputs
    assert "https://oss-cn-hangzhou-internal.aliyuncs.com" in outputs["access"]
    context = loaded(outputs["access_facts"])
    assert context.grants == ()
    assert context.proxy == Proxy(url="http://203.0.113.9/", presigned="allowed")
    assert access(context) == outputs["access"]


def test_the_program_tells_of_its_grants(values: dict[str, str], cloud: FakeCloud) -> None:
    signed = {**GRANT, "name": "signed", "principals": ["203456789012345677"]}
    outputs = deploy({**values, "accessGrants": raw([GRANT, signed])}).outputs
    page = outputs["access"]
    assert "`10.0.1.5`, `10.0.2.0/24` (grant app)" in page
    assert "to read, list objects below `public/`, no signature needed" in page
    assert "signed by `203456789012345677`" in page
    assert [grant.name for grant in loaded(outputs["access_facts"]).grants] == ["app", "signed"]


def test_a_first_preview_shows_it_with_what_is_known(values: dict[str, str], cloud: FakeCloud) -> None:
    text = deploy(values, preview=True).outputs["access"]
    assert "<public IP: known after creation>" in text
