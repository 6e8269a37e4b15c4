"""A cloud of API services alone: no root, nothing on the machine but one process."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localcloud import linux
from localcloud.home import Home
from tests.support.localcloud import LOCALCLOUD, LocalCloud
from tests.support.machine import MachineState, processes_of

pytestmark = pytest.mark.offline

READ_ONLY = '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "oss:List*", "Resource": "*"}]}'
LIST_BUCKETS = """
import alibabacloud_oss_v2 as oss

config = oss.config.load_default()
config.region = "cn-hangzhou"
config.credentials_provider = oss.credentials.EnvironmentVariableCredentialsProvider()
for bucket in oss.Client(config).list_buckets(oss.ListBucketsRequest()).buckets:
    print(bucket.name)
"""


def unprivileged() -> list[str]:
    """What makes a command run without root's rights, also where the tests have them."""
    return [] if os.geteuid() else ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]


def cli(home: Path, *words: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Runs ``localcloud`` without root's rights."""
    command = [*unprivileged(), sys.executable, "-m", "localcloud", "--home", str(home), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload,no-any-return]


@pytest.fixture(scope="module")
def can_unshare() -> None:
    probe = subprocess.run([*unprivileged(), "unshare", "-Urn", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("this machine lets no namespace be made without root")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """One that was started by the user who runs the tests."""
    cloud = LocalCloud(tmp_path_factory.mktemp("cloud") / "home")
    cloud.cli("up", "--api-only", "--operator-env", "SAID=a=b", "--account-uid", "9000000000000042")
    yield cloud
    cloud.cli("down")


def test_without_root_from_start_to_end(can_unshare: None, tmp_path: Path) -> None:
    before = MachineState.now()
    home = tmp_path / "a home with a long name".ljust(120, "x") / "home"
    assert cli(home, "up", "--api-only").stderr == ""
    running = Home(home).running()
    assert running is not None
    try:
        refused = cli(home, "up")
        assert (refused.returncode, "root" in refused.stderr) == (1, True)
    finally:
        assert cli(home, "down").returncode == 0
    assert linux.start_time(running.pid) is None
    assert Home(home).running() is None
    assert processes_of(home) == []
    assert MachineState.now() == before


def test_the_operator_reaches_the_endpoints_by_their_names(cloud: LocalCloud) -> None:
    for host, status in (
        ("sts.aliyuncs.com", 400),
        ("ecs.cn-hangzhou.aliyuncs.com", 400),
        ("no-such-bucket.oss-cn-hangzhou.aliyuncs.com", 404),
    ):
        assert cloud.curl("operator", f"https://{host}/key").status == status
    nowhere = cloud.curl("operator", "https://example.com/", timeout_s=5)
    assert (nowhere.status, "Could not resolve host" in nowhere.error) == (0, True)
    internal = cloud.curl("operator", "http://b.oss-cn-hangzhou-internal.aliyuncs.com/", timeout_s=5)
    assert internal.status == 0


def test_a_command_is_run_as_if_it_were_called(cloud: LocalCloud, tmp_path: Path) -> None:
    script = "cat; pwd; echo $SAID; echo err >&2; command -v python; exit 7"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "localcloud", "--home", str(cloud.home)),
            *("run", "--from", "operator", "--", "sh", "-c", script),
        ],
        input=b"in\n",
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        check=False,
    )
    folder = Path(sys.executable).parent
    assert done.stdout.decode().splitlines() == ["in", str(tmp_path), "a=b", str(folder / "python")]
    assert (done.stderr, done.returncode) == (b"err\n", 7)


def test_the_largest_command_passes_the_gateway(cloud: LocalCloud) -> None:
    # Each of its characters takes three on the way; the answer shows that the service has read it all.
    script = """
from alibabacloud_ecs20140526 import client, models
from alibabacloud_tea_openapi.models import Config
import os
key = dict(access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
           access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"])
ecs = client.Client(Config(**key, endpoint="ecs.cn-hangzhou.aliyuncs.com", region_id="cn-hangzhou"))
for size in (18432, 18433):
    try:
        ecs.run_command(models.RunCommandRequest(region_id="cn-hangzhou", type="RunShellScript",
            command_content="\\n" * size, instance_id=["i-missing"]))
    except Exception as error:
        print(error.code)
"""
    done = cloud.run("operator", ["python", "-c", script])
    assert done.stdout.decode().split() == ["InvalidInstance.NotFound", "CmdContent.ExceedLimit"], done.stderr


def test_arguments_arrive_as_they_are(cloud: LocalCloud) -> None:
    done = cloud.run("operator", ["printf", "%s|", "--", "-x", "--from", "a b", ""])
    assert done.stdout == b"--|-x|--from|a b||"


def test_a_command_that_is_not_there(cloud: LocalCloud, tmp_path: Path) -> None:
    assert cloud.run("operator", ["no-such-command"]).returncode == 127
    (tmp_path / "file").write_text("x")
    assert cloud.run("operator", [str(tmp_path / "file")]).returncode == 126


