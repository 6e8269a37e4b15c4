"""Plugin of dynamic resources: `pulumi.dynamic`, which by itself would outlive an engine that is killed."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from lifeline import end_with_engine  # type: ignore[import-not-found]


def main() -> None:
    """Serve as `python -m pulumi.dynamic` does, with the project's folder on the search path."""
    end_with_engine()
    sys.path[0] = str(Path.cwd())
    runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
