"""``acme``: a certificate authority like Let's Encrypt, for what gets its certificates by itself."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from localcloud import control
from localcloud.cli.listing import listing
from localcloud.errors import LocalcloudError
from localcloud.home import Home

PROGRAM = "pebble"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own commands and options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    up = verbs.add_parser("up", help="start it, with a root of its own, and show the URL of its directory")
    up.add_argument(
        "--lifetime",
        metavar="PROFILE=SECONDS",
        action="append",
        default=[],
        help="how long certificates of a profile are valid: classic, tlsserver, shortlived "
        "(default: as Let's Encrypt's)",
    )
    up.add_argument(
        "--bad-nonces",
        type=int,
        default=0,
        metavar="PERCENT",
        help="good nonces that it refuses (default: 0)",
    )
    up.add_argument(
        "--reuse",
        type=int,
        default=0,
        metavar="PERCENT",
        help="orders that an earlier validation is enough for (default: 0)",
    )
    verbs.add_parser("down", help="end it; its root and its accounts are gone")
    verbs.add_parser("root", help="show the certificate of its root, which no host of the cloud trusts")
    verbs.add_parser("directory", help="show the URL that clients begin with")
    for verb, told in (("issued", "show its certificates"), ("revoked", "show those that were revoked")):
        verbs.add_parser(verb, help=told).add_argument("--json", action="store_true", help="for programs")
    verbs.add_parser("log", help="show what it did, validations above all")


def run(home: Home, arguments: argparse.Namespace) -> int:
    """Carries the command out.

    Raises:
        LocalcloudError: No cloud or no authority runs, or it cannot be started.
    """
    home.require_running()
    verb = arguments.verb
    if verb == "up":
        print(
            control.ask(
                home.control,
                "acme-up",
                program=find_program(),
                lifetimes=arguments.lifetime,
                bad_nonces=arguments.bad_nonces,
                reuse=arguments.reuse,
            )
        )
    elif verb == "down":
        control.ask(home.control, "acme-down")
        print("The certificate authority is down.")
    elif verb in ("issued", "revoked"):
        found: list[dict[str, Any]] = control.ask(home.control, "acme-issued")
        if verb == "revoked":
            found = [one for one in found if one["status"] == "Revoked"]
        print(listing(found, _line, as_json=arguments.json))
    elif verb == "log":
        sys.stdout.write(Path(control.ask(home.control, "acme-log")).read_text(errors="replace"))
    else:
        print(control.ask(home.control, f"acme-{verb}").rstrip())
    return 0


def find_program() -> str:
    """Returns the authority's program, ready to start: its first start may build it, which is shown.

    Raises:
        LocalcloudError: There is none, or it cannot be built.
    """
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    program = shutil.which(PROGRAM, path=folders)
    if program is None:
        raise LocalcloudError(
            f"There is no {PROGRAM}, the ACME server of https://github.com/letsencrypt/pebble. "
            "Install it on PATH, or run: make setup"
        )
    if subprocess.run([program, "-version"], stdout=subprocess.DEVNULL, check=False).returncode:
        raise LocalcloudError(f"{program} cannot be started, so there is no certificate authority.")
    return program


def _line(certificate: dict[str, Any]) -> str:
    names = ",".join(certificate["names"])
    return f"{certificate['serial']}  {names}  until {certificate['not_after']}  {certificate['status']}"
