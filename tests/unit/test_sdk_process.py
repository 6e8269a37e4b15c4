"""The SDKs' process is asked once, tells its own failures, and never outlives the program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra import sdk_process
from infra.errors import CloudError
from infra.sdk_process import PROJECT, SdkProcess

QUESTION = {
    "region": "cn-hangzhou",
    "bucket": "oss-proxy-dev",
    "identity": {"project": "oss-proxy", "stack": "dev"},
    "mode": "existing",
    "instance_type": "ecs.e-c1m2.large",
}


def test_a_real_process_without_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_CREDENTIALS_URI",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
    with SdkProcess() as process:
        process.ask(QUESTION)
        refusal = process.answer()["refusal"]
    assert "STS did not say whose credentials these are" in refusal["fault"]


def test_a_process_that_fails_is_told_with_its_last_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra/__init__.py").touch()
    (tmp_path / "infra/sdk_view.py").write_text("raise RuntimeError('a broken SDK')")
    monkeypatch.setattr(sdk_process, "PROJECT", tmp_path)
    with SdkProcess() as process:
        # It is gone before it is asked.
        process._process.wait()
        process.ask(QUESTION)
        with pytest.raises(CloudError, match="a broken SDK"):
            process.answer()


def test_no_process_outlives_what_it_is_needed_for() -> None:
    with SdkProcess() as process:
        pass
    assert process._process.returncode is not None


def test_a_process_that_nobody_asks_any_more_ends_by_itself() -> None:
    asked, question = os.pipe()
    started = subprocess.Popen([sys.executable, "-m", "infra.sdk_view"], cwd=PROJECT, stdin=asked)
    os.close(asked)
    os.close(question)
    assert started.wait(60) == 0
