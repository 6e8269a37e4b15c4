"""Asks the authority, by certbot's library (Debian's python3-acme)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from infra.instance.acme.alidns import Proofs
from infra.instance.acme.order import NotIssued, Wanted
from infra.instance.acme.store import state
from infra.instance.acme_paths import CHALLENGES

PATIENCE_S = 90.0
REQUEST_TIMEOUT_S = 30
RATE_LIMITED_S = 3600.0
_RETRY_AFTER = re.compile(r"retry after (\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)")


def issue(wanted: Wanted, root: Path) -> tuple[str, str]:
    """Gets a certificate; returns it with its chain, and its new key, as PEM.

    Raises:
        NotIssued: When there is none to be had.
    """
    try:
        from acme import errors, messages
        from requests.exceptions import RequestException
    except ImportError as error:
        raise NotIssued(f"{error}: the package python3-acme is not installed") from None
    try:
        return _issue(wanted, root)
    except errors.ValidationError as error:
        raise NotIssued(
            f"the authority's validation failed: {_validation(error.failed_authzrs)}", invalid=True
        ) from None
    except messages.Error as error:
        limited = error.code == "rateLimited"
        raise NotIssued(
            f"the authority refuses ({error.code}): {error.detail}",
            until=_retry_after(str(error.detail)) if limited else 0.0,
        ) from None
    except errors.TimeoutError:
        raise NotIssued(f"the authority has not ended the order within {PATIENCE_S:.0f} s") from None
    except (errors.Error, RequestException, ValueError) as error:
        raise NotIssued(f"the authority {wanted.directory} cannot be asked: {error}") from None


def _issue(wanted: Wanted, root: Path) -> tuple[str, str]:
    from acme import client, crypto_util
    from josepy.jwa import ES256

    account = _account_key(wanted, root)
    net = client.ClientNetwork(
        account, alg=ES256, verify_ssl=_trust(wanted, root), user_agent="oss-proxy", timeout=REQUEST_TIMEOUT_S
    )
    authority = client.ClientV2(client.ClientV2.get_directory(wanted.directory, net), net)
    _log_in(authority, wanted.email)
    key = _new_key()
    # The subject stays empty: Let's Encrypt takes no address as a common name.
    request = crypto_util.make_csr(
        key.encode(),
        list(wanted.names) or None,
        ipaddrs=None if wanted.names else [ip_address(wanted.address)],
    )
    order = authority.new_order(request, profile=wanted.profile or None)
    # What proofs by DNS need is not there without them.
    way = Proofs(wanted, root) if wanted.zone else Files(root)
    try:
        to_prove = [one.body for one in order.authorizations if one.body.status.name != "valid"]
        challenges = [_publish(way, account, one) for one in to_prove]
        if challenges:
            way.await_told()
        for challenge in challenges:
            authority.answer_challenge(challenge, challenge.response(account))
        # The library compares it with the clock's own time.
        deadline = datetime.now() + timedelta(seconds=PATIENCE_S)
        return authority.poll_and_finalize(order, deadline).fullchain_pem, key
    finally:
        way.clear()


class Files:
    """Answers to challenges over HTTP, as files that nginx serves."""

    kind = "http-01"

    def __init__(self, root: Path) -> None:
        self._folder = root / CHALLENGES[1:]
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o755)

    def publish(self, name: str, token: str, validation: str) -> None:
        """Lets nginx serve an answer."""
        place = self._folder / token
        place.write_text(validation)
        place.chmod(0o644)

    def await_told(self) -> None:
        """Waits for nothing: it is there at once."""

    def clear(self) -> None:
        """Removes all of it."""
        for token in self._folder.iterdir():
            token.unlink()


def _publish(way: Proofs | Files, account: Any, authorization: Any) -> Any:
    """Lets the answer to one of an authorization's challenges be there; returns the challenge."""
    for challenge in authorization.challenges:
        if challenge.chall.typ == way.kind:
            token, validation = challenge.chall.encode("token"), challenge.chall.validation(account)
            way.publish(authorization.identifier.value, token, validation)
            return challenge
    raise NotIssued(f"the authority takes no proof by {way.kind} for {authorization.identifier.value}")


def _account_key(wanted: Wanted, root: Path) -> Any:
    """Returns the account's key: one for each authority, made on its first use."""
    import hashlib

    from cryptography.hazmat.primitives.asymmetric import ec
    from josepy.jwk import JWKEC

    digest = hashlib.sha256(wanted.directory.encode()).hexdigest()[:16]
    place = state(root) / f"account-{digest}.json"
    if place.exists():
        return JWKEC.json_loads(place.read_text())
    key = JWKEC(key=ec.generate_private_key(ec.SECP256R1()))
    beside = place.with_suffix(".new")
    beside.touch(0o600)
    beside.write_text(key.json_dumps())
    beside.replace(place)
    return key


def _log_in(authority: Any, email: str) -> None:
    """Uses the account that the key has there, or makes it; whoever sets `tls: acme` agrees to the terms."""
    from acme import errors, messages

    wanted = messages.NewRegistration.from_data(email=email or None, terms_of_service_agreed=True)
    try:
        authority.new_account(wanted)
    except errors.ConflictError as known:
        authority.net.account = messages.RegistrationResource(
            uri=known.location, body=messages.Registration()
        )


def _trust(wanted: Wanted, root: Path) -> Any:  # what requests takes: True, or a file
    if not wanted.authority:
        return True
    place = state(root) / "authority.pem"
    place.write_text(wanted.authority)
    return str(place)


def _new_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _validation(authorizations: Any) -> str:
    found = [
        f"{one.body.identifier.value}: {challenge.error.detail} ({challenge.error.code})"
        for one in authorizations
        for challenge in one.body.challenges
        if challenge.error
    ]
    return "; ".join(found) or "no reason given"


def _retry_after(detail: str) -> float:
    """Returns when the authority may be asked again; Let's Encrypt says it in words."""
    if found := _RETRY_AFTER.search(detail):
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC).timestamp()
    return datetime.now(UTC).timestamp() + RATE_LIMITED_S
