"""An ACME authority's certificate in a change of the configuration: there when it ends, or the one of before.

It travels to an instance only with changes that want one.
"""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import replace
from pathlib import Path

from infra.instance.acme_paths import LIVE, PACKAGE, PROGRAM, WANTED
from infra.instance.change import Order
from infra.instance.files import Change
from infra.instance.outcomes import Failed, Outcome
from infra.instance.readiness import Probe, await_ready
from infra.instance.system import System, tail

# Names that are not known yet, the order, its validation; and nginx's reload.
TIMEOUT_S = 240.0
INSTALL_TIMEOUT_S = 300.0
_END = "-----END CERTIFICATE-----\n"
_APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=120")
_INSTALL = ("install", "-y", "--no-install-recommends", PACKAGE)


class Certificates:
    """What an instance shows; made before anything changes.

    Args:
        system: The instance.

    Raises:
        Failed: What gets certificates is not there, and apt does not install it; its last words are told.
    """

    def __init__(self, system: System) -> None:
        self._system = system
        self._former = self._shown()
        there = system.run(["dpkg-query", "--show", "--showformat=${db:Status-Status}", PACKAGE])
        # The first boot had no reason to install it where the settings were others.
        for words in () if there.text == "installed" else (("update",), _INSTALL):
            done = system.run([*_APT, *words], timeout_s=INSTALL_TIMEOUT_S)
            if done.code != 0:
                told = tail(done.text, 12)
                raise Failed(Outcome.PACKAGES_NOT_INSTALLED, f"apt does not install {PACKAGE}:\n{told}")

    def prepare(self, order: Order, change: Change) -> list[str]:
        """Lets fail what can be known to fail while nginx serves what it served before.

        Returns:
            The paths of what changed for it.

        Raises:
            Failed: There is no certificate to be had, and none of before that is still good.
        """
        needed = [file for file in order.files if file.path in (PROGRAM, WANTED)]
        changed = [file.path for file in needed if change.put(file)]
        self._run("--before")
        return changed

    def require(self, order: Order) -> Probe:
        """Gets one where none is good, and lets nginx show it.

        Returns:
            What is to be asked for then: the certificate too.

        Raises:
            Failed: There is none to be had, and none of before that is still good.
        """
        # The authority has limits: all else has to be right before it is asked.
        await_ready(replace(order.probe, https=None), order.readiness_timeout_s)
        print(self._run("--asked"))
        assert order.probe.https  # noqa: S101 - the deployer's word
        chain = self._system.path(f"{LIVE}/fullchain.pem").read_text()
        first = ssl.PEM_cert_to_DER_cert(chain[: chain.index(_END) + len(_END)])
        return replace(
            order.probe, https=replace(order.probe.https, sha256=hashlib.sha256(first).hexdigest())
        )

    def take_back(self) -> None:
        """Lets nginx show the one of before when it reads its files again; a newer one stays at hand."""
        place = self._system.path(LIVE)
        if self._former is None or self._shown() == self._former:
            return
        beside = Path(f"{place}.former")
        beside.unlink(missing_ok=True)
        beside.symlink_to(self._former)
        beside.replace(place)

    def _run(self, word: str) -> str:
        done = self._system.run([PROGRAM, word], timeout_s=TIMEOUT_S)
        if done.code != 0:
            raise Failed(Outcome.NO_CERTIFICATE, tail(done.text, 20).strip())
        return done.text

    def _shown(self) -> Path | None:
        place = self._system.path(LIVE)
        return place.readlink() if place.is_symlink() else None
