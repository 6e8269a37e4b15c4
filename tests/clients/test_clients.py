"""From hosts in the bucket's region: URLs and every client of the kit, as it is rendered."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients import tools
from tests.clients.region import HELLO, Region
from tests.localcloud.net.conftest import Host

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]


@dataclass(frozen=True)
class Client:
    """One of the kit's programs: its folder and how it is begun, from what has been built of it."""

    folder: str
    begin: Callable[[Path], list[str | Path]]


def java(folder: Path) -> list[str | Path]:
    target = tools.java_classes(folder)
    return ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{target / 'classes'}:{target / 'lib'}/*", "Read"]


def node(folder: Path) -> list[str | Path]:
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(tools.node_modules(folder))
    return ["node", "read.js"]


CLIENTS = {
    "oss2": Client("python", lambda folder: [sys.executable, "-W", "ignore", "read.py"]),
    "alibabacloud-oss-v2": Client("python-v2", lambda folder: [sys.executable, "read.py"]),
    "java": Client("java", java),
    "go": Client("go", lambda folder: [tools.go_program(folder)]),
    "node": Client("nodejs", node),
}


async def curl(region: Region, host: Host | None, url: str) -> tuple[int, bytes]:
    """Status and body of a GET."""
    done = await region.run(host, ["curl", "-s", "-m", "10", "-w", "\\n%{http_code}", url])
    body, _, status = done.out.rpartition(b"\n")
    return int(status), body


async def test_the_url_form(region: Region) -> None:
    url = f"https://{region.context.bucket_host}/{region.context.key}"
    assert await curl(region, region.granted, url) == (200, HELLO)
    assert await curl(region, region.granted, url.replace("https:", "http:")) == (200, HELLO)
    status, body = await curl(region, region.other, url)
    assert (status, b"0003-00000001" in body) == (403, True)
    status, _ = await curl(region, region.granted, url.replace("public/", "elsewhere/"))
    assert status == 403


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_program_reads_lists_and_writes(region: Region, name: str, tmp_path: Path) -> None:
    client = CLIENTS[name]
    folder = region.kit / client.folder
    begin = client.begin(folder)
    (tmp_path / "new.txt").write_text(f"written by {name}")

    async def run(host: Host, *words: str) -> tuple[int, bytes, str]:
        done = await region.run(host, [*begin, *words], keys=region.user, cwd=folder)
        return done.code, done.out, done.err

    code, out, err = await run(region.granted)
    assert (code, out) == (0, HELLO), err
    key = f"public/{name}.txt"
    code, _, err = await run(region.granted, "write", key, str(tmp_path / "new.txt"))
    assert code == 0, err
    assert (await run(region.granted, "read", key))[1] == f"written by {name}".encode()
    code, out, err = await run(region.granted, "list")
    assert code == 0, err
    assert {"public/hello.txt", key} <= set(out.decode().split())
    for words in (["read"], ["list"], ["write", key, str(tmp_path / "new.txt")]):
        code, out, err = await run(region.other, *words)
        assert (code != 0, out) == (True, b""), words
        streamed = name == "node" and words == ["read"]
        assert ("OSS: 403" if streamed else "0003-00000") in err, err
    code, _, err = await run(region.granted, "write", "elsewhere/x", str(tmp_path / "new.txt"))
    assert code != 0
    assert "AccessDenied" in err


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_program_has_the_keys_of_the_instances_role(
    region: Region, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The metadata service is hardened: it wants a token."""
    region.instances(monkeypatch, role="reader")
    folder = region.kit / CLIENTS[name].folder
    done = await region.run(region.granted, CLIENTS[name].begin(folder), cwd=folder)
    assert (done.code, done.out) == (0, HELLO), done.err


async def test_the_roles_keys_for_programs_that_know_nothing_else(
    region: Region, ossutil: list[str | Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    region.instances(monkeypatch, role="reader")
    script = f". {region.kit / 'credentials.sh'} && env | grep ^OSS_ && {' '.join(map(str, ossutil))} read"
    done = await region.run(region.granted, ["sh", "-euc", script], cwd=tmp_path)
    assert done.code == 0, done.err
    assert "OSS_ACCESS_KEY_ID=STS." in done.out.decode()
    assert "OSS_SESSION_TOKEN=CAIS" in done.out.decode()
    assert (region.kit / "ossutil" / "hello.txt").read_bytes() == HELLO
    monkeypatch.undo()
    region.instances(monkeypatch)
    done = await region.run(region.granted, ["sh", "-uc", f". {region.kit / 'credentials.sh'}; env"])
    assert "has no RAM role" in done.err
    assert "OSS_" not in done.out.decode()


@pytest.fixture
def ossutil(region: Region) -> list[str | Path]:
    shutil.copytree(tools.ossutil().parent, region.kit / "bin", dirs_exist_ok=True)
    return ["env", f"PATH={region.kit / 'bin'}:/usr/bin:/bin", region.kit / "ossutil" / "commands-1.7.sh"]


async def test_ossutil_reads_lists_and_writes(
    region: Region, ossutil: list[str | Path], tmp_path: Path
) -> None:
    (tmp_path / "new.txt").write_text("written by ossutil")

    async def run(host: Host, *words: str) -> tuple[int, str]:
        done = await region.run(host, [*ossutil, *words], keys=region.user, cwd=tmp_path)
        return done.code, done.out.decode() + done.err

    target = str(tmp_path / "hello.txt")
    code, text = await run(region.granted, "read", "public/hello.txt", target)
    assert code == 0, text
    assert Path(target).read_bytes() == HELLO  # noqa: ASYNC240 - a file of a few bytes
    code, text = await run(region.granted, "write", "public/ossutil.txt", str(tmp_path / "new.txt"))
    assert code == 0, text
    code, text = await run(region.granted, "ls")
    assert "oss://oss-proxy-dev/public/ossutil.txt" in text
    code, text = await run(region.other, "read")
    assert (code != 0, "AccessDenied" in text) == (True, True), text


async def test_a_signed_url_is_good_for_a_host_that_may(region: Region, ossutil: list[str | Path]) -> None:
    done = await region.run(region.granted, [*ossutil, "sign"], keys=region.user)
    found = re.search(r"https://\S+", done.out.decode())
    assert found is not None, done
    assert "x-oss-signature-version=OSS4-HMAC-SHA256" in found[0]
    assert await curl(region, region.granted, found[0]) == (200, HELLO)
    status, body = await curl(region, region.other, found[0])
    assert (status, b"AccessDenied" in body) == (403, True)
    status, body = await curl(region, region.granted, found[0].replace("hello", "other"))
    assert (status, b"SignatureDoesNotMatch" in body) == (403, True)


async def test_another_regions_internal_endpoint_does_not_answer(region: Region) -> None:
    url = f"https://{region.context.bucket_host}/".replace("cn-hangzhou", "cn-shanghai")
    done = await region.run(region.granted, ["curl", "-sS", "-m", "3", url])
    assert done.code in (7, 28), done.err
