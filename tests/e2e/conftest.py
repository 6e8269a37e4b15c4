"""One cloud, one bucket and one deployed stack for the whole end-to-end run."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.localcloud import LocalCloud
from tests.support.machine import MachineState
from tests.support.project import Project, is_root, pulumi_env

SERVING_TIMEOUT_S = 120


# One stack serves all: those that change or end it come behind those that look at it.
LAST = ("test_addresses.py", "test_tour.py", "test_change.py", "test_first_boot.py", "test_teardown.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks everything here and puts it in order."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(900))
    items.sort(key=lambda item: LAST.index(item.path.name) if item.path.name in LAST else -1)


@dataclass(frozen=True)
class Bucket:
    """The user's own bucket, made and filled before the program is run."""

    cloud: LocalCloud
    name: str
    region: str
    prefix: str

    @property
    def public_host(self) -> str:
        return f"{self.name}.oss-{self.region}.aliyuncs.com"

    @property
    def internal_host(self) -> str:
        return f"{self.name}.oss-{self.region}-internal.aliyuncs.com"

    def put(self, source: Path, key: str) -> None:
        self.cloud.cli("oss", "put", str(source), self.name, key)

    def read(self, key: str, folder: Path) -> bytes:
        target = folder / hashlib.sha256(key.encode()).hexdigest()
        self.cloud.cli("oss", "get", self.name, key, str(target))
        return target.read_bytes()

    def listing(self) -> str:
        return self.cloud.cli("oss", "ls", self.name).stdout

    def policy(self) -> Any:
        """The bucket's policy document, or None when there is none."""
        done = self.cloud.cli("oss", "policy", "get", self.name, check=False)
        if done.returncode != 0:
            assert "NoSuchBucketPolicy" in done.stderr + done.stdout
            return None
        return json.loads(done.stdout)

    def facts(self) -> str:
        """All that the owner sees of the bucket itself (ACL, Block Public Access, encryption ...)."""
        return self.cloud.cli("oss", "info", self.name).stdout


@dataclass(frozen=True)
class Deployed:
    """A stack that is up, with the outputs it had then."""

    project: Project
    outputs: dict[str, Any]

    @property
    def url(self) -> str:
        url: str = self.outputs["url"]
        return url.rstrip("/")


@pytest.fixture(scope="session")
def machine_before() -> MachineState:
    return MachineState.now()


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory, machine_before: MachineState) -> Iterator[LocalCloud]:
    if not is_root():
        pytest.skip("instances boot only as root; run: sudo make test")
    folder = tmp_path_factory.mktemp("e2e")
    cloud = LocalCloud(folder / "home")
    env = pulumi_env(folder / "state")
    try:
        cloud.cli("up", *(f"--operator-env={name}={value}" for name, value in env.items()), timeout_s=600)
        yield cloud
    finally:
        cloud.cli("down")


@pytest.fixture(scope="session")
def project(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.copy_to(tmp_path_factory.mktemp("program") / "oss-proxy", cloud)


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample objects; the largest is made of blocks that all differ."""
    folder = tmp_path_factory.mktemp("samples")
    (folder / "hello.txt").write_text("Hello from a private bucket.\n")
    with (folder / "one-gibibyte.bin").open("wb") as file:
        for block in range(1024):
            file.write(hashlib.shake_128(block.to_bytes(4, "big")).digest(1024) * 1024)
    return folder


@pytest.fixture(scope="session")
def bucket(project: Project, samples: Path) -> Bucket:
    bucket = Bucket(
        cloud=project.cloud,
        name=project.setting("bucketName"),
        region=project.setting("alicloud:region"),
        prefix=project.setting("objectPrefixes")[0],
    )
    project.cloud.cli("oss", "mb", bucket.name, "--region", bucket.region)
    bucket.put(samples / "hello.txt", f"{bucket.prefix}hello.txt")
    bucket.put(samples / "hello.txt", f"{bucket.prefix}a b/ümläut+中文.txt")
    bucket.put(samples / "hello.txt", "elsewhere/hello.txt")
    return bucket


@pytest.fixture(scope="session")
def facts_before(bucket: Bucket) -> str:
    return bucket.facts()


@pytest.fixture(scope="session")
def deployed(project: Project, bucket: Bucket, facts_before: str) -> Iterator[Deployed]:
    project.must("stack", "init", "dev")
    try:
        project.must("up", "--yes", "--skip-preview")
        deployed = Deployed(project, project.outputs())
        wait_until_serving(project.cloud, f"{deployed.url}/{bucket.prefix}hello.txt")
        yield deployed
    finally:
        # The tests of the end may have taken the cloud away already, with all that was in it.
        if project.cloud.cli("status", check=False).returncode == 0:
            project.must("destroy", "--yes", "--skip-preview")


def wait_until_serving(cloud: LocalCloud, url: str) -> None:
    """Asks from the Internet until the proxy answers 200; the last answer is the failure's message."""
    deadline = time.monotonic() + SERVING_TIMEOUT_S
    while (answer := cloud.curl("internet", url, timeout_s=5)).status != 200:
        if time.monotonic() > deadline:
            raise AssertionError(f"{url} did not answer 200 within {SERVING_TIMEOUT_S} s: {answer}")
        time.sleep(0.2)
