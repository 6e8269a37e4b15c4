"""A bucket's policy with statements of others, as its owner sees and sets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.localcloud import LocalCloud

OWNER = "9000000000000001"
STRANGER = "9000000000000002"


def foreign(bucket: str, number: int, **changes: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": ["oss:GetObject"],
        "Principal": [STRANGER],
        "Resource": [f"acs:oss:*:{OWNER}:{bucket}/shared-{number}/*"],
        **changes,
    }


class Policy:
    """The bucket's policy as its owner sees and sets it."""

    def __init__(self, cloud: LocalCloud, bucket: str, folder: Path) -> None:
        self.cloud = cloud
        self.bucket = bucket
        self.file = folder / "policy.json"

    @property
    def text(self) -> str | None:
        shown = self.cloud.cli("oss", "policy", "get", self.bucket, check=False)
        if shown.returncode == 0:
            return shown.stdout.removesuffix("\n")
        assert "NoSuchBucketPolicy" in shown.stderr + shown.stdout
        return None

    @property
    def statements(self) -> list[dict[str, Any]]:
        statements: list[dict[str, Any]] = json.loads(self.text or '{"Statement": []}')["Statement"]
        return statements

    def set(self, *statements: dict[str, Any], indent: int | None = 3) -> str:
        """Writes the statements, by default in a layout that no program would choose."""
        text = json.dumps({"Statement": statements, "Version": "1"}, indent=indent)
        self.file.write_text(text)
        self.cloud.cli("oss", "policy", "set", self.bucket, str(self.file))
        return text

    def remove(self) -> None:
        self.cloud.cli("oss", "policy", "delete", self.bucket)
