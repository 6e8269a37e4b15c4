"""The built provider speaks of the same resources, by the same names, as the pulumi_alicloud package."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from toolchain import build, pins
from toolchain.layout import PACKAGE

with warnings.catch_warnings():
    # The package warns of its own deprecated resources when it is imported.
    warnings.simplefilter("ignore", DeprecationWarning)
    import pulumi_alicloud

# Its modules are imported, and warn, when they are first used.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

RESOURCES_GO = (PACKAGE / "provider" / "resources.go").read_text()
MAPPING = dict(re.findall(r'^\s*"(alicloud_\w+)":\s+"(alicloud:[^"]+)",$', RESOURCES_GO, re.MULTILINE))
FUNCTIONS = sorted(token for token in MAPPING.values() if token.split(":")[2].startswith("get"))
RESOURCES = sorted(set(MAPPING.values()) - set(FUNCTIONS))

# The package wraps a Terraform provider some versions newer than the newest that can be had as a module.
NEWER_THAN_THE_PROVIDER = {
    "alicloud:ecs/instance:Instance": {"enableNetworkEncryption", "instanceMetadataTags"},
    "alicloud:ecs/securityGroupRule:SecurityGroupRule": {"sourceGroupOwnerId"},
    "alicloud:nlb/serverGroup:ServerGroup": {"ipVersionAffinityMode"},
}


def module_of(token: str) -> ModuleType:
    name = token.split(":")[1].split("/")[0]
    return pulumi_alicloud if name == "index" else importlib.import_module(f"pulumi_alicloud.{name}")


def properties_of(cls: type[Any]) -> dict[str, str]:
    """The type annotations of a resource's properties, by the names that the engine knows."""
    return {
        getattr(value.fget, "_pulumi_name", name): str(value.fget.__annotations__["return"])
        for name, value in vars(cls).items()
        if isinstance(value, property)
    }


def test_the_mapping_is_read_completely() -> None:
    assert len(MAPPING) == RESOURCES_GO.count('"alicloud:') == len(RESOURCES) + len(FUNCTIONS) > 0


@pytest.mark.parametrize("token", RESOURCES)
def test_a_resource_token_is_the_packages(token: str) -> None:
    cls = getattr(module_of(token), token.split(":")[2])
    assert cls.pulumi_type == token


@pytest.mark.parametrize("token", FUNCTIONS)
def test_a_function_token_is_the_packages(token: str) -> None:
    function = getattr(module_of(token), re.sub(r"(?<!^)(?=[A-Z])", "_", token.split(":")[2]).lower())
    source = inspect.getsource(sys.modules[function.__module__])
    assert f"invoke('{token}'" in source


def test_the_versions_are_the_packages() -> None:
    plugin = json.loads(Path(pulumi_alicloud.__file__).with_name("pulumi-plugin.json").read_text())
    source = (PACKAGE / "provider/provider.go").read_text()
    assert plugin["version"] == pins.PROVIDER_VERSION
    assert f'packageVersion = "{pins.PROVIDER_VERSION}"' in source
    assert (
        f"github.com/pulumi/pulumi/pkg/v3 v{pins.ENGINE_VERSION} " in (PACKAGE / "engine/go.mod").read_text()
    )


@pytest.mark.parametrize("token", RESOURCES)
def test_a_resource_has_the_packages_properties(token: str, finished_build: build.Build) -> None:
    built = json.loads((finished_build.provider / "schema.json").read_text())["resources"][token][
        "properties"
    ]
    packages = properties_of(getattr(module_of(token), token.split(":")[2]))
    assert set(packages) == set(built) | NEWER_THAN_THE_PROVIDER.get(token, set())
    # One object in place of a list is more than a detail: the package cannot read the other one.
    assert {name for name, spec in built.items() if spec.get("type") == "array"} == {
        name for name, annotation in packages.items() if name in built and "Sequence" in annotation
    }
