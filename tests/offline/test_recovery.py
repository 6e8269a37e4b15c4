"""After a killed `up`, beyond the fault run: a protected leftover, nobody to say yes, a stack's namesake."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.plan import case
from tests.faults.stack import FaultyStack, Killed
from tests.support.project import Project, Result

COMMAND = "python -m infra.recovery --stack dev"


def recover(stack: Project, *words: str) -> Result:
    return FaultyStack(stack).operator(*COMMAND.split(), *words)


def kill_at(stack: Project, action: str) -> None:
    assert FaultyStack(stack).run_with(case("up", "kill", action)) == Killed([])
    stack.must("cancel", "--yes", "dev")


def counts(stack: Project) -> list[int]:
    status = stack.cloud.status()
    return [len(status[kind]) for kind in ("vpcs", "instances", "eips")]


def test_a_protected_leftover_is_deleted_when_a_person_says_so(stack: Project) -> None:
    stack.change({"deletionProtection": True})
    kill_at(stack, "ecs:RunInstances")
    (leftover,) = stack.cloud.status()["instances"]
    for command in ("preview", "up"):
        refused = stack.pulumi(command, *(["--yes", "--skip-preview"] if command == "up" else []))
        assert refused.code != 0
        assert f"{leftover['id']} (the instance oss-proxy-dev-instance)" in refused.text
        assert f"Fix: {COMMAND}" in refused.text
        assert "Traceback" not in refused.text

    # Nobody is there who could say yes.
    asked = FaultyStack(stack).operator("sh", "-c", f"{COMMAND} </dev/null")
    assert asked.code == 1
    assert "Delete this resource? [y/N]" in asked.text
    assert "Nothing was deleted" in asked.text
    assert counts(stack) == [1, 1, 1]

    done = recover(stack, "--yes")
    assert done.code == 0, done.text
    assert f"deleted {leftover['id']}" in done.text
    assert counts(stack) == [1, 0, 1]
    stack.must("up", "--yes", "--skip-preview")
    assert counts(stack) == [1, 1, 1]
    stack.must("up", "--yes", "--skip-preview", "--expect-no-changes")
    stack.change({"deletionProtection": False})
    stack.must("up", "--yes", "--skip-preview")


@pytest.fixture
def namesake(stack: Project, tmp_path: Path) -> FaultyStack:
    """The same stack as somebody else has it, whose state is elsewhere."""
    other = Project.copy_to(tmp_path / "namesake", stack.cloud)
    return FaultyStack(other)


def test_a_stack_of_the_same_name_whose_state_is_elsewhere_is_never_touched(
    stack: Project, namesake: FaultyStack, tmp_path: Path
) -> None:
    stack.must("up", "--yes", "--skip-preview")
    state = tmp_path / "elsewhere"
    state.mkdir()

    def elsewhere(*command: str) -> Result:
        return namesake.operator("env", f"PULUMI_BACKEND_URL=file://{state}", *command)

    assert elsewhere("pulumi", "--non-interactive", "stack", "init", "dev").code == 0
    refused = elsewhere("pulumi", "--non-interactive", "up", "--yes", "--skip-preview")
    assert refused.code != 0
    assert "a stack of the same name whose state is elsewhere" in refused.text
    assert COMMAND not in refused.text
    assert elsewhere(*COMMAND.split(), "--yes").code == 0
    assert counts(stack) == [1, 1, 1]
    stack.must("up", "--yes", "--skip-preview", "--expect-no-changes")
