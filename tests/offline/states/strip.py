"""Takes out of a state, exported with --show-secrets, what says where and when it was made.

From standard input to standard output. A value that is marked as a secret loses the mark: Pulumi imports none
without the key of the stack that it comes from.
"""

from __future__ import annotations

import json
import sys
from typing import Any

VOLATILE = ("created", "modified", "sourcePosition", "stackTrace")


def main() -> None:
    """Strips one state."""
    exported = json.load(sys.stdin)
    deployment = exported["deployment"]
    deployment.pop("secrets_providers", None)
    deployment["manifest"] = {"time": "0001-01-01T00:00:00Z", "magic": "", "version": ""}
    for resource in deployment["resources"]:
        for key in VOLATILE:
            resource.pop(key, None)
    json.dump(_without_marks(exported), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


def _without_marks(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_marks(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "plaintext" in value:
        return json.loads(value["plaintext"])
    return {key: _without_marks(item) for key, item in value.items()}


if __name__ == "__main__":
    main()
