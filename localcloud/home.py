"""The home folder of one cloud: where its state, keys and logs are, and who runs it.

Only the standard library: every command of the CLI imports this.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from localcloud import linux
from localcloud.accounts import (
    DEFAULT_ACCOUNT_UID,
    STRANGER_ACCOUNT_UID,
    AccessKey,
    Accounts,
    RamUser,
    make_key,
)
from localcloud.errors import LocalcloudError

HOME_VARIABLE = "LOCALCLOUD_HOME"
DEFAULT_HOME = ".localcloud"

Mode = Literal["full", "api-only"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What `up` was asked for; kept, so that a later `up` without options changes nothing.

    Attributes:
        account_uid: UID of the account that owns the operator's keys.
        operator_environment: Extra environment of commands that the operator runs.
    """

    account_uid: str = DEFAULT_ACCOUNT_UID
    operator_environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Running:
    """The daemon that runs a cloud.

    Attributes:
        pid: Its process id.
        started: When it began, in clock ticks since boot: with the id it names one process for good.
        mode: Whether instances can boot (``full``) or only the API services run.
    """

    pid: int
    started: int
    mode: Mode


class Home:
    """Paths and small files of a home folder.

    Args:
        path: The folder; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links in the caller's path

    @classmethod
    def find(cls, option: str | None) -> Home:
        """Returns the home that an option, else the environment, else the current folder names."""
        return cls(Path(option or os.environ.get(HOME_VARIABLE) or DEFAULT_HOME))

    @property
    def prefix(self) -> str:
        """What the names of all namespaces and control groups of this cloud begin with."""
        return f"lc{hashlib.sha256(os.fsencode(self.path)).hexdigest()[:4]}-"

    @property
    def programs(self) -> Path:
        """Programs that the operator's commands find before all others."""
        return self.path / "bin"

    @property
    def log(self) -> Path:
        """The daemon's log."""
        return self.path / "daemon.log"

    @property
    def ledger(self) -> Path:
        """The record of what was made on this machine."""
        return self.path / "ledger.json"

    @property
    def authority(self) -> Path:
        """The folder of the certificate authority."""
        return self.path / "ca"

    @property
    def instances(self) -> Path:
        """The folder of the instances' disks and console logs."""
        return self.path / "instances"

    @property
    def objects(self) -> Path:
        """The folder of the object storage."""
        return self.path / "oss"

    @property
    def network(self) -> Path:
        """The folder of files that are laid over those of ``/etc`` for each place."""
        return self.path / "etc"

    @property
    def acme(self) -> Path:
        """The folder of the certificate authority's files."""
        return self.path / "acme"

    @property
    def control(self) -> Path:
        """The daemon's control socket."""
        return self.path / "control.sock"

    def make(self) -> None:
        """Makes the folder, for nobody else to read, with a note that keeps it out of version control.

        Raises:
            LocalcloudError: It cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.path.chmod(0o700)
            (self.path / ".gitignore").write_text("*\n")
        except OSError as error:
            raise LocalcloudError(
                f"The home folder {self.path} cannot be used ({error}). "
                f"Choose another: --home or {HOME_VARIABLE}."
            ) from error

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Holds off every other `up` and `down` of this home; waits for one that is under way."""
        with (self.path / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def running(self) -> Running | None:
        """Returns the daemon, or None when none runs; a stale record does not count."""
        try:
            content = json.loads((self.path / "daemon.json").read_text())
            running = Running(pid=content["pid"], started=content["started"], mode=content["mode"])
        except (FileNotFoundError, ValueError, KeyError):
            return None
        return running if linux.start_time(running.pid) == running.started else None

    def require_running(self) -> Running:
        """Returns the daemon.

        Raises:
            LocalcloudError: None runs.
        """
        running = self.running()
        if running is None:
            raise LocalcloudError(f"No cloud runs in {self.path}. Start it: localcloud up")
        return running

    def record_running(self, running: Running) -> None:
        """Writes down who runs the cloud."""
        self._write("daemon.json", asdict(running))

    def forget_running(self) -> None:
        """Takes the record of the daemon away."""
        (self.path / "daemon.json").unlink(missing_ok=True)

    def settings(self) -> Settings:
        """Returns what `up` was asked for."""
        try:
            content = json.loads((self.path / "settings.json").read_text())
        except FileNotFoundError:
            return Settings()
        return Settings(
            account_uid=content["account_uid"], operator_environment=content["operator_environment"]
        )

    def save_settings(self, settings: Settings) -> None:
        """Keeps what `up` was asked for."""
        self._write("settings.json", asdict(settings))

    def keys(self) -> tuple[AccessKey, AccessKey]:
        """Returns the operator's key and the stranger's; makes both when there are none.

        The operator's is made anew when the account of the settings is another.
        """
        uid = self.settings().account_uid
        try:
            owner, stranger = (
                AccessKey(**entry) for entry in json.loads((self.path / "accounts.json").read_text())
            )
        except FileNotFoundError:
            owner, stranger = make_key(uid), make_key(STRANGER_ACCOUNT_UID)
        else:
            if owner.account_uid == uid:
                return owner, stranger
            owner = make_key(uid)
        self._write("accounts.json", [asdict(owner), asdict(stranger)])
        return owner, stranger

    def ram_users(self) -> list[RamUser]:
        """Returns the RAM users of the account of the settings; another account's are left out."""
        try:
            entries = json.loads((self.path / "ram.json").read_text())
        except FileNotFoundError:
            return []
        users = [RamUser(**{**entry, "key": AccessKey(**entry["key"])}) for entry in entries]
        uid = self.settings().account_uid
        return [user for user in users if user.key.account_uid == uid]

    def ram_user_key(self, name: str) -> AccessKey:
        """Returns a RAM user's key.

        Raises:
            LocalcloudError: There is no such user.
        """
        for user in self.ram_users():
            if user.name == name:
                return user.key
        raise LocalcloudError(
            f"There is no RAM user {name}. Make it: localcloud ram user {name} --policy FILE"
        )

    def save_ram_users(self, users: Iterable[RamUser]) -> None:
        """Keeps the RAM users."""
        self._write("ram.json", [asdict(user) for user in users])

    def accounts(self) -> Accounts:
        """Returns the accounts that the services know."""
        return Accounts(self.keys())

    def _write(self, name: str, content: object) -> None:
        part = self.path / f"{name}.part"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(content, file, indent=1)
        part.replace(self.path / name)
