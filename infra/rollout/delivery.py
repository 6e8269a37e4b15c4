"""The commands that bring a configuration to a running instance, as texts. Pure.

Such a command is a shell script in which Python unpacks and runs a folder: the modules of ``infra.instance``,
bare, with what they are to do beside them. It is the same text for the same values. What is more than one
command may hold is laid down in parts before.
"""

from __future__ import annotations

import base64
import hashlib
import json
import lzma
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.bare import bare
from infra.errors import ProgramError

# Source: RunCommand, `CommandContent`, in the current SDK's text (alibabacloud_ecs20140526 7.11, 2026-11-24):
# content and parameters have at most 24 KB after Base64.
COMMAND_MAX_BASE64_BYTES = 24 * 1024
REVISION_CHARACTERS = 16

_PACKAGE = Path(__file__).resolve().parent.parent / "instance"
# Modules that only changes with an ACME authority's certificate need.
_ACME = ("acme_paths", "certificates")
# Files lie beside the task as they are: what escapes them would be in the way of the compression.
_MAIN = """\
import json, pathlib, tempfile
sys.dont_write_bytecode = True
with tempfile.TemporaryDirectory() as folder:
    here = pathlib.Path(folder)
    for name, text in zip(parts[1::2], parts[2::2]):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_bytes(text.encode())
    task = json.loads((here / "task").read_bytes())
    order = task.get("order")
    for file in [order["nginx_conf"], *order["files"]] if order else []:
        file["content"] = (here / file["content"]).read_bytes().decode()
    sys.path.insert(0, folder)
    from infra.instance.change import main
    sys.exit(main(task))
"""
_PACKED, _PARTS = "@PACKED@", "@PARTS@"
# Parts lie where only root reads, until the last command has put them together.
_FOLDER = "/run/oss-proxy-parts"
_FIRST_PARTS = f"""\
#!/bin/sh
set -eu
umask 077
mkdir -p {_FOLDER}
cat > {_FOLDER}/{_PARTS} <<'END'
{_PACKED}
END
"""
_SCRIPT = f"""\
#!/bin/sh
set -eu
exec 2>&1
trap 'rm -rf {_FOLDER}' EXIT
ls {_PARTS}> /dev/null || exit 1
cat {_PARTS}- <<'END' | python3 -c 'import base64, lzma, sys
parts = lzma.decompress(base64.b85decode(sys.stdin.read().replace("\\n", ""))).decode().split("\\0")
exec(parts[0])'
{_PACKED}
END
"""
# What a command holds beside the script's own lines, which are less than 400 bytes.
_PACKED_MAX = COMMAND_MAX_BASE64_BYTES // 4 * 3 - 400
COMMANDS_MAX = 4
# The strongest, with a dictionary of 256 KiB instead of 64 MiB: all is smaller than that, and making
# the larger one ready takes a tenth of a second.
_COMPRESSION = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 18, "pb": 0}]


class DeliveryError(ProgramError):
    """The configuration is larger than one command may be."""


def scripts(task: Mapping[str, Any]) -> list[str]:
    """Returns the commands for a task, as ``infra.instance.change.main`` reads it, in their order.

    All but the last lay down a part each, which the last one puts together, removes and runs. Most tasks
    need one.
    """
    text = "\0".join([_MAIN, *(part for item in _contents(task).items() for part in item)])
    packed = base64.b85encode(lzma.compress(text.encode(), filters=_COMPRESSION)).decode()
    # Parts of another task, whose last command did not come, must not be taken for these.
    digest = hashlib.sha256(packed.encode()).hexdigest()[:REVISION_CHARACTERS]
    *first, last = [packed[at : at + _PACKED_MAX] for at in range(0, len(packed), _PACKED_MAX)]
    names = [f"{digest}-{number}" for number in range(len(first))]
    return [
        *(
            _FIRST_PARTS.replace(_PARTS, name).replace(_PACKED, part)
            for name, part in zip(names, first, strict=True)
        ),
        _SCRIPT.replace(_PARTS, "".join(f"{_FOLDER}/{name} " for name in names)).replace(_PACKED, last),
    ]


def size(script: str) -> int:
    """Returns the bytes of a command as they count for the limit: after Base64."""
    return len(base64.b64encode(script.encode()))


def require_deliverable(task: Mapping[str, Any]) -> None:
    """Refuses a task that would take too many commands.

    Raises:
        DeliveryError: When it does.
    """
    bytes_ = sum(map(size, scripts(task)))
    if bytes_ > COMMANDS_MAX * COMMAND_MAX_BASE64_BYTES:
        raise DeliveryError(
            f"the commands that bring the configuration to the instance would have {bytes_} bytes, "
            f"{COMMANDS_MAX} commands of {COMMAND_MAX_BASE64_BYTES} are the most",
            fix="use fewer or shorter oss-proxy:objectPrefixes.",
        )


def revision(order: Mapping[str, Any], nonce: str) -> str:
    """Returns the name of a configuration that is brought.

    Args:
        order: What is brought; its secrets are sealed, so the name tells nothing of them.
        nonce: Hexadecimal digits that no other time has: one configuration may be brought, replaced and
            brought again.
    """
    text = json.dumps(order, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[: REVISION_CHARACTERS - len(nonce)] + nonce


def _contents(task: Mapping[str, Any]) -> dict[str, str]:
    """Returns the texts of the folder by their names."""
    wanted = bool((task.get("order") or {}).get("acme"))
    modules = {
        f"infra/instance/{path.name}": bare(path)
        for path in sorted(_PACKAGE.glob("*.py"))
        if wanted or path.stem not in _ACME
    }
    texts = {}
    if order := task.get("order"):
        files = [order["nginx_conf"], *order["files"]]
        texts = {str(number): file["content"] for number, file in enumerate(files)}
        beside = [{**file, "content": str(number)} for number, file in enumerate(files)]
        task = {**task, "order": {**order, "files": beside[1:], "nginx_conf": beside[0]}}
    return {
        "infra/__init__.py": "",
        **modules,
        "task": json.dumps(task, sort_keys=True, ensure_ascii=False),
        **texts,
    }
