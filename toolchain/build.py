"""Third source: engine, provider and hosts built from Go modules and this package's own files."""

import json
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from toolchain import compile as compiler
from toolchain import fingerprint, golang
from toolchain.errors import ToolchainError
from toolchain.layout import PACKAGE, UNFINISHED, Cache
from toolchain.pins import ENGINE_VERSION, PROVIDER_VERSION

MANIFEST = "build.json"
HOSTS = (
    "dynamic.py",
    "language.py",
    "lifeline.py",
    "pulumi-language-python",
    "pulumi-resource-pulumi-python",
)
ESTIMATE = "15 to 20 minutes on 2 cores, half of that on 4; later runs take none"


@dataclass(frozen=True)
class Build:
    """A finished build."""

    folder: Path

    @property
    def command(self) -> Path:
        """The engine. The hosts lie beside it, which is where it looks for them first."""
        return self.folder / "bin" / "pulumi"

    @property
    def provider(self) -> Path:
        """Folder of the provider's executable and schema."""
        return self.folder / "provider"


def find(cache: Cache) -> Build | None:
    """Return the finished build of the present sources."""
    folder = cache.builds / fingerprint.of_sources()
    return Build(folder) if (folder / MANIFEST).exists() else None


def make(cache: Cache) -> Build:
    """Build into a folder beside the final one, which appears complete or not at all.

    Raises:
        ToolchainError: Something does not compile.
    """
    started = time.monotonic()
    print(f"Building pulumi {ENGINE_VERSION} and its alicloud provider: {ESTIMATE}", flush=True)
    final = cache.builds / fingerprint.of_sources()
    go = golang.find_or_install(cache)
    environment = golang.environment(cache)
    cache.builds.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=cache.builds) as temporary:
        folder = Path(temporary) / "build"
        build = Build(folder)
        for program in programs(build):
            program.output.parent.mkdir(parents=True, exist_ok=True)
            compiler.build(program, go, environment, cache.logs / f"{program.output.name}.log")
        for name in HOSTS:
            shutil.copy2(PACKAGE / "hosts" / name, build.command.parent / name)
        _write_schema(build)
        facts = {
            "engine": ENGINE_VERSION,
            "provider": PROVIDER_VERSION,
            "seconds": time.monotonic() - started,
        }
        (folder / MANIFEST).write_text(json.dumps(facts) + "\n", encoding="utf-8")
        folder.rename(final)
    return Build(final)


def programs(build: Build) -> list[compiler.Program]:
    """List what is compiled, and from where."""
    return [
        compiler.Program(
            title=f"engine {ENGINE_VERSION}",
            module=PACKAGE / "engine",
            package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
            output=build.command,
            linker_flags=f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{ENGINE_VERSION}",
            package_count=1670,
        ),
        compiler.Program(
            title=f"alicloud provider {PROVIDER_VERSION}",
            module=PACKAGE / "provider",
            package=".",
            output=build.provider / "pulumi-resource-alicloud",
            linker_flags="",
            package_count=870,
        ),
    ]


def _write_schema(build: Build) -> None:
    executable = build.provider / "pulumi-resource-alicloud"
    command = [str(executable), "write-schema", str(build.provider / "schema.json")]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise ToolchainError(
            f"the provider cannot write its schema, so the build was dropped:\n{done.stderr.strip()}"
        )
