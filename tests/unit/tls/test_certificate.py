"""A certificate that clients would refuse is refused before an instance gets it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from infra.tls.certificate import CertificateError, read_chain, require_key
from tests.support.certificates import NOW, Issued, authority, server


@pytest.fixture(scope="module")
def root() -> Issued:
    return authority()


@pytest.fixture(scope="module")
def between(root: Issued) -> Issued:
    return authority("Test Intermediate", root)


def test_a_certificate_with_its_chain_is_read(between: Issued, root: Issued) -> None:
    made = server(between, ("Files.example.com", "*.example.com"), addresses=("203.0.113.7",))
    for chain in (made.pem, made.pem + between.pem, made.pem + between.pem + root.pem):
        read = read_chain(chain, NOW)
        assert read.names == ("files.example.com", "*.example.com")
        assert read.addresses == ("203.0.113.7",)
        assert read.days_left(NOW) == 90
        assert len(read.sha256) == 64
        require_key(made.key_pem(), chain)


@pytest.mark.parametrize(
    "key",
    [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)],
    ids=["p384", "rsa2048"],
)
def test_keys_that_clients_accept(between: Issued, key: object) -> None:
    made = server(between, key=key)
    assert read_chain(made.pem, NOW).names == ("files.example.com",)
    require_key(made.key_pem(), made.pem)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (rsa.generate_private_key(65537, 1024), "RSA of 1024 bits"),  # noqa: S505
        (ec.generate_private_key(ec.SECP521R1()), "the curve secp521r1"),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
    ],
    ids=["rsa1024", "p521", "ed25519"],
)
def test_keys_that_clients_refuse(between: Issued, key: object, kind: str) -> None:
    with pytest.raises(CertificateError, match=rf"do not accept \({kind}\)"):
        read_chain(server(between, key=key).pem, NOW)


def refusal(pem: str) -> str:
    with pytest.raises(CertificateError) as caught:
        read_chain(pem, NOW)
    return str(caught.value)


def test_what_clients_refuse_is_refused_by_its_rule(between: Issued, root: Issued) -> None:
    assert refusal("") == "must hold certificates as PEM, as in fullchain.pem"
    assert refusal(server(between, lasts=timedelta(0)).pem).startswith("ended on 2026-11-24")
    assert refusal(server(between, starts=timedelta(hours=1)).pem) == (
        "is not good before 2026-11-24 13:00 UTC"
    )
    assert refusal(server(between, ()).pem).startswith("names no host: clients look at subjectAltName only")
    assert refusal(server(between, ("a b.example.com",)).pem).startswith("names 'a b.example.com'")
    assert refusal(server(between, ("x;.example.com",)).pem).startswith("names 'x;.example.com'")
    assert refusal(server(between, usage=ExtendedKeyUsageOID.CLIENT_AUTH).pem).startswith(
        "is not for servers"
    )
    assert refusal(between.pem) == "begins with an authority's certificate (CN=Test Intermediate)"
    assert refusal(server(between, [f"a{number}.example.com" for number in range(101)]).pem).startswith(
        "names 101 hosts, at most 100"
    )
    out_of_order = refusal(server(between).pem + root.pem + between.pem)
    assert out_of_order == (
        "is out of order: CN=files.example.com must be followed by what it was issued by "
        "(CN=Test Intermediate), not by CN=Test Root"
    )


def test_an_authority_of_the_same_name_is_no_issuer(between: Issued, root: Issued) -> None:
    namesake = authority("Test Intermediate", root)
    assert "is out of order" in refusal(server(between).pem + namesake.pem)


def test_a_key_among_the_certificates_is_refused_without_being_shown(between: Issued) -> None:
    made = server(between)
    text = refusal(made.pem + made.key_pem())
    assert text == "holds a private key; only the certificates belong here"


def test_another_key_is_refused_without_being_shown(between: Issued) -> None:
    made, other = server(between), server(between)
    for pem, rule in (
        (other.key_pem(), "is not the key of tlsCertificate's first certificate"),
        (made.key_pem(b"geheim"), "is encrypted"),
        (made.pem, "must hold one private key as PEM"),
        ("geheim", "must hold one private key as PEM"),
    ):
        with pytest.raises(CertificateError, match=rule) as caught:
            require_key(pem, made.pem)
        assert "geheim" not in str(caught.value)
        assert caught.value.__cause__ is None
