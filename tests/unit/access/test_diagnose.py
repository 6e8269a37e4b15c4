"""``oss-diagnose``: each cause by itself, against servers on loopback in place of the cloud's."""

from __future__ import annotations

import datetime
import email.utils
import http.server
import io
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.access.diagnose.network import Network
from infra.access.diagnose.place import METADATA
from infra.access.diagnose.program import diagnosed, main
from infra.access.diagnose.report import Report
from infra.access.diagnose.target import Target
from infra.access.kit import kit
from tests.unit.access.kits import EVERYTHING, PLAIN

OSS = "100.118.28.10"
PROXY = "203.0.113.9"
HOST = PLAIN.bucket_host
KEYS = {"OSS_ACCESS_KEY_ID": "LTAI1", "OSS_ACCESS_KEY_SECRET": "s3cret", "OSS_SESSION_TOKEN": ""}

Say = Callable[[str, str, dict[str, str]], tuple[int, dict[str, str], str]]


def refusal(code: str, ec: str = "", **elements: str) -> str:
    """The body of OSS's errors."""
    parts = {"Code": code, "Message": "told by OSS", **elements, **({"EC": ec} if ec else {})}
    return "<Error>" + "".join(f"<{name}>{text}</{name}>" for name, text in parts.items()) + "</Error>"


