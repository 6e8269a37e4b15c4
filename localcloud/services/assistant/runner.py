"""Carrying commands out, and ending them early.

A command goes on whatever becomes of the call that gave it. It ends by itself, by its time-out, by
StopInvocation, or with its instance. A fault that was ordered for ``assistant:Agent``, of whatever kind,
makes an instance look as if it had no agent yet; one for ``assistant:Command`` makes a command fail with
exit status 1 instead of running it: also where nothing boots, programs can be shown both.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from localcloud.fabric.protocol import FabricError
from localcloud.services.assistant.models import ErrorCode, Invocation, Run, RunStatus
from localcloud.services.context import Environment
from localcloud.services.ecs.models import Instance

_log = logging.getLogger("localcloud.services")

_HOME = "/root"
_CHECK_TIMEOUT_S = 10.0
# $1 the invocation's id, $2 the folder to run in; the script comes in as standard input. It becomes a file,
# as the cloud's agent makes one, so that a first line with #! counts and nothing of it shows in `ps`.
_LAUNCH = """
set -eu
umask 077
folder=/usr/local/share/aliyun-assist/work/script
mkdir -p "$folder"
script=$folder/$1.sh
cat > "$script"
chmod u+x "$script"
cd "$2"
umask 022
set +e
"$script" < /dev/null
code=$?
rm -f "$script"
exit $code
"""


async def agent_is_there(env: Environment, instance: Instance) -> bool:
    """Whether an instance's agent takes commands; the answer is kept as its heartbeat."""
    if env.faults.take("assistant", "Agent"):
        return False
    if instance.status != "Running" or not await env.fabric.agent_answers(instance.instance_id):
        return False
    instance.heartbeat = env.now()
    return True


def start(env: Environment, invocation: Invocation) -> None:
    """Begins to run a command on its instances."""
    for run in invocation.runs:
        run.task = env.background.run(_carry_out(env, invocation, run))


async def stop(env: Environment, runs: Iterable[Run]) -> None:
    """Ends commands at somebody's wish; what has ended already is left as it is."""
    for run in runs:
        started = run.status == "Running"
        if await _end(env, run):
            run.stopped = env.now()
            if started:
                _finish(env, run, "Terminated", "ExecutionInterrupted")
            else:
                _finish(env, run, "Cancelled")


async def stop_on(env: Environment, instance_id: str, *, released: bool) -> None:
    """Ends the commands on an instance that is being shut down.

    Args:
        env: The surroundings.
        instance_id: The instance.
        released: Whether it is gone for good.
    """
    for invocation in list(env.state.invocations.values()):
        for run in invocation.runs:
            if run.instance_id != instance_id:
                continue
            started = run.status == "Running"
            if not await _end(env, run):
                continue
            if started:
                _finish(env, run, "Error", "InstanceReleased" if released else "ExecutionInterrupted")
            else:
                _finish(env, run, "Aborted", "InstanceReleased" if released else "InstanceNotRunning")


async def _carry_out(env: Environment, invocation: Invocation, run: Run) -> None:
    await asyncio.sleep(env.delays.command_s)
    instance = env.state.instances.get(run.instance_id)
    if instance is None or instance.status != "Running":
        _finish(env, run, "Aborted", "InstanceNotRunning")
        return
    if not await agent_is_there(env, instance):
        _finish(env, run, "Aborted", "ClientNotRunning")
        return
    run.status, run.started, run.updated = "Running", env.now(), env.now()
    try:
        if not await _has_folder(env, run.instance_id, invocation.working_dir):
            _finish(env, run, "Invalid", "DirectoryNotExists")
            return
        code = await _run_script(env, invocation, run)
    except TimeoutError:
        _finish(env, run, "Timeout", "ExecutionTimeout")
    except FabricError as fault:
        _log.error("%s broke off on %s: %s", invocation.invoke_id, run.instance_id, fault)
        _finish(env, run, "Error", "ExecutionException")
    else:
        run.exit_code = code
        _finish(env, run, "Failed" if code else "Success", "ExitCodeNonzero" if code else "")


async def _run_script(env: Environment, invocation: Invocation, run: Run) -> int:
    if env.faults.take("assistant", "Command"):
        run.output.add(b"failed on order\n")
        return 1
    code, _ = await env.fabric.run_command(
        run.instance_id,
        ["sh", "-c", _LAUNCH, "assistant", invocation.invoke_id, invocation.working_dir or _HOME],
        invocation.content,
        invocation.timeout_s,
        run.output.add,
    )
    return code


async def _has_folder(env: Environment, instance_id: str, folder: str) -> bool:
    if not folder:
        return True
    code, _ = await env.fabric.run_command(instance_id, ["test", "-d", folder], b"", _CHECK_TIMEOUT_S)
    return code == 0


async def _end(env: Environment, run: Run) -> bool:
    """Ends the work on a command; False when it had ended."""
    if run.task is not None and run.active:
        run.task.cancel()
        await asyncio.wait([run.task])
    return run.active


def _finish(env: Environment, run: Run, status: RunStatus, error: ErrorCode = "") -> None:
    run.status, run.error = status, error
    run.finished = run.updated = env.now()
    _log.info("a command on %s ended: %s %s", run.instance_id, status, error)
