"""Each source of `pulumi`, and which of them an install takes."""

from __future__ import annotations

import hashlib
import subprocess
import time
from pathlib import Path

import pytest

from toolchain import build, command, fingerprint, housekeeping, install, installed, pins, release
from toolchain import compile as compiler
from toolchain.errors import ToolchainError, UnavailableError
from toolchain.layout import Cache

ARCHIVE = f"pulumi-v{pins.RELEASE_VERSION}-linux-x64.tar.gz"


def executable(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def finished(cache: Cache) -> build.Build:
    """A build as `make` leaves it, of scripts."""
    made = build.Build(cache.builds / fingerprint.of_sources())
    executable(made.command, f"echo v{pins.ENGINE_VERSION}")
    executable(made.provider / "pulumi-resource-alicloud", "")
    (made.folder / build.MANIFEST).write_text("{}")
    return made


@pytest.fixture(autouse=True)
def only_what_a_test_puts_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:/usr/bin:/bin")
    monkeypatch.delenv(install.SOURCE_VARIABLE, raising=False)
    # Nothing listens on the discard port of this machine.
    monkeypatch.setattr(release, "RELEASE_URL", "https://127.0.0.1:9")


class TestInstalled:
    @pytest.mark.parametrize("version", ["v3.256.0", "3.256.0", "v3.300.1", "v3.256.0-dev.0"])
    def test_a_recent_one_is_taken(self, tmp_path: Path, version: str) -> None:
        pulumi = executable(tmp_path / "path" / "pulumi", f"echo {version}")
        assert installed.find(tmp_path / "own") == pulumi

    @pytest.mark.parametrize("version", ["v3.255.9", "v2.999.0", "v4.0.0"])
    def test_another_major_or_an_old_one_is_refused_with_its_version(
        self, tmp_path: Path, version: str
    ) -> None:
        executable(tmp_path / "path" / "pulumi", f"echo {version}")
        with pytest.raises(UnavailableError, match=version.removeprefix("v")):
            installed.find(tmp_path / "own")

    def test_a_broken_one_is_refused_with_what_it_says(self, tmp_path: Path) -> None:
        executable(tmp_path / "path" / "pulumi", "echo cannot start >&2; exit 3")
        with pytest.raises(UnavailableError, match="cannot start"):
            installed.find(tmp_path / "own")

    def test_the_command_that_we_wrote_does_not_count(self, tmp_path: Path) -> None:
        own = executable(tmp_path / "path" / "pulumi", "echo v3.256.0")
        with pytest.raises(UnavailableError, match="no pulumi on PATH"):
            installed.find(own)


class TestRelease:
    def test_an_archive_must_have_the_sum_that_the_release_names(self, tmp_path: Path) -> None:
        archive = tmp_path / ARCHIVE
        archive.write_bytes(b"release")
        digest = hashlib.sha256(b"release").hexdigest()
        release.verify(archive, f"{'0' * 64}  other.tar.gz\n{digest}  {ARCHIVE}\n")
        with pytest.raises(ToolchainError, match="was not unpacked"):
            release.verify(archive, f"{'0' * 64}  {ARCHIVE}\n")
        with pytest.raises(ToolchainError, match="names none"):
            release.verify(archive, "")

    def test_names_follow_the_platform(self) -> None:
        assert release.archive_for("linux", "x86_64") == ARCHIVE
        assert release.archive_for("darwin", "arm64").endswith("-darwin-arm64.tar.gz")
        with pytest.raises(UnavailableError, match="riscv64"):
            release.archive_for("linux", "riscv64")

    def test_an_unreachable_release_is_told_quickly_and_leaves_nothing(self, cache: Cache) -> None:
        started = time.monotonic()
        with pytest.raises(UnavailableError, match="cannot be downloaded"):
            release.download(cache)
        assert time.monotonic() - started < 2 * release.CONNECT_TIMEOUT_S
        assert list(cache.releases.iterdir()) == []


class TestInstall:
    def test_path_comes_first(self, cache: Cache, environment: Path, tmp_path: Path) -> None:
        finished(cache)
        pulumi = executable(tmp_path / "path" / "pulumi", "echo v3.300.0")
        assert "found on PATH" in install.install(cache, environment)
        assert command.target(environment) == pulumi

    def test_then_the_cached_build_without_asking_the_network(
        self, cache: Cache, environment: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(release, "download", lambda _: pytest.fail("asked the network"))
        made = finished(cache)
        assert "built from Go modules" in install.install(cache, environment)
        assert command.target(environment) == made.command

    def test_an_unreachable_release_falls_through_to_a_build(
        self,
        cache: Cache,
        environment: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr(build, "make", finished)
        assert "built from Go modules" in install.install(cache, environment)
        assert len([line for line in capsys.readouterr().out.splitlines() if "official release" in line]) == 1

    @pytest.mark.parametrize(
        ("source", "fault"), [("path", "no pulumi on PATH"), ("download", "cannot be downloaded")]
    )
    def test_a_forced_source_does_not_fall_through(
        self, cache: Cache, environment: Path, monkeypatch: pytest.MonkeyPatch, source: str, fault: str
    ) -> None:
        finished(cache)
        monkeypatch.setenv(install.SOURCE_VARIABLE, source)
        with pytest.raises(
            ToolchainError, match=rf"TOOLCHAIN_SOURCE={source}, but .*{fault}.*unset the variable"
        ):
            install.install(cache, environment)

    def test_an_unknown_source_is_named(self) -> None:
        with pytest.raises(ToolchainError, match="'registry' names no source"):
            install.requested_source("registry")

    def test_what_a_killed_install_left_is_removed(
        self, cache: Cache, environment: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(build, "make", finished)
        leftover = cache.builds / ".unfinished-x" / "build" / "bin"
        leftover.mkdir(parents=True)
        install.install(cache, environment)
        assert not leftover.exists()

    def test_a_failed_build_leaves_nothing_half_installed(
        self, cache: Cache, environment: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(program: compiler.Program, *_: object) -> None:
            program.output.write_text("half")
            raise KeyboardInterrupt

        monkeypatch.setattr(compiler, "build", fail)
        monkeypatch.setenv(install.SOURCE_VARIABLE, "build")
        with pytest.raises(KeyboardInterrupt):
            install.install(cache, environment)
        assert list(cache.builds.iterdir()) == []
        assert not command.location(environment).exists()


class TestCommand:
    def test_it_starts_the_build_with_its_own_plugins_and_the_users_logins(
        self, cache: Cache, environment: Path
    ) -> None:
        made = finished(cache)
        executable(made.command, 'echo "$PULUMI_HOME|$PULUMI_CREDENTIALS_PATH|$TOOLCHAIN_PYTHON|$*"')
        command.write_for_build(environment, made)
        home = environment / "share" / "pulumi"
        told = subprocess.run(
            [str(command.location(environment)), "up", "a b"],
            env={"HOME": "/home/me", "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.strip() == f"{home}|/home/me/.pulumi|{environment / 'bin' / 'python'}|up a b"
        assert (home / "plugins/resource-alicloud-v4.0.0/pulumi-resource-alicloud").resolve().is_file()

    def test_writing_it_again_does_not_touch_it(self, cache: Cache, environment: Path) -> None:
        made = finished(cache)
        command.write_for_build(environment, made)
        before = command.location(environment).stat()
        command.write_for_build(environment, made)
        assert command.location(environment).stat().st_ino == before.st_ino

    def test_clean_removes_what_is_ours_and_no_other_command(self, cache: Cache, environment: Path) -> None:
        command.write_for_build(environment, finished(cache))
        locked = cache.go / "mod" / "module"
        locked.mkdir(parents=True)
        (locked / "file.go").write_text("package x")
        locked.chmod(0o555)
        assert housekeeping.clean(cache, environment, only_go_caches=False) > 0
        assert not cache.root.exists()
        assert not command.location(environment).exists()
        foreign = executable(environment / "bin" / "pulumi", "echo theirs")
        housekeeping.clean(cache, environment, only_go_caches=False)
        assert foreign.exists()

    def test_status_names_the_next_command_where_nothing_is_installed(
        self, cache: Cache, environment: Path
    ) -> None:
        assert "run `python -m toolchain install`" in "\n".join(housekeeping.status(cache, environment))