class Server(http.server.ThreadingHTTPServer):
    """Answers as a function says, which gets method, path and headers."""

    def __init__(self, say: Say) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, more, body = say(self.command, self.path, headers)
                self.send_response_only(status)
                more.setdefault("Date", email.utils.format_datetime(datetime.datetime.now(datetime.UTC)))
                for name, value in more.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            do_PUT = do_GET

            def log_message(self, *words: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


class World(Network):
    """A host's network in which only what a test puts up answers."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {HOST: [OSS]}
        self.doors: dict[tuple[str, int], int] = {}
        self.servers: list[Server] = []

    def put(self, address: str, port: int, say: Say) -> None:
        """Puts a server up."""
        server = Server(say)
        self.servers.append(server)
        self.doors[address, port] = server.server_address[1]

    def resolve(self, host: str) -> list[str]:
        if host not in self.names:
            raise socket.gaierror(-2, "Name or service not known")
        return self.names[host]

    def connect(self, address: str, port: int, timeout_s: float = 5) -> socket.socket:
        for candidate in (address, *self.names.get(address, ())):
            if (candidate, port) in self.doors:
                return socket.create_connection(("127.0.0.1", self.doors[candidate, port]), 10)
        raise TimeoutError("timed out")

    def instance(self, region: str = "cn-hangzhou", role: dict[str, str] | None = None) -> None:
        """Puts the metadata service up, hardened: it wants a token."""
        leaves = {
            "/latest/meta-data/region-id": region,
            "/latest/meta-data/vpc-id": "vpc-1",
            "/latest/meta-data/instance-id": "i-1",
            "/latest/meta-data/private-ipv4": "10.1.1.10",
        }
        if role is not None:
            leaves["/latest/meta-data/ram/security-credentials/"] = "reader"
            leaves["/latest/meta-data/ram/security-credentials/reader"] = json.dumps(role)

        def say(method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
            if method == "PUT":
                return (200, {}, "token-1") if path == "/latest/api/token" else (404, {}, "")
            if headers.get("x-aliyun-ecs-metadata-token") != "token-1":
                return 403, {}, ""
            return (200, {}, leaves[path]) if path in leaves else (404, {}, "")

        self.put(METADATA, 80, say)

    def oss(self, status: int = 200, body: str = "hello", **headers: str) -> None:
        """Puts OSS up with one answer for everybody."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        self.put(OSS, 80, lambda method, path, given: (status, dict(more), body))

    def said(
        self, environment: dict[str, str] | None = None, proxy: str = "", **wish: str
    ) -> tuple[bool, str]:
        """Makes the diagnosis over HTTP; returns whether there is a way, and what it says."""
        out = io.StringIO()
        values = {
            "endpoint": PLAIN.endpoint,
            "bucket": PLAIN.bucket,
            "region": PLAIN.region,
            "key": PLAIN.key,
            "scheme": "http",
            **wish,
        }
        reached = diagnosed(Target(proxy=proxy, **values), self, environment or {}, Report(out))
        return reached, out.getvalue()


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    for server in world.servers:
        server.shutdown()
        server.server_close()


def test_all_is_well(world: World) -> None:
    world.instance()
    world.oss()
    reached, text = world.said()
    assert reached
    assert "FAIL" not in text
    assert "OK     this host is i-1, in cn-hangzhou, vpc-1, 10.1.1.10" in text
    assert f"OK     {HOST} leads to {OSS}, internal" in text
    assert "without a signature: 200, public/hello.txt can be read" in text
    assert "nothing was signed" in text


def test_a_name_without_address(world: World) -> None:
    world.instance()
    world.names = {}
    reached, text = world.said()
    assert not reached
    assert f"FAIL   {HOST} has no address" in text
    assert "100.100.2.136" in text


def test_a_name_that_leads_elsewhere(world: World) -> None:
    world.instance()
    world.names[HOST] = ["47.110.23.1"]
    reached, text = world.said()
    assert not reached
    assert "leads to 47.110.23.1, which is no internal address (100.64.0.0/10)" in text
    assert "a private zone" in text


def test_a_privatelink_endpoint_is_noted(world: World) -> None:
    world.instance()
    world.names[HOST] = ["10.1.9.9"]
    world.put("10.1.9.9", 80, lambda *asked: (200, {}, "hello"))
    reached, text = world.said()
    assert reached
    assert "NOTE   " + HOST + " leads to 10.1.9.9: a PrivateLink endpoint" in text


def test_no_connection(world: World) -> None:
    world.instance()
    reached, text = world.said()
    assert not reached
    assert f"FAIL   {OSS} at port 80 does not answer\n" in text
    assert "egress rules and the network ACL allow TCP 80 to 100.64.0.0/10" in text


def test_the_other_port_is_open(world: World) -> None:
    world.instance()
    world.oss()
    reached, text = world.said(scheme="https")
    assert not reached
    assert f"{OSS} at port 443 does not answer, port 80 does" in text


def test_some_addresses_are_closed(world: World) -> None:
    world.instance()
    world.oss()
    world.names[HOST] = ["100.118.31.10", OSS]
    reached, text = world.said()
    assert reached
    assert "NOTE   100.118.31.10 does not: a rule or route that knows only some of OSS's?" in text


def test_an_instance_in_another_region(world: World) -> None:
    world.instance(region="cn-beijing")
    reached, text = world.said()
    assert not reached
    assert "answers hosts in cn-hangzhou alone, and this is cn-beijing" in text


def test_https_that_is_broken(world: World) -> None:
    world.instance()
    world.put(OSS, 443, lambda *asked: (200, {}, "hello"))
    reached, text = world.said(scheme="https")
    assert not reached
    assert "FAIL   HTTPS fails: " in text
    assert "ca-certificates" in text


def test_something_that_takes_connections_and_says_nothing(world: World) -> None:
    world.instance()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        world.doors[OSS, 80] = mute.getsockname()[1]

        def hang_up() -> None:
            for _ in range(2):
                mute.accept()[0].close()

        threading.Thread(target=hang_up, daemon=True).start()
        reached, text = world.said()
    assert not reached
    assert f"{OSS} accepts the connection and does not answer" in text


@pytest.mark.parametrize(
    ("hours", "label", "words"),
    [
        (0, "OK", "OSS's within 60 s"),
        (1, "FAIL", "every signature is refused"),
        (-1, "FAIL", "chronyc makestep"),
    ],
)
def test_the_clock(world: World, hours: int, label: str, words: str) -> None:
    world.instance()
    there = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours)
    world.oss(Date=email.utils.format_datetime(there))
    _, text = world.said()
    assert f"{label:4}   this host's clock is" in text
    assert words in text