def test_a_signal_ends_the_command_itself(cloud: LocalCloud) -> None:
    process = subprocess.Popen(
        [
            *(LOCALCLOUD, "--home", str(cloud.home), "run", "--from", "operator", "--", "sh", "-c"),
            "trap 'echo caught; exit 5' TERM; echo on; sleep 60 & wait",
        ],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"on\n"
    process.terminate()
    assert process.stdout.readline() == b"caught\n"
    assert process.wait(5) == 5
    process.stdout.close()


@pytest.mark.parametrize("place", ["vpc", "other-vpc", "internet", "i-bp1abc"])
def test_there_are_no_other_places(cloud: LocalCloud, place: str) -> None:
    done = cloud.run(place, ["true"])
    assert done.returncode == 1
    assert b"only the API services run" in done.stderr


def test_up_again_changes_nothing_and_another_mode_or_account_is_refused(cloud: LocalCloud) -> None:
    before = Home(cloud.home).running()
    assert "up already" in cloud.cli("up", "--api-only").stdout
    assert Home(cloud.home).running() == before
    other = cloud.cli("up", "--api-only", "--account-uid", "9000000000000043", check=False)
    assert (other.returncode, "9000000000000042" in other.stderr) == (1, True)
    cloud.cli("up", "--api-only", "--operator-env", "MORE=1")
    assert cloud.run("operator", ["sh", "-c", "echo $SAID $MORE"]).stdout == b"a=b 1\n"


def test_status_and_logs(cloud: LocalCloud) -> None:
    status = cloud.status()
    assert (status["mode"], status["instances"], status["vpcs"]) == ("api-only", [], [])
    cloud.curl("operator", "https://oss-cn-hangzhou.aliyuncs.com/?Signature=hidden")
    log = cloud.cli("logs").stdout
    assert "host=oss-cn-hangzhou.aliyuncs.com / status=403" in log
    assert "hidden" not in log


def test_a_ram_user_runs_with_its_own_key_and_survives_a_restart(tmp_path: Path) -> None:
    cloud = LocalCloud(tmp_path / "home")
    cloud.cli("up", "--api-only")
    try:
        policy = tmp_path / "policy.json"
        policy.write_text(READ_ONLY)
        made = cloud.cli("ram", "user", "reader", "--policy", str(policy)).stdout
        assert cloud.cli("ram", "user", "reader", "--policy", str(policy)).stdout == made
        shown = cloud.cli("ram", "list").stdout
        (owner, key_id, secret) = re.search(r"(\d{18})\nkey +(\S+)  (\S+)", made).groups()  # type: ignore[union-attr]
        assert shown == f"reader  {owner}  {key_id}  1 statements\n"

        cloud.cli("down")
        cloud.cli("up", "--api-only")
        cloud.cli("oss", "mb", "some-bucket", "--region", "cn-hangzhou")
        said = cloud.run("operator", ["printenv", "OSS_ACCESS_KEY_SECRET"], user="reader")
        assert said.stdout.decode().strip() == secret
        read = cloud.run("operator", [sys.executable, "-c", LIST_BUCKETS], user="reader")
        assert read.stdout.decode() == "some-bucket\n", read.stderr
        assert cloud.status()["ram"]["authorised"]["reader"].keys() == {"oss:ListBuckets"}
        assert secret not in cloud.cli("status", "--json").stdout + cloud.cli("logs").stdout

        cloud.cli("ram", "rm", "reader")
        gone = cloud.run("operator", ["true"], user="reader")
        assert (gone.returncode, b"no RAM user reader" in gone.stderr) == (1, True)
        wrong = cloud.cli("ram", "user", "reader", "--policy", "/dev/null", check=False)
        assert (wrong.returncode, "not valid JSON" in wrong.stderr) == (1, True)
    finally:
        cloud.cli("down")


def test_two_at_once_and_two_for_one_home(tmp_path: Path) -> None:
    homes = [tmp_path / "a", tmp_path / "b", tmp_path / "b"]
    try:
        with ThreadPoolExecutor() as pool:
            ups = list(pool.map(lambda home: LocalCloud(home).cli("up", "--api-only"), homes))
        assert sorted("already" in up.stdout for up in ups) == [False, False, True]
        keys = {
            LocalCloud(home).run("operator", ["sh", "-c", "echo $OSS_ACCESS_KEY_ID"]).stdout for home in homes
        }
        assert len(keys) == 2
    finally:
        for home in homes:
            LocalCloud(home).cli("down")


def test_after_a_kill_it_starts_again(tmp_path: Path) -> None:
    cloud = LocalCloud(tmp_path / "home")
    cloud.cli("up", "--api-only")
    try:
        running = Home(cloud.home).running()
        assert running is not None
        handle = os.pidfd_open(running.pid)
        os.kill(running.pid, 9)
        assert select.select([handle], [], [], 5)[0]
        os.close(handle)
        assert cloud.cli("status", check=False).returncode == 1
        cloud.cli("up", "--api-only")
        assert cloud.status()["pid"] != running.pid
    finally:
        cloud.cli("down")
