"""With passwords nobody gets anything without one; without their file nobody gets anything at all."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.instance_files import CLIENTS
from infra.rollout.secret_files import secret_files
from tests.unit.nginx_process import NGINXES, Proxy, context_for, serving
from tests.unit.recording_origin import recording_origin

PASSWORD = "ein langes Geheimnis: ü"


@pytest.fixture(scope="module", params=NGINXES)
def proxy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("nginx")
    clients = folder / "clients"
    change = (CLIENTS, str(clients))
    context = context_for("public/", login=True)
    with (
        recording_origin() as origin,
        serving(folder, context, origin, binary=request.param, change=change) as made,
    ):
        yield made


@pytest.fixture
def clients(proxy: Proxy) -> Iterator[Path]:
    """The file of the passwords, as the instance gets it."""
    (file,) = secret_files({"client_passwords": {"alice": PASSWORD}})
    place = proxy.folder / "clients"
    place.write_text(file["content"])
    place.chmod(0o644)
    proxy.origin.forget()
    try:
        yield place
    finally:
        place.unlink()


def login(name: str, password: str) -> str:
    return "Authorization: Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def test_who_logs_in_gets_the_object_and_storage_hears_nothing_of_it(proxy: Proxy, clients: Path) -> None:
    answer = proxy.get("/public/x", login("alice", PASSWORD))
    assert answer.status == 200
    (request,) = proxy.origin.requests
    assert b"authorization" not in request.lower()


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (login("alice", "another password"),),
        (login("bob", PASSWORD),),
        (login("alice", ""),),
        ("Authorization: Bearer token",),
    ],
)
def test_everybody_else_is_asked_to_and_storage_is_not_asked(
    proxy: Proxy, clients: Path, headers: tuple[str, ...]
) -> None:
    answer = proxy.get("/public/x", *headers)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="objects"'
    assert answer.body.startswith(b"401 Unauthorized\n")
    assert proxy.origin.requests == []


def test_health_and_readiness_need_no_password(proxy: Proxy, clients: Path) -> None:
    assert proxy.get("/healthz").status == 200
    assert proxy.get("/readyz").status == 200


def test_nobody_gets_in_before_the_passwords_have_come(proxy: Proxy) -> None:
    assert not (proxy.folder / "clients").exists()
    proxy.origin.forget()
    assert proxy.get("/public/x", login("alice", PASSWORD)).status == 403
    assert proxy.origin.requests == []


def test_the_file_holds_no_password(proxy: Proxy, clients: Path) -> None:
    assert PASSWORD not in clients.read_text()
    assert clients.read_text().startswith("alice:$2b$04$")