@pytest.mark.parametrize(
    ("ec", "words", "fix"),
    [
        ("0003-00000001", "no statement of the bucket's policy lets this host", "accessGrants"),
        ("0003-00000905", "list without a signature", "permission list"),
        ("0003-00000101", "a Deny in the bucket's policy", "bucket_policy"),
        ("0003-00000005", "the object's own ACL is private", "accessGrants"),
        ("0003-00000401", "the policy of a gateway endpoint", "acs:oss:*:*:oss-proxy-dev and below"),
        ("0003-00009999", "told by OSS", "troubleshoot?q=0003-00009999"),
    ],
)
def test_refusals_by_their_ec(world: World, ec: str, words: str, fix: str) -> None:
    world.instance()
    world.oss(403, refusal("AccessDenied", ec))
    reached, text = world.said()
    assert not reached
    assert f"FAIL   without a signature: 403 {ec}: " in text
    assert words in text
    assert fix in text


def test_the_wrong_regions_endpoint_is_named(world: World) -> None:
    world.instance()
    world.oss(403, refusal("AccessDenied", "0003-00001403", Endpoint="oss-cn-beijing.aliyuncs.com"))
    reached, text = world.said()
    assert not reached
    assert "the bucket is in another region: its endpoint is oss-cn-beijing.aliyuncs.com" in text


@pytest.mark.parametrize("header", [True, False])
def test_an_answer_without_ec_is_known_by_its_code(world: World, header: bool) -> None:
    world.instance()
    if header:
        world.oss(404, "", x_oss_ec="0015-00000101")
    else:
        world.oss(404, refusal("NoSuchBucket"))
    reached, text = world.said()
    assert not reached
    assert "there is no such bucket" in text


def test_a_key_that_is_not_there_proves_access(world: World) -> None:
    world.instance()
    world.oss(404, refusal("NoSuchKey", "0026-00000001"))
    reached, text = world.said()
    assert reached
    assert "let in; there is no object public/hello.txt (try another with --key)" in text


def test_an_answer_that_is_not_osss(world: World) -> None:
    world.instance()
    world.oss(407, "<html>proxy</html>")
    reached, text = world.said()
    assert not reached
    assert "this is no answer of OSS" in text
    world.oss(503, "<html></html>")
    assert "OSS fails or throttles" in world.said()[1]


