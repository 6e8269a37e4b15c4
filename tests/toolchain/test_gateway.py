"""Runs the Go tests of the OSS gateway, with the Go and the caches of the toolchain."""

from __future__ import annotations

import subprocess

import pytest

from toolchain import golang, layout


def test_the_go_tests_pass() -> None:
    cache = layout.cache()
    if not (cache.go / "mod").exists():
        pytest.skip("no Go caches: run TOOLCHAIN_SOURCE=build python -m toolchain install")
    go = golang.find_or_install(cache)
    done = subprocess.run(
        [str(go), "test", "./..."],
        cwd=layout.PACKAGE / "ossgateway",
        env=golang.environment(cache),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
