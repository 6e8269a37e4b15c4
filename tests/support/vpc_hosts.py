"""VPCs that a test makes by the API, and what their hosts do with a bucket, with and without a key."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.localcloud import LocalCloud

ROOT = Path(__file__).resolve().parents[2]

MAKE_VPC = """
import sys, time
from infra.sdk_rpc import VPC, ApiError, RpcClient
region, cidr, vswitch, zone = sys.argv[1:]
api = RpcClient(VPC, region)
vpc = api.call("CreateVpc", {"CidrBlock": cidr})["VpcId"]
while True:
    try:
        api.call("CreateVSwitch", {"VpcId": vpc, "ZoneId": zone, "CidrBlock": vswitch})
        break
    except ApiError as error:
        # The VPC is on its way.
        if not error.code.startswith("Incorrect"):
            raise
        time.sleep(0.05)
print(vpc)
"""
# The official SDK; each verb answers with OSS's status and EC.
CLIENT = """
import json, os, sys, tempfile
import oss2
endpoint, name, verb, key = sys.argv[1:]
# Large enough for the SDK to upload it in parts.
PART = 100 * 1024
keys = oss2.ProviderAuthV4(oss2.credentials.EnvironmentVariableCredentialsProvider())
bucket = oss2.Bucket(keys, endpoint, name, region="cn-hangzhou")

def resumable():
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "file")
        with open(file, "wb") as out:
            out.write(b"x" * (2 * PART + 1))
        store = oss2.ResumableStore(root=folder)
        oss2.resumable_upload(
            bucket, key, file, store=store, multipart_threshold=PART, part_size=PART, num_threads=1
        )

def parts():
    upload = bucket.init_multipart_upload(key).upload_id
    bucket.upload_part(key, upload, 1, b"x")
    assert len(bucket.list_parts(key, upload).parts) == 1
    bucket.abort_multipart_upload(key, upload)

verbs = {
    "get": lambda: bucket.get_object(key).read(),
    "head": lambda: bucket.head_object(key),
    "list": lambda: [one.key for one in bucket.list_objects(prefix=key).object_list],
    "list-folders": lambda: bucket.list_objects(prefix=key, delimiter="/").prefix_list,
    "list-v2": lambda: [one.key for one in bucket.list_objects_v2(prefix=key, delimiter="/").object_list],
    "put": lambda: bucket.put_object(key, b"written"),
    "upload": resumable,
    "parts": parts,
    "acl": lambda: bucket.put_object_acl(key, "private"),
    "delete": lambda: bucket.delete_object(key),
    "policy": lambda: bucket.get_bucket_policy(),
}
try:
    found = verbs[verb]()
    print(json.dumps([200, "", found if isinstance(found, list) else None]))
except oss2.exceptions.ServerError as error:
    print(json.dumps([error.status, error.headers.get("x-oss-ec", ""), None]))
"""


@dataclass(frozen=True)
class Answer:
    """OSS's status and EC, and what a listing found."""

    status: int
    ec: str = ""
    found: Any = None


def make_vpc(cloud: LocalCloud, *, region: str, cidr: str, vswitch: str, zone: str) -> str:
    """Makes a VPC with one vSwitch as the operator; returns its id."""
    done = cloud.run("operator", [sys.executable, "-c", MAKE_VPC, region, cidr, vswitch, zone], cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().strip()


def remove_vpc(cloud: LocalCloud, vpc_id: str, *, region: str) -> None:
    """Deletes a VPC and its vSwitches as the operator."""
    script = (
        "import sys; from infra.sdk_rpc import VPC, RpcClient; api = RpcClient(VPC, sys.argv[1]); "
        "found = api.call('DescribeVSwitches', {'VpcId': sys.argv[2]})['VSwitches']['VSwitch']; "
        "[api.call('DeleteVSwitch', {'VSwitchId': one['VSwitchId']}) for one in found]; "
        "api.call('DeleteVpc', {'VpcId': sys.argv[2]})"
    )
    done = cloud.run("operator", [sys.executable, "-c", script, region, vpc_id], cwd=ROOT)
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class VpcHost:
    """A host of a VPC."""

    cloud: LocalCloud
    place: str
    bucket: str
    region: str = "cn-hangzhou"

    @property
    def endpoint(self) -> str:
        return f"oss-{self.region}-internal.aliyuncs.com"

    def get(self, path: str) -> Answer:
        """Asks without a signature for an object, or for a listing by its query."""
        answer = self.cloud.curl(self.place, f"http://{self.bucket}.{self.endpoint}/{path}")
        return Answer(answer.status, answer.headers.get("x-oss-ec", ""), answer.body)

    def put(self, key: str) -> Answer:
        """Writes without a signature."""
        url = f"http://{self.bucket}.{self.endpoint}/{key}"
        answer = self.cloud.curl(self.place, url, "--request", "PUT", "--data", "x")
        return Answer(answer.status, answer.headers.get("x-oss-ec", ""))

    def signed(self, user: str, verb: str, key: str) -> Answer:
        """Does something with a RAM user's key."""
        words = [sys.executable, "-W", "ignore", "-c", CLIENT]
        words += [f"http://{self.endpoint}", self.bucket, verb, key]
        done: subprocess.CompletedProcess[bytes] = self.cloud.run(self.place, words, user=user)
        assert done.returncode == 0, done.stderr.decode()
        return Answer(*json.loads(done.stdout))


def make_user(cloud: LocalCloud, name: str, folder: Path) -> str:
    """Makes a RAM user that may nothing with OSS by itself; returns its UID."""
    nothing = {"Effect": "Allow", "Action": "ecs:DescribeZones", "Resource": "*"}
    file = folder / f"{name}.json"
    file.write_text(json.dumps({"Version": "1", "Statement": [nothing]}))
    shown = cloud.cli("ram", "user", name, "--policy", str(file)).stdout
    return shown.splitlines()[0].split()[-1]