@pytest.mark.parametrize(
    ("code", "ec", "words"),
    [
        ("SignatureDoesNotMatch", "0002-00000201", "the signature is wrong"),
        ("InvalidAccessKeyId", "0002-00000902", "OSS knows no such AccessKey"),
        ("RequestTimeTooSkewed", "0002-00000504", "this host's clock is wrong"),
        ("AccessDenied", "0003-00000201", "a RAM policy denies it"),
        ("AccessDenied", "0003-00000202", "no RAM policy allows it"),
        ("AccessDenied", "0003-00000401", "the policy of a gateway endpoint"),
        ("SecurityTokenExpired", "", "the keys of the session have ended"),
    ],
)
def test_a_signature_that_is_refused(world: World, code: str, ec: str, words: str) -> None:
    world.instance()

    def say(method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        if "authorization" in headers:
            return 403, {}, refusal(code, ec)
        return 403, {}, refusal("AccessDenied", "0003-00000001")

    world.put(OSS, 80, say)
    reached, text = world.said(KEYS)
    assert not reached
    assert "NOTE   without a signature: 403 0003-00000001" in text
    assert f"FAIL   signed with LTAI1: 403 {ec or code}: " in text
    assert words in text
    assert "s3cret" not in text


def test_the_roles_keys_sign_where_the_environment_has_none(world: World) -> None:
    world.instance(role={"AccessKeyId": "STS.1", "AccessKeySecret": "s3cret", "SecurityToken": "t0ken"})
    seen: list[dict[str, str]] = []

    def say(method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        seen.append(headers)
        signed = "authorization" in headers
        return (200, {}, "hello") if signed else (403, {}, refusal("AccessDenied", "0003-00000001"))

    world.put(OSS, 80, say)
    reached, text = world.said()
    assert reached
    assert "OK     signed with STS.1: 200" in text
    assert seen[-1]["x-oss-security-token"] == "t0ken"
    assert "Credential=STS.1/" in seen[-1]["authorization"]
    assert "/cn-hangzhou/oss/aliyun_v4_request" in seen[-1]["authorization"]
    assert "t0ken" not in text


def proxy_that(world: World, status: int, health: str = "ok\n") -> None:
    def say(method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        return (200, {}, health) if path == "/healthz" else (status, {}, "")

    world.put(PROXY, 80, say)


@pytest.mark.parametrize(
    ("status", "reached", "words"),
    [
        (200, True, "answers 200"),
        (401, True, "wants a name and a password"),
        (404, True, "serves no object public/hello.txt"),
        (403, False, "links or signed URLs only"),
        (502, False, "docs/runbook.md"),
    ],
)
def test_a_laptop_is_sent_to_the_proxy(world: World, status: int, reached: bool, words: str) -> None:
    proxy_that(world, status)
    found, text = world.said(proxy=f"http://{PROXY}/")
    assert found is reached
    assert "NOTE   no metadata service answers: this is no ECS instance" in text
    assert "does not answer from here, as it should not outside its region" in text
    assert words in text


def test_a_laptop_without_a_way(world: World) -> None:
    reached, text = world.said(proxy=f"http://{PROXY}/")
    assert not reached
    assert "allowedCidrs" in text
    assert world.said()[0] is False


def test_something_in_place_of_the_proxy(world: World) -> None:
    proxy_that(world, 404, health="<html>")
    reached, text = world.said(proxy=f"http://{PROXY}/")
    assert not reached
    assert "something else answers in place of the proxy" in text


def test_a_host_outside_that_a_vpn_leads_in(world: World) -> None:
    world.oss()
    reached, text = world.said()
    assert reached
    assert "this is no ECS instance" in text


def test_the_finance_clouds_endpoint_is_its_regions() -> None:
    values = {"bucket": "ledgers", "key": "a", "scheme": "https", "proxy": ""}
    target = Target(endpoint=EVERYTHING.endpoint, region=EVERYTHING.region, **values)
    assert target.endpoint_region == "cn-hangzhou-finance"
    target = Target(endpoint="oss-cn-shanghai-internal.aliyuncs.com", region="cn-hangzhou", **values)
    assert target.endpoint_region == "cn-shanghai"


def test_the_command(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.instance()
    world.oss()
    defaults = {
        "endpoint": PLAIN.endpoint,
        "bucket": PLAIN.bucket,
        "region": PLAIN.region,
        "key": PLAIN.key,
        "proxy": "",
    }
    assert main(["--http", "--key", "public/a b.txt"], defaults, {}, world) == 0
    assert "public/a b.txt can be read" in capsys.readouterr().out
    assert main([], defaults, {}, world) == 1
    assert capsys.readouterr().out.endswith("\nThis host does not get to the bucket.\n")


def test_the_file_is_one_program_of_python_3_6(tmp_path: Path) -> None:
    program = tmp_path / "oss-diagnose"
    program.write_text(kit(PLAIN)["oss-diagnose"])
    done = subprocess.run(
        [sys.executable, str(program), "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"{PLAIN.bucket}" in done.stdout
    vermin = Path(sys.executable).with_name("vermin")
    done = subprocess.run(
        [vermin, "-t=3.6-", "--eval-annotations", "--no-tips", "--violations", program],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
