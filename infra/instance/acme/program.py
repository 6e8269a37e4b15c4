"""Keeps the proxy's certificate good: run by a timer, and by a change of the configuration.

It asks the authority only when less than a third of the certificate's time is left, or another one is
wanted. Whatever fails leaves the certificate of before in place.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.instance.acme.authority import issue
from infra.instance.acme.order import NotIssued, Record, Wanted, require_names_lead_here, shown
from infra.instance.acme.store import (
    Certificate,
    clear_up,
    keep,
    live,
    newest,
    prepare,
    show,
    state,
    subjects,
)
from infra.instance.acme_paths import CHALLENGES, STATE
from infra.instance.workers import LOCK, taken_up, workers

TAKE_UP_S = 20.0
# A record that was set just now is not known everywhere at once.
NAMES_PATIENCE_S = 30.0
PAUSE_S = 2.0


class Keeper:
    """Keeps the certificate good.

    Args:
        root: Where the instance's files are; `/`, but for tests.
        issue: Gets a certificate and its key.
        now: Tells seconds since 1970.
        patience_s: How long a person waits for names to lead here.
    """

    def __init__(
        self,
        root: Path = Path("/"),
        issue: Callable[[Wanted, Path], tuple[str, str]] = issue,
        now: Callable[[], float] = time.time,
        patience_s: float = NAMES_PATIENCE_S,
    ) -> None:
        self.root, self.issue, self.now, self.patience_s = root, issue, now, patience_s

    def look(self, *, asked: bool) -> int:
        """Looks once, and does what is to be done.

        Args:
            asked: Whether a change of the configuration waits for it, which has the lock.

        Returns:
            0 when there is a certificate to show, and with the timer only when nothing failed.
        """
        wanted = Wanted.read(self.root)
        if wanted is None:
            return 0
        state(self.root)
        certificate = newest(self.root, wanted.kind)
        if not asked and certificate and not self.is_to_do(certificate):
            return 0
        with self.alone(asked=asked):
            return self.keep_good(wanted, newest(self.root, wanted.kind), asked=asked)

    def before(self) -> int:
        """Gets what a change will need, as far as nginx can answer for it before the change.

        Returns:
            0 unless the change would leave nginx without a certificate.
        """
        wanted = Wanted.read(self.root)
        if wanted is None:
            return 0
        state(self.root)
        certificate = newest(self.root, wanted.kind)
        if self.is_usable(certificate):
            return 0
        try:
            # Clients who have HTTPS already are to lose nothing by a certificate that does not come.
            conf = self.root / "etc/nginx/nginx.conf"
            if live(self.root) and (wanted.zone or CHALLENGES in conf.read_text()):
                self.attempt(wanted, hurry=True)
            else:
                self.await_names(wanted, self.patience_s)
        except NotIssued as error:
            print(f"No certificate for {', '.join(wanted.hosts)}: {error}", flush=True)
            return 1
        return 0

    def is_usable(self, certificate: Certificate | None) -> bool:
        """Whether there is one that has not ended."""
        return certificate is not None and certificate.not_after > self.now()

    def is_to_do(self, certificate: Certificate) -> bool:
        """Whether a certificate is due, or nginx does not show it."""
        shows = live(self.root)
        return (
            certificate.is_due(self.now())
            or self.marker.exists()
            or shows is None
            or (shows.kind, shows.not_after) != (certificate.kind, certificate.not_after)
        )

    def keep_good(self, wanted: Wanted, certificate: Certificate | None, *, asked: bool) -> int:
        """Gets what is wanted where it is not there, and lets nginx show it."""
        failed = ""
        if certificate is None or certificate.is_due(self.now()):
            try:
                hurry = asked and not self.is_usable(certificate)
                certificate = self.attempt(wanted, hurry=hurry)
            except NotIssued as error:
                failed = str(error)
        if certificate is None or not self.is_usable(certificate):
            print(f"No certificate for {', '.join(wanted.hosts)}: {failed}", flush=True)
            return 1
        if refused := self.take_up(wanted, certificate):
            print(f"nginx keeps what it had, for it does not take the certificate up: {refused}", flush=True)
            return 1
        until = shown(certificate.not_after)
        print(
            f"Certificate: for {', '.join(wanted.hosts)}, from {wanted.directory}, until {until}", flush=True
        )
        if failed:
            print(f"It is to be renewed, but: {failed}", flush=True)
        clear_up(self.root)
        return int(bool(failed) and not asked)

    def attempt(self, wanted: Wanted, *, hurry: bool) -> Certificate:
        """Gets a new certificate, and notes what became of it.

        Args:
            wanted: What is wanted.
            hurry: Whether a person waits for it, and there is none.

        Raises:
            NotIssued: There is none to be had now.
        """
        record = Record.read(self.root, wanted.kind)
        record.require_open(self.now(), hurry=hurry)
        try:
            self.await_names(wanted, self.patience_s if hurry else 0.0)
            chain, key = self.issue(wanted, self.root)
            if subjects(chain) != set(wanted.hosts):
                raise NotIssued(f"the authority's certificate is for {', '.join(sorted(subjects(chain)))}")
            made = keep(self.root, chain, key, wanted.kind)
            if made is None or made.not_after <= self.now():
                raise NotIssued("the authority's certificate is not for the key, or not for now")
        except NotIssued as error:
            record.failed(error, self.now())
            record.write(self.root, self.now())
            raise
        Record(kind=wanted.kind, invalid=record.invalid).write(self.root, self.now())
        return made

    def await_names(self, wanted: Wanted, patience_s: float) -> None:
        """Waits until names lead here.

        Raises:
            NotIssued: They do not.
        """
        deadline = time.monotonic() + patience_s
        while True:
            try:
                return require_names_lead_here(wanted)
            except NotIssued:
                if time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE_S)

    @property
    def marker(self) -> Path:
        """The file that is there while nginx does not show what it is to show."""
        return self.root / STATE[1:] / "not-taken-up"

    def take_up(self, wanted: Wanted, certificate: Certificate) -> str:
        """Lets nginx show a certificate; returns why it does not, and then it shows the one of before."""
        folder, shows = prepare(self.root, wanted, certificate), live(self.root)
        if shows and shows.folder == folder.resolve() and not self.marker.exists():
            return ""
        self.marker.touch()
        show(self.root, folder)
        if refused := self.reload():
            show(self.root, shows.folder if shows else None)
        self.marker.unlink()
        return refused

    def reload(self) -> str:
        """Makes nginx, where it runs, read its files anew; returns why it did not."""
        serving, _ = workers(self.root)
        for command in (["nginx", "-t", "-q"], ["systemctl", "reload", "nginx"]):
            done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
            if done.returncode:
                return done.stderr.strip()
            if not serving:
                return ""
        return "" if taken_up(self.root, serving, TAKE_UP_S) else "see its error.log"

    @contextmanager
    def alone(self, *, asked: bool) -> Iterator[None]:
        """Waits for a change of the configuration that is under way; one that asks has the lock itself."""
        with (self.root / LOCK[1:]).open("a") as lock:
            if not asked:
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def main() -> int:
    """Looks once; with ``--before`` and ``--asked`` for a change of the configuration, in this order.

    Returns:
        The exit status.
    """
    if "--before" in sys.argv[1:]:
        return Keeper().before()
    return Keeper().look(asked="--asked" in sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
