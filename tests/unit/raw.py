"""Configuration values as Pulumi hands them to a program: text, what has parts as JSON."""

from __future__ import annotations

import json
from typing import Any

REQUIRED = {
    "alicloud:region": "cn-hangzhou",
    "bucketName": "oss-proxy-dev",
    "objectPrefixes": ["public/"],
    "allowedCidrs": ["198.51.100.0/24"],
}


def raw(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


def raw_values(project_file: dict[str, Any]) -> dict[str, str]:
    defaults = {key: schema["default"] for key, schema in project_file["config"].items()}
    return {key: raw(value) for key, value in {**defaults, **REQUIRED}.items()}
