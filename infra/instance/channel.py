"""The instance's end of the channel for secrets: a key pair that it makes itself and that never leaves it.

The deployer asks for the certificate, seals files to it (`infra.rollout.sealing`), and sends them inside an
ordinary command: who can read commands, their records or the state finds nothing to use there.
"""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path

from infra.instance.files import File
from infra.instance.outcomes import Failed, Outcome
from infra.instance.system import System, tail

FOLDER = "/var/lib/oss-proxy/channel"
# For as long as an instance may live; nothing but the deployer ever looks at the certificate.
_DAYS = "36500"


def certificate(system: System) -> str:
    """Returns the certificate that secrets are sealed to, in PEM form; makes the key pair when there is none.

    Raises:
        Failed: openssl cannot make one.
    """
    folder = system.path(FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if not (folder / "certificate.pem").exists():
        _make_key_pair(system, folder)
    return (folder / "certificate.pem").read_text()


def unseal(system: System, sealed: str) -> tuple[File, ...]:
    """Returns the files that were sealed to this instance.

    Args:
        system: The instance.
        sealed: A CMS message in DER form, in Base64; what it holds is a JSON list of files.

    Raises:
        Failed: They were sealed to another key.
    """
    folder = system.path(FOLDER)
    # The text goes through pipes alone, never through a file.
    done = system.run(
        [
            *("openssl", "cms", "-decrypt", "-inform", "DER", "-binary"),
            *("-recip", str(folder / "certificate.pem"), "-inkey", str(folder / "key.pem")),
        ],
        stdin=base64.b64decode(sealed),
    )
    if done.code != 0:
        raise Failed(
            Outcome.SECRETS_NOT_READABLE,
            "the secrets were sealed to another key than this instance's",
        )
    return tuple(File(**file) for file in json.loads(done.text))


def _make_key_pair(system: System, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as made:
        done = system.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-sha256", "-days", _DAYS),
                *("-subj", "/CN=oss-proxy instance"),
                *("-keyout", f"{made}/key.pem", "-out", f"{made}/certificate.pem"),
            ]
        )
        if done.code != 0:
            raise Failed(Outcome.BROKEN, f"openssl makes no key pair:\n{tail(done.text, 5)}")
        Path(made, "key.pem").chmod(0o600)
        # The certificate comes last: where it is, its key is.
        for name in ("key.pem", "certificate.pem"):
            Path(made, name).replace(folder / name)
