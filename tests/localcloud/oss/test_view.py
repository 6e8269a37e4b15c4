"""``localcloud oss``: the commands, through the official client."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest

from localcloud.oss import view

from .conftest import OssServer, Store

Runner = Callable[..., int]


@pytest.fixture
def run(server: OssServer, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Runs a command line against the server."""
    for pair in view._KEY_VARIABLES:
        for name in pair:
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", server.owner.id)
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", server.owner.secret)
    load = oss_v2.config.load_default

    def through_loopback() -> oss_v2.config.Config:
        config = load()
        config.disable_ssl = True
        config.proxy_host = {"http": server.proxy}
        return config

    monkeypatch.setattr(oss_v2.config, "load_default", through_loopback)

    def call(*words: str) -> int:
        parser = argparse.ArgumentParser()
        view.add_arguments(parser)
        return view.run(parser.parse_args(words))

    return call


def test_a_bucket_from_making_to_removing(
    run: Runner, server: OssServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    name, file = server.new_name(), tmp_path / "hello.txt"
    file.write_bytes(b"hello\n")
    assert run("mb", name, "--region", "cn-shanghai") == 0
    assert run("put", str(file), name, "greetings/hello world.txt") == 0
    assert run("ls", name) == 0
    assert run("ls") == 0
    listed = capfd.readouterr().out
    assert "greetings/hello world.txt" in listed
    assert f"cn-shanghai      {name}" in listed
    assert run("get", name, "greetings/hello world.txt", "-") == 0
    assert capfd.readouterr().out == "hello\n"
    assert run("get", name, "greetings/hello world.txt", str(tmp_path / "back.txt")) == 0
    assert (tmp_path / "back.txt").read_bytes() == b"hello\n"
    assert run("rm", name, "greetings/hello world.txt") == 0
    assert run("rm", name, "--bucket") == 0
    assert run("ls", name) == 1
    assert f"the account has no bucket {name}" in capfd.readouterr().err


def test_everything_in_a_versioned_bucket_goes_with_one_command(
    run: Runner, store: Store, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hello.txt"
    file.write_bytes(b"hello\n")
    store.owner.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    for _ in range(2):
        assert run("put", str(file), store.name, "hello.txt") == 0
    assert run("rm", store.name, "hello.txt") == 0
    store.owner.init_multipart_upload("unfinished")
    assert run("rm", store.name, "--bucket") == 1
    assert "BucketNotEmpty" in capfd.readouterr().err
    assert run("rm", store.name, "--all") == 0
    assert run("rm", store.name, "--bucket") == 0


def test_a_buckets_settings_with_its_tags(
    run: Runner, store: Store, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("info", store.name) == 0
    assert json.loads(capfd.readouterr().out)["tags"] == {}
    tagging = oss2.models.TaggingRule()
    tagging.add("team", "storage")
    store.owner.put_bucket_tagging(oss2.models.Tagging(tagging))
    assert run("info", store.name) == 0
    shown = json.loads(capfd.readouterr().out)
    assert shown["tags"] == {"team": "storage"}
    assert shown["block_public_access"] is True


def test_policies(run: Runner, store: Store, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = store.allow_proxy()
    assert run("policy", "get", store.name) == 0
    assert capfd.readouterr().out == text
    assert run("policy", "delete", store.name) == 0
    assert run("policy", "get", store.name) == 1
    assert "NoSuchBucketPolicy: The bucket policy does not exist (EC 0030-00000006)" in capfd.readouterr().err
    file = tmp_path / "policy.json"
    file.write_text(text)
    assert run("policy", "set", store.name, str(file)) == 0
    assert store.owner.get_bucket_policy().policy == text


def test_large_files_go_in_parts(
    run: Runner, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "MULTIPART_FROM_BYTES", 100_000)
    monkeypatch.setattr(view, "PART_BYTES", 128 * 1024)
    file = tmp_path / "large"
    file.write_bytes(b"0123456789" * 30_000)
    assert run("put", str(file), store.name, "large", "--content-type", "video/mp4") == 0
    head = store.owner.head_object("large")
    assert (head.object_type, head.content_type) == ("Multipart", "video/mp4")
    assert store.owner.get_object("large").read() == file.read_bytes()


def test_keys_must_be_there() -> None:
    with pytest.raises(view.ViewError, match="set ALIBABA_CLOUD_ACCESS_KEY_ID"):
        view.keys_from({})
    assert view.keys_from({"ALIBABA_CLOUD_ACCESS_KEY_ID": "a", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "b"}) == (
        "a",
        "b",
    )
