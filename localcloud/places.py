"""The places that commands run in, and how to get there.

A place is a network with its own name servers; its files are laid over those of ``/etc`` in a mount
namespace that only the command has. Only the standard library: `localcloud run` must be quick.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from localcloud import linux
from localcloud.accounts import AccessKey
from localcloud.errors import LocalcloudError
from localcloud.home import HOME_VARIABLE, Home, Running

_TRUST_VARIABLES = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "AWS_CA_BUNDLE",
)
_KEY_VARIABLES = (
    ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
    ("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY"),
    ("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET"),
    # For clients of the S3-compatible endpoint.
    ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
)
# Keys for a session, when there are any, belong to another account, and so does a profile.
_FOREIGN_VARIABLES = (
    "ALIBABA_CLOUD_SECURITY_TOKEN",
    "ALICLOUD_SECURITY_TOKEN",
    "OSS_SESSION_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
)
# A proxy of the host's network cannot be reached from a place, and would be no part of it.
_PROXY_VARIABLE = re.compile(r"(https?|all|ftp|no)_proxy", re.IGNORECASE)


def write_files(folder: Path, name_servers: tuple[str, ...]) -> None:
    """Writes the files that a place lays over those of ``/etc``.

    Args:
        folder: The place's folder.
        name_servers: Addresses of its name servers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    servers = "".join(f"nameserver {address}\n" for address in name_servers)
    (folder / "resolv.conf").write_text(servers + "options timeout:2 attempts:3\n")
    try:
        switch = Path("/etc/nsswitch.conf").read_text()
    except FileNotFoundError:
        switch = "hosts: files dns\n"
    (folder / "nsswitch.conf").write_text(plain_host_lookup(switch))


def plain_host_lookup(switch: str) -> str:
    """Returns a name service switch that looks hosts up in files and by DNS alone.

    Others, such as systemd-resolved's, would ask a service of the host and so leave the place.
    """
    return re.sub(r"^hosts:.*$", "hosts: files dns", switch, flags=re.MULTILINE)


def lay_over_etc(folder: Path) -> None:
    """Lays a place's files over those of ``/etc``, for the calling process' mount namespace.

    Raises:
        LocalcloudError: There is nothing to lay them over.
    """
    for path in sorted(folder.iterdir()):
        target = Path("/etc", path.name)
        try:
            linux.bind_mount(path, target.resolve())
        except FileNotFoundError as error:
            if path.name == "resolv.conf":
                raise LocalcloudError(
                    f"{target} is missing or leads nowhere, so no name can be resolved. "
                    f"Make it: touch {target.resolve()}"
                ) from error


def enter_namespace(name: str, files: Path) -> None:
    """Moves this process into a place of the full mode, for good.

    Args:
        name: The network namespace's name.
        files: The folder of the place's files.

    Raises:
        LocalcloudError: It is not there, or the caller may not.
    """
    try:
        with Path("/run/netns", name).open() as handle:
            linux.setns(handle.fileno(), linux.CLONE_NEWNET)
        linux.unshare(linux.CLONE_NEWNS)
        linux.keep_mounts_private(slave=True)
    except FileNotFoundError as error:
        raise LocalcloudError(
            f"The namespace {name} is gone. Restart: localcloud down, localcloud up."
        ) from error
    except PermissionError as error:
        raise LocalcloudError("Entering the cloud's networks needs root. Run it with sudo.") from error
    lay_over_etc(files)


def enter_services(running: Running) -> None:
    """Moves this process into the namespaces of a cloud of API services, for good.

    Raises:
        LocalcloudError: The caller may not.
    """
    here = Path.cwd()
    kinds = [(linux.CLONE_NEWNET, "net"), (linux.CLONE_NEWNS, "mnt")]
    own_user = Path("/proc/self/ns/user").readlink()
    try:
        if Path(f"/proc/{running.pid}/ns/user").readlink() != own_user:
            kinds.insert(0, (linux.CLONE_NEWUSER, "user"))
        handles = [(os.open(f"/proc/{running.pid}/ns/{name}", os.O_RDONLY), kind) for kind, name in kinds]
        for handle, kind in handles:
            linux.setns(handle, kind)
            os.close(handle)
    except PermissionError as error:
        raise LocalcloudError(
            "This cloud was started by another user. Run the command as that user."
        ) from error
    # Entering a mount namespace leads to its root folder.
    os.chdir(here)


def trust(environment: MutableMapping[str, str], bundle: Path) -> None:
    """Changes an environment so that clients trust the cloud's authority alone and go straight to it."""
    for name in [name for name in environment if _PROXY_VARIABLE.fullmatch(name)]:
        del environment[name]
    environment.pop("SSL_CERT_DIR", None)
    for name in _TRUST_VARIABLES:
        environment[name] = str(bundle)


def give_key(environment: MutableMapping[str, str], key: AccessKey) -> None:
    """Changes an environment so that clients sign with a key, and with no other."""
    for id_name, secret_name in _KEY_VARIABLES:
        environment[id_name], environment[secret_name] = key.id, key.secret
    for name in _FOREIGN_VARIABLES:
        environment.pop(name, None)


def operator_environment(
    home: Home, environment: Mapping[str, str], python_folder: Path, user: str | None = None
) -> dict[str, str]:
    """Returns the environment of the operator's commands.

    Args:
        home: The cloud's home.
        environment: The caller's environment.
        python_folder: The folder of the running Python. Its programs come before the caller's, and those in
            the home's own ``bin`` folder, which is whoever's to fill, before both.
        user: The RAM user whose key it holds; the account's own key without one.

    Raises:
        LocalcloudError: There is no such RAM user.
    """
    result = dict(environment)
    trust(result, home.authority / "ca.pem")
    give_key(result, home.keys()[0] if user is None else home.ram_user_key(user))
    folders = [str(home.programs), str(python_folder), environment.get("PATH", os.defpath)]
    result["PATH"] = os.pathsep.join(folders)
    # Commands of localcloud that are typed there mean this cloud, from whatever folder.
    result[HOME_VARIABLE] = str(home.path.absolute())
    result.update(home.settings().operator_environment)
    return result
