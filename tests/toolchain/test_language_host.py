"""The Python language host, alone and under a real engine in a namespace without a network."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolchain import build, command
from toolchain.hosts import language

PROGRAM = """
import pulumi, pulumi_alicloud as alicloud
from parts.thing import Thing
print("said by the program")
if pulumi.Config().get("fault") == "run":
    raise pulumi.RunError("the bucket has no name; run pulumi config set bucketName NAME")
if pulumi.Config().get("fault") == "crash":
    {}["absent"]
network = alicloud.vpc.Network("network", cidr_block="10.0.0.0/16")
alicloud.vpc.Switch("switch", vpc_id=network.id, cidr_block="10.0.0.0/24", zone_id="cn-hangzhou-h")
thing = Thing("thing", {"fault": pulumi.Config().get("fault") or ""})
pulumi.export("vpc", network.id)
"""
THING = """
import os
from pulumi.dynamic import CreateResult, Resource, ResourceProvider
class Provider(ResourceProvider):
    def create(self, props):
        if props["fault"] == "create":
            raise RuntimeError("the agent does not answer")
        return CreateResult(os.getcwd(), props)
class Thing(Resource):
    def __init__(self, name, props):
        super().__init__(Provider(), name, props)
"""
ISOLATED = ("unshare", "-rn", "sh", "-c", 'ip link set lo up; exec "$@"', "sh")
DYNAMIC_ONLY = """
import pulumi
from parts.thing import Thing
thing = Thing("thing", {"fault": pulumi.Config().get("fault") or ""})
pulumi.export("cwd", thing.id)
"""


def test_packages_with_a_plugin_are_required_and_others_are_not(tmp_path: Path) -> None:
    for name, content in {
        "pulumi_one": {"resource": True, "name": "one", "version": "1.2.3"},
        "pulumi_two": {"resource": True},
        "three": {"resource": False},
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "pulumi-plugin.json").write_text(json.dumps(content))
    found = language.required_packages([str(tmp_path), str(tmp_path)])
    assert [(package.name, package.kind, package.version) for package in found] == [
        ("one", "resource", "1.2.3"),
        ("two", "resource", ""),
    ]


def test_a_traceback_begins_in_the_program() -> None:
    try:
        json.loads("{")
    except ValueError as error:
        text = language.readable_traceback(error)
    assert text.startswith("Traceback (most recent call last):")
    assert __file__ in text


@pytest.fixture
def host_and_engine() -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """A language host, and the process in an engine's place that started it."""
    start = "import subprocess, sys; host = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)"
    command_line = [sys.executable, "-c", f"{start}; print(host.pid, flush=True); host.wait()"]
    command_line += [sys.executable, "-u"]
    command_line += [language.__file__, "127.0.0.1:1"]
    with subprocess.Popen(command_line, stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        pid, port = (int(engine.stdout.readline()) for _ in range(2))
        assert port > 0
        yield pid, engine
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        engine.kill()


@pytest.mark.parametrize("victim", ["host", "engine"])
def test_the_host_ends_when_it_is_interrupted_and_when_its_engine_is_killed(
    victim: str, host_and_engine: tuple[int, subprocess.Popen[str]]
) -> None:
    host, engine = host_and_engine
    if victim == "host":
        os.kill(host, signal.SIGINT)
    else:
        engine.kill()
    assert engine.stdout is not None
    # The host holds the other end of the pipe for as long as it lives.
    assert engine.stdout.read() == ""


@pytest.mark.parametrize("host", ["pulumi-language-python", "pulumi-resource-pulumi-python", "provider"])
def test_each_host_ends_with_the_pipe_that_its_engine_holds(host: str, finished_build: build.Build) -> None:
    folder = finished_build.command.parent
    executable = finished_build.provider / "pulumi-resource-alicloud" if host == "provider" else folder / host
    with subprocess.Popen(
        [str(executable), "127.0.0.1:1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TOOLCHAIN_PYTHON": sys.executable},
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            assert int(process.stdout.readline()) > 0
            process.stdin.close()
            assert process.wait(30) == 1
        finally:
            process.kill()


def test_without_a_pipe_a_host_runs_on(finished_build: build.Build) -> None:
    executable = finished_build.provider / "pulumi-resource-alicloud"
    with subprocess.Popen(
        [str(executable), "127.0.0.1:1"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        try:
            assert int(process.stdout.readline()) > 0
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.5)
        finally:
            process.kill()


class Project:
    """A Pulumi project whose engine runs in a namespace where nothing answers."""

    def __init__(self, folder: Path, environment: Path) -> None:
        self.folder = folder
        self.environment = environment

    def write(self, program: str, virtualenv: str) -> None:
        self.folder.mkdir()
        (self.folder / "parts").mkdir()
        (self.folder / "parts" / "__init__.py").touch()
        (self.folder / "parts" / "thing.py").write_text(THING)
        (self.folder / "__main__.py").write_text(program)
        options = {"name": "python", "options": {"virtualenv": virtualenv}}
        (self.folder / "Pulumi.yaml").write_text(json.dumps({"name": "scratch", "runtime": options}))

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        state = self.folder / "state"
        state.mkdir(exist_ok=True)
        return subprocess.run(
            [*ISOLATED, str(command.location(self.environment)), "--non-interactive", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "PULUMI_BACKEND_URL": f"file://{state}",
                "PULUMI_CONFIG_PASSPHRASE": "",
                "ALICLOUD_REGION": "cn-hangzhou",
                "ALICLOUD_ACCESS_KEY": "dummy",
                "ALICLOUD_SECRET_KEY": "dummy",
                # Else the provider asks for it, and waits half a minute for an answer.
                "ALIBABA_CLOUD_ACCOUNT_TYPE": "Domestic",
            },
        )


@pytest.fixture
def project(tmp_path: Path, finished_build: build.Build) -> Project:
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rn", "true"]).returncode != 0:
        pytest.skip("no network namespaces here")
    environment = tmp_path / "venv"
    (environment / "bin").mkdir(parents=True)
    python = environment / "bin" / "python"
    # A link would be an interpreter without the packages of the one that runs the tests.
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    command.write_for_build(environment, finished_build)
    return Project(tmp_path / "project", environment)


@pytest.mark.offline
class TestUnderTheEngine:
    def test_a_preview_shows_resources_of_both_kinds_and_what_the_program_prints(
        self, project: Project
    ) -> None:
        project.write(PROGRAM, sys.prefix)
        project.pulumi("stack", "init", "dev")
        shown = project.pulumi("preview")
        assert shown.returncode == 0, shown.stdout + shown.stderr
        for part in (
            "alicloud:vpc:Network",
            "alicloud:vpc:Switch",
            "pulumi-python:dynamic",
            "said by the program",
        ):
            assert part in shown.stdout
        assert "warning" not in (shown.stdout + shown.stderr).lower()

    @pytest.mark.parametrize(
        ("fault", "message"),
        [
            ("run", "error: the bucket has no name; run pulumi config set bucketName NAME"),
            ("crash", "KeyError: 'absent'"),
        ],
    )
    def test_a_failing_program_is_told_once(self, project: Project, fault: str, message: str) -> None:
        project.write(PROGRAM, sys.prefix)
        project.pulumi("stack", "init", "dev")
        shown = project.pulumi("preview", "--config", f"scratch:fault={fault}")
        assert shown.returncode != 0
        assert shown.stdout.partition("Diagnostics:")[2].count(message) == 1
        assert "runpy" not in shown.stdout

    def test_a_dynamic_resource_is_made_in_the_projects_folder(self, project: Project) -> None:
        project.write(DYNAMIC_ONLY, sys.prefix)
        project.pulumi("stack", "init", "dev")
        refused = project.pulumi("up", "--yes", "--skip-preview", "--config", "scratch:fault=create")
        assert refused.returncode != 0
        assert "RuntimeError: the agent does not answer" in refused.stdout
        assert project.pulumi("up", "--yes", "--skip-preview", "--config", "scratch:fault=").returncode == 0
        assert project.pulumi("stack", "output", "cwd").stdout.strip() == str(project.folder)
        assert project.pulumi("destroy", "--yes", "--skip-preview").returncode == 0

    def test_another_virtual_environment_is_refused_with_the_command_to_run(self, project: Project) -> None:
        project.write(PROGRAM, "elsewhere")
        project.pulumi("stack", "init", "dev")
        shown = project.pulumi("preview")
        assert shown.returncode != 0
        assert f"Run {project.folder / 'elsewhere' / 'bin' / 'pulumi'} instead" in shown.stdout
