"""An ACME client on a host of a cloud: certbot's library, with an account and keys of its own for each run.

    python -m tests.support.acme_client NAMESPACE ETC DIRECTORY NAME...
        [--address A] [--profile P] [--port 80] [--dns] [--revoke]

It moves into the network of a host as `localcloud run` does, lets the names (of `ZONE`) lead to an address,
answers HTTP-01 at a port, or DNS-01 by alidns, and prints as JSON the certificate with its chain, or the
error. The access key and the cloud's own authority are in the environment.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import threading
from pathlib import Path
from typing import Any

from acme import challenges, client, crypto_util, errors, messages, standalone
from alibabacloud_alidns20150109 import models
from alibabacloud_alidns20150109.client import Client as Alidns
from alibabacloud_tea_openapi.models import Config
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from josepy import JWKRSA

from localcloud import places

PEM = serialization.Encoding.PEM
KEY_SUPERSEDED = 4
ZONE = "example.test"


def main() -> None:
    """Gets a certificate, and tells what came of it."""
    asked = read_arguments()
    places.enter_namespace(asked.namespace, asked.etc)
    try:
        told = obtain(asked)
    except errors.ValidationError as error:
        (authorization,) = error.failed_authzrs
        failures = [challenge.error for challenge in authorization.body.challenges if challenge.error]
        told = {"error": failures[0].code, "detail": failures[0].detail}
    except messages.Error as error:
        told = {"error": error.code, "detail": error.detail}
    print(json.dumps(told))


def read_arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("namespace")
    parser.add_argument("etc", type=Path)
    parser.add_argument("directory")
    parser.add_argument("names", nargs="+")
    parser.add_argument("--address")
    parser.add_argument("--profile")
    parser.add_argument("--port", type=int, default=80)
    for flag in ("--dns", "--revoke"):
        parser.add_argument(flag, action="store_true")
    return parser.parse_args()


def obtain(asked: argparse.Namespace) -> dict[str, Any]:
    """Makes an account and an order, answers its challenges, and returns the certificate."""
    for name in asked.names if asked.address else ():
        add_record(name, "A", asked.address)
    key = JWKRSA(key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
    net = client.ClientNetwork(key)
    acme = client.ClientV2(client.ClientV2.get_directory(asked.directory, net), net)
    acme.new_account(messages.NewRegistration.from_data(terms_of_service_agreed=True))
    order = acme.new_order(signing_request(asked.names), profile=asked.profile)
    kind = challenges.DNS01 if asked.dns else challenges.HTTP01
    chosen = [
        (authorization, challenge)
        for authorization in order.authorizations
        for challenge in authorization.body.challenges
        if isinstance(challenge.chall, kind)
    ]
    if asked.dns:
        for authorization, challenge in chosen:
            name = f"_acme-challenge.{authorization.body.identifier.value}"
            add_record(name, "TXT", challenge.validation(key))
    else:
        resources = {
            standalone.HTTP01RequestHandler.HTTP01Resource(
                challenge.chall, challenge.response(key), challenge.validation(key)
            )
            for _, challenge in chosen
        }
        server = standalone.HTTP01Server(("", asked.port), resources)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    for _, challenge in chosen:
        acme.answer_challenge(challenge, challenge.response(key))
    chain = acme.poll_and_finalize(order).fullchain_pem
    if asked.revoke:
        acme.revoke(x509.load_pem_x509_certificate(chain.encode()), KEY_SUPERSEDED)
    return {"chain": chain}


def signing_request(names: list[str]) -> bytes:
    """Makes a key and a request for all names."""
    key = ec.generate_private_key(ec.SECP256R1())
    addresses = [ipaddress.ip_address(name) for name in names if name[-1].isdigit()]
    domains = [name for name in names if not name[-1].isdigit()]
    pem = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return crypto_util.make_csr(pem, domains or None, ipaddrs=addresses or None)


def add_record(name: str, kind: str, value: str) -> None:
    """Puts a record into the domain by alidns."""
    config = Config(
        access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        endpoint="alidns.aliyuncs.com",
        ca=os.environ["REQUESTS_CA_BUNDLE"],
    )
    rr = name.removesuffix(ZONE).removesuffix(".") or "@"
    request = models.AddDomainRecordRequest(domain_name=ZONE, rr=rr, type=kind, value=value)
    Alidns(config).add_domain_record(request)


if __name__ == "__main__":
    main()
