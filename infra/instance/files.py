"""Files that are put in place whole or not at all, and can be taken back.

Each is written beside its place and moved over it, so whoever opens it reads the old text or the new one.
The list of what was put in place stays on the instance: what a later change does not name is removed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from infra.instance.system import System

MANIFEST = "/var/lib/oss-proxy/files.json"


@dataclass(frozen=True, kw_only=True)
class File:
    """A file to be put in place; it belongs to root.

    Attributes:
        path: Its absolute path on the instance.
        content: Its text.
        mode: Its permissions.
        group: The name of its group.
    """

    path: str
    content: str
    mode: int = 0o644
    group: str = "root"


@dataclass
class Change:
    """A set of files on their way into place.

    Args:
        system: The instance.
    """

    system: System
    _before: dict[Path, tuple[bytes, os.stat_result] | None] = field(default_factory=dict)

    def beside(self, file: File) -> Path:
        """Writes a file beside its place, for a look at it before it counts; returns where."""
        place = self.system.path(file.path)
        place.parent.mkdir(parents=True, exist_ok=True)
        staged = place.with_name(f"{place.name}.oss-proxy-new")
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(file.content.encode())
            opened.flush()
            os.fsync(opened.fileno())
        _give(staged, file)
        return staged

    def put(self, file: File) -> bool:
        """Puts a file in place; False when it was there already, just so."""
        place = self.system.path(file.path)
        before = _look(place)
        if before is not None and before[0] == file.content.encode() and _is_given(before[1], file):
            return False
        staged = self.beside(file)
        self._before.setdefault(place, before)
        staged.replace(place)
        return True

    def remove(self, absolute: str) -> bool:
        """Removes a file; False when there was none."""
        place = self.system.path(absolute)
        before = _look(place)
        if before is None:
            return False
        self._before.setdefault(place, before)
        place.unlink()
        return True

    def take_back(self) -> list[str]:
        """Puts every file back as it was before; returns the paths of those that had changed."""
        back = [f"/{place.relative_to(self.system.root)}" for place in self._before]
        for place, before in reversed(self._before.items()):
            if before is None:
                place.unlink(missing_ok=True)
                continue
            content, status = before
            staged = place.with_name(f"{place.name}.oss-proxy-old")
            staged.write_bytes(content)
            staged.chmod(status.st_mode & 0o7777)
            _own(staged, status.st_uid, status.st_gid)
            staged.replace(place)
        self._before.clear()
        return back

    def clear_up(self, files: Iterable[File]) -> None:
        """Removes what was written beside its place and did not come to count."""
        for file in files:
            place = self.system.path(file.path)
            place.with_name(f"{place.name}.oss-proxy-new").unlink(missing_ok=True)


def former_paths(system: System) -> list[str]:
    """Returns the paths that the change before put in place; none where there was none."""
    try:
        return [str(path) for path in json.loads(system.path(MANIFEST).read_text())["files"]]
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        return []


def manifest(revision: str, files: Iterable[File]) -> File:
    """Returns the file that tells a later change, and people, what is in place."""
    content = {"revision": revision, "files": sorted(file.path for file in files)}
    return File(path=MANIFEST, content=json.dumps(content, indent=1) + "\n")


def _look(place: Path) -> tuple[bytes, os.stat_result] | None:
    try:
        return place.read_bytes(), place.stat()
    except FileNotFoundError:
        return None


def _group_id(name: str) -> int:
    if name == "root":
        return 0
    import grp

    return grp.getgrnam(name).gr_gid


def _is_given(status: os.stat_result, file: File) -> bool:
    own = (status.st_uid, status.st_gid) == (0, _group_id(file.group)) or os.geteuid() != 0
    return own and status.st_mode & 0o7777 == file.mode


def _give(place: Path, file: File) -> None:
    _own(place, 0, _group_id(file.group))
    place.chmod(file.mode)


def _own(place: Path, uid: int, gid: int) -> None:
    # Only root may give files away; in a test that is nobody.
    if os.geteuid() == 0:
        os.chown(place, uid, gid)
