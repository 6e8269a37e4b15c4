"""How the code is laid out: who may import whom, and where facts stand."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from infra.naming import Naming, NamingError
from tests.unit.conftest import ROOT

PURE = {
    "access.context",
    "access.grants",
    "access.kit",
    "access.script",
    "addresses",
    "alarms.monitor",
    "alarms.rules",
    "bare",
    "bucket_features",
    "bucket_mode",
    "cloud_errors",
    "errors",
    "instance.acme_paths",
    "instance.files",
    "instance.follow",
    "instance.kernel",
    "instance.outcomes",
    "instance.readiness",
    "instance.system",
    "instance.units",
    "instance.workers",
    "instance_files",
    "images",
    "naming",
    "nginx.answers",
    "nginx.cache",
    "nginx.config",
    "nginx.context",
    "nginx.limits",
    "nginx.links",
    "nginx.rules",
    "nginx.sizing",
    "nginx.tls",
    "oss_names",
    "oss_refusals",
    "outputs",
    "policy",
    "policy_deny",
    "policy_merge",
    "policy_plan",
    "probe",
    "ram.base",
    "ram.features",
    "ram.model",
    "ram.policies",
    "protection",
    "recovery.check",
    "recovery.found",
    "recovery.state",
    "regions",
    "render",
    "rollout.delivery",
    "rollout.failures",
    "rollout.records",
    "rollout.sealing",
    "runbook",
    "setting_faults",
    "setting_secrets",
    "setting_types",
    "setting_types_bucket",
    "setting_types_dns",
    "setting_types_grants",
    "setting_types_nginx",
    "setting_types_tls",
    "sizing.capacity",
    "sizing.costs",
    "sizing.demand",
    "sizing.errors",
    "sizing.instance_types",
    "sizing.limits",
    "sizing.plan",
    "sizing.report",
    "sizing.units",
    "sizing.ways",
    "text",
    "tls.certificate",
    "tls.dns_rights",
    "wildcards",
}
PACKAGES = {"infra", "infra.instance", "infra.nginx", "infra.sizing"}
SDKS = ("alibabacloud_", "darabonba", "oss2")
# The official SDKs, and what they stand on, are known here alone.
SDK_MODULES = {"sdk", "sdk_rpc"}
MAX_LINES = 250

MODULES = sorted((ROOT / "infra").rglob("*.py"))


def imports(path: Path, *, top_level: bool = False) -> set[str]:
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_level else ast.walk(tree)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            named = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= named if node.module in PACKAGES else {node.module}
    return found


@pytest.mark.parametrize("name", sorted(PURE))
def test_pure_modules_import_neither_pulumi_nor_an_sdk_nor_an_impure_one(name: str) -> None:
    for imported in imports(ROOT / f"infra/{name.replace('.', '/')}.py"):
        assert not imported.startswith(("pulumi", *SDKS)), imported
        if imported.startswith("infra."):
            assert imported.removeprefix("infra.") in PURE


@pytest.mark.parametrize("path", sorted((ROOT / "infra/instance").glob("*.py")), ids=lambda path: path.stem)
def test_what_runs_on_the_instance_needs_nothing_but_the_standard_library(path: Path) -> None:
    for imported in imports(path):
        own = imported.startswith("infra.instance.") or imported in {
            f"infra.instance.{other.stem}" for other in path.parent.glob("*.py")
        }
        assert own or imported.partition(".")[0] in sys.stdlib_module_names or imported == "infra.instance"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "infra/instance/acme").glob("*.py")), ids=lambda path: path.stem
)
def test_what_debians_packages_are_needed_for_comes_late(path: Path) -> None:
    # Its program says what is missing, instead of failing to begin.
    for imported in imports(path, top_level=True):
        first = imported.partition(".")[0]
        assert imported.startswith("infra.instance.") or first in sys.stdlib_module_names


DIAGNOSIS = sorted((ROOT / "infra/access/diagnose").glob("*.py"))


@pytest.mark.parametrize("path", DIAGNOSIS, ids=lambda path: path.stem)
def test_the_diagnosis_needs_nothing_but_the_standard_library(path: Path) -> None:
    for imported in imports(path):
        own = imported.startswith("infra.access.diagnose.")
        assert own or imported.partition(".")[0] in sys.stdlib_module_names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_only_the_sdk_module_knows_the_sdks_and_imports_them_late(path: Path) -> None:
    found = {name for name in imports(path) if name.startswith(SDKS)}
    assert not found or path.stem in SDK_MODULES
    assert not {name for name in imports(path, top_level=True) if name.startswith(SDKS)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_the_program_knows_neither_the_stand_in_nor_the_toolchain(path: Path) -> None:
    assert not {name for name in imports(path) if name.startswith(("localcloud", "toolchain", "tests"))}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_stays_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_LINES


def test_the_environment_is_read_in_one_place() -> None:
    readers = {path.stem for path in MODULES if "os.environ" in path.read_text()}
    assert readers == {"sdk_rpc"}


def test_names_are_the_clouds_or_refused() -> None:
    naming = Naming(project="oss-proxy", stack="dev.eu_1")
    assert naming.physical("vpc") == "oss-proxy-dev.eu_1-vpc"
    assert naming.tags()["stack"] == "dev.eu_1"
    for stack in ("a b", "ä", "x" * 128):
        with pytest.raises(NamingError, match="no name for a cloud resource"):
            Naming(project="oss-proxy", stack=stack).physical("vpc")


def test_no_two_stacks_share_a_name() -> None:
    roles = ("vpc", "vswitch", "security-group", "eip", "instance")
    stacks = ("dev", "prod", "dev-eip", "dev-security", "dev-security-group", "eip", "dev-vpc")
    names = [Naming(project="oss-proxy", stack=stack).physical(role) for stack in stacks for role in roles]
    assert len(set(names)) == len(stacks) * len(roles)
