"""The ACME server: built when it is first started, once, and never by an install."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from toolchain import compile as compiler
from toolchain import fingerprint, golang, layout, pebble
from toolchain.errors import ToolchainError
from toolchain.layout import Cache


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[compiler.Program]:
    """A compiler that writes a script; what it was asked for."""
    asked: list[compiler.Program] = []

    def build(program: compiler.Program, *_: object) -> None:
        asked.append(program)
        program.output.write_text("#!/bin/sh\n")
        program.output.chmod(0o755)

    monkeypatch.setattr(compiler, "build", build)
    monkeypatch.setattr(golang, "find_or_install", lambda _: Path("/usr/bin/go"))
    return asked


def test_it_is_built_once_and_kept(cache: Cache, built: list[compiler.Program]) -> None:
    first = pebble.find_or_make(cache)
    assert first.read_text() == "#!/bin/sh\n"
    assert pebble.find_or_make(cache) == first
    (program,) = built
    assert program.package == "github.com/letsencrypt/pebble/v2/cmd/pebble"
    assert program.linker_flags == f"-X main.version={pebble.version()}"


def test_other_pins_are_another_build(tmp_path: Path) -> None:
    for name in ("go.mod", "go.sum"):
        (tmp_path / name).write_text("one")
    before = fingerprint.of_module(tmp_path)
    (tmp_path / "go.sum").write_text("two")
    assert fingerprint.of_module(tmp_path) != before


def test_it_takes_the_place_of_the_process_and_says_nothing_of_its_own_on_standard_output(
    cache: Cache,
    built: list[compiler.Program],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    became: list[object] = []
    monkeypatch.setattr(layout, "cache", lambda: cache)
    monkeypatch.setattr(os, "execv", lambda *words: became.extend(words))
    monkeypatch.setattr(sys, "argv", ["/x/bin/pebble", "-version"])
    pebble.main()
    assert became == [pebble.find_or_make(cache), ["pebble", "-version"]]
    told = capsys.readouterr()
    assert told.out == ""
    assert "Building Pebble" in told.err


def test_a_failed_build_leaves_nothing_and_is_told(
    cache: Cache,
    built: list[compiler.Program],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(program: compiler.Program, *_: object) -> None:
        program.output.write_text("half")
        raise ToolchainError("it does not compile")

    monkeypatch.setattr(compiler, "build", fail)
    monkeypatch.setattr(layout, "cache", lambda: cache)
    assert pebble.main() == 1
    assert "it does not compile" in capsys.readouterr().err
    assert list(cache.builds.iterdir()) == []
