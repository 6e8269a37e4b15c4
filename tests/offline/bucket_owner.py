"""The bucket as its owner sees it and fills it, beside the program."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.localcloud import LocalCloud

KEY = "public/hello.txt"

_UNBLOCK = """
import sys

import alibabacloud_oss_v2 as oss

config = oss.config.load_default()
config.region = sys.argv[2]
config.credentials_provider = oss.credentials.EnvironmentVariableCredentialsProvider()
oss.Client(config).put_bucket_public_access_block(
    oss.PutBucketPublicAccessBlockRequest(
        bucket=sys.argv[1],
        public_access_block_configuration=oss.PublicAccessBlockConfiguration(block_public_access=False),
    )
)
"""


@dataclass(frozen=True)
class BucketOwner:
    """Somebody with the account's keys and no Pulumi."""

    cloud: LocalCloud
    bucket: str
    region: str
    folder: Path

    def exists(self) -> bool:
        return f" {self.bucket}\n" in self.cloud.cli("oss", "ls").stdout

    def make(self) -> None:
        self.cloud.cli("oss", "mb", self.bucket, "--region", self.region)

    def facts(self) -> dict[str, Any]:
        """All that the bucket says of itself."""
        facts: dict[str, Any] = json.loads(self.cloud.cli("oss", "info", self.bucket).stdout)
        return facts

    def listing(self) -> str:
        return self.cloud.cli("oss", "ls", self.bucket).stdout

    def put(self, text: str = "hello\n") -> None:
        file = self.folder / "object"
        file.write_text(text)
        self.cloud.cli("oss", "put", str(file), self.bucket, KEY)

    def empty(self) -> None:
        self.cloud.cli("oss", "rm", self.bucket, "--all")

    def remove(self) -> None:
        self.empty()
        self.cloud.cli("oss", "rm", self.bucket, "--bucket")

    def turn_the_block_off(self) -> None:
        done = self.cloud.run("operator", [sys.executable, "-c", _UNBLOCK, self.bucket, self.region])
        assert done.returncode == 0, done.stderr

    @property
    def statements(self) -> list[dict[str, Any]]:
        """What the bucket's policy holds."""
        shown = self.cloud.cli("oss", "policy", "get", self.bucket, check=False)
        assert shown.returncode == 0 or "NoSuchBucketPolicy" in shown.stderr + shown.stdout
        document = json.loads(shown.stdout or '{"Statement": []}')
        statements: list[dict[str, Any]] = document["Statement"]
        return statements

    def set_statements(self, *statements: dict[str, Any]) -> None:
        file = self.folder / "policy.json"
        file.write_text(json.dumps({"Version": "1", "Statement": statements}))
        self.cloud.cli("oss", "policy", "set", self.bucket, str(file))
