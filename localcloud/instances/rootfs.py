"""The root file system that instances boot from: built once by mmdebstrap, then kept in the cache.

It is made beside its final place and renamed when complete, so that a folder with the recipe's hash as
its name is always whole; a lock keeps two builds of one recipe apart.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from localcloud.errors import LocalcloudError
from localcloud.instances import recipe
from localcloud.instances.archive import Archive, find_archive

Progress = Callable[[str], None]


def cache_dir() -> Path:
    """Returns the folder for what every cloud of this user shares: root file systems and packages."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "oss-proxy-localcloud"


def mirror_dir() -> Path:
    """Returns the folder where the package mirror keeps its files."""
    return cache_dir() / "mirror"


def rootfs_path() -> Path:
    """Returns where this recipe's root file system is, or will be."""
    return cache_dir() / "rootfs" / recipe.recipe_hash()


def list_in_image(archive: str, path: str) -> Path:
    """Returns where the image has apt's copy of a file of the mirror, if it has one.

    Args:
        archive: Name of the archive at the mirror, for example ``debian``.
        path: The file's path in it, for example ``dists/trixie/InRelease``.
    """
    # apt names a list by its URL without the scheme, slashes written as underscores.
    name = f"{recipe.MIRROR_HOST}/{archive}/{path}".replace("/", "_")
    return rootfs_path() / "var/lib/apt/lists" / name


def ensure_rootfs(progress: Progress) -> Path:
    """Returns the root file system, and builds it first when it is not in the cache.

    Args:
        progress: Is told, in a line each, what is being done.

    Raises:
        LocalcloudError: The build failed; the message ends with mmdebstrap's last lines.
    """
    final = rootfs_path()
    if final.is_dir():
        return final
    final.parent.mkdir(parents=True, exist_ok=True)
    with _locked(final.with_suffix(".lock"), progress):
        if final.is_dir():
            return final
        for leftover in final.parent.glob(f"{final.name}.*.part"):
            shutil.rmtree(leftover)
        part = final.with_suffix(f".{os.getpid()}.part")
        started = time.monotonic()
        progress("Building the instances' root file system (once, about half a minute) ...")
        try:
            _build(part, find_archive(), progress)
            part.rename(final)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        progress(f"Root file system built in {time.monotonic() - started:.0f} s.")
    return final


@contextmanager
def _locked(path: Path, progress: Progress) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Another localcloud builds the root file system; waiting for it ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(root: Path, archive: Archive, progress: Progress) -> None:
    sources = [f"deb {archive.main} {suite} main" for suite in recipe.ARCHIVE_SUITES]
    if archive.security:
        sources.append(f"deb {archive.security} {recipe.SECURITY_SUITE} main")
    command = [
        "mmdebstrap",
        "--mode=root",
        "--format=directory",
        "--variant=minbase",
        f"--architectures={recipe.ARCHITECTURE}",
        f"--include={','.join(recipe.PACKAGES)}",
        "--aptopt=Acquire::Languages none",
        "--dpkgopt=force-unsafe-io",
        "--dpkgopt=path-exclude=/usr/share/man/*",
        # The lists stay, under the names that the instance's own sources give them.
        "--skip=cleanup/apt/lists",
        recipe.SUITE,
        str(root),
        *sources,
    ]
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    tail: list[str] = []
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
    except FileNotFoundError as error:
        raise LocalcloudError("mmdebstrap is missing. Install it: apt-get install mmdebstrap") from error
    with process:
        for line in process.stdout or ():
            tail = [*tail[-14:], line]
            if line.startswith("I: ") and line.rstrip().endswith("..."):
                progress("  " + line[3:].rstrip())
    if process.returncode:
        raise LocalcloudError(
            "mmdebstrap could not build the instances' root file system, so no instance can boot. "
            "Its last lines:\n" + "".join(tail)
        )
    _finish(root, archive)


def _finish(root: Path, archive: Archive) -> None:
    """Turns a plain Debian into the image: own files, masked units, lists under the mirror's name."""
    _rename_lists(root / "var/lib/apt/lists", archive)
    (root / "etc/apt/sources.list").unlink(missing_ok=True)
    for name in ("99mmdebstrap", "99mmdebstrap.conf"):
        (root / "etc/apt/apt.conf.d" / name).unlink(missing_ok=True)
    for name, text in recipe.image_files().items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o644)
    units = root / "etc/systemd/system"
    units.mkdir(parents=True, exist_ok=True)
    for unit in recipe.MASKED_UNITS:
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    (root / "etc/machine-id").write_text("")
    (root / "var/log/journal").mkdir(exist_ok=True)
    # Parsing the lists takes apt a second or two; its cache is valid as long as the lists are.
    subprocess.run(["chroot", str(root), "apt-cache", "gencaches"], check=True, capture_output=True)
    compile_source = [
        "python3",
        "-m",
        "compileall",
        "-q",
        "/usr/lib/python3/dist-packages/localcloud_datasource",
    ]
    subprocess.run(["chroot", str(root), *compile_source], check=True, capture_output=True)


def _rename_lists(lists: Path, archive: Archive) -> None:
    renames = {archive.main: f"{recipe.MIRROR_HOST}/debian"}
    if archive.security:
        renames[archive.security] = f"{recipe.MIRROR_HOST}/debian-security"
    # apt names a list by its URL without the scheme, slashes written as underscores.
    prefixes = {
        url.partition("://")[2].replace("/", "_") + "_dists_": place for url, place in renames.items()
    }
    for path in sorted(lists.iterdir()):
        for old, place in prefixes.items():
            if path.name.startswith(old):
                name = place.replace("/", "_") + "_dists_" + path.name.removeprefix(old)
                path.rename(path.with_name(name))
