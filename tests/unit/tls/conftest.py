"""A real nginx that speaks HTTPS before a recording origin."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.instance.acme_paths import CHALLENGES, LIVE
from infra.instance_files import CERTIFICATE, CERTIFICATE_KEY, HTTPS
from infra.nginx.rules import LOCAL_PORT
from infra.nginx.tls import Tls, https_conf
from infra.render import NginxContext, nginx_conf
from tests.support.certificates import Issued, authority, server
from tests.support.debian_nginx import unpacked
from tests.support.nginx import await_listening, free_ports, relocated
from tests.unit.nginx_process import Answer, parsed
from tests.unit.recording_origin import Origin, recording_origin

# Of a proxy that has a certificate for its address alone.
ACME_ADDRESS = "203.0.113.7"
BUCKET_HOST = "b.oss-test-internal.aliyuncs.com"


@dataclass(frozen=True)
class Proxy:
    """The running nginx.

    Attributes:
        plain: Its port without HTTPS.
        https: Its port with it.
        local: Its port for the instance itself.
        origin: What it asks.
        trust: The file with the authority that clients trust.
    """

    plain: int
    https: int
    local: int
    origin: Origin
    trust: Path

    def handshake(self, name: str | None = "files.example.com", **changes: object) -> ssl.SSLSocket:
        """Connects as a client that trusts the authority; without a name it does not look at it.

        Raises:
            ssl.SSLError: The handshake failed.
        """
        client = ssl.create_default_context(cafile=str(self.trust))
        client.check_hostname = name is not None
        for attribute, value in changes.items():
            setattr(client, attribute, value)
        connection = socket.create_connection(("127.0.0.1", self.https), timeout=5)
        try:
            return client.wrap_socket(connection, server_hostname=name)
        except BaseException:
            connection.close()
            raise

    def get(self, target: str, host: str = "files.example.com", name: str | None = "") -> Answer:
        """Asks over HTTPS; the name in the handshake is the host's unless another is given."""
        with self.handshake(host if name == "" else name) as connection:
            return _asked(connection, target, host)

    def plainly(self, target: str, host: str = "files.example.com", method: str = "GET") -> Answer:
        """Asks without HTTPS."""
        with socket.create_connection(("127.0.0.1", self.plain), timeout=5) as connection:
            return _asked(connection, target, host, method)


def _asked(connection: socket.socket, target: str, host: str, method: str = "GET") -> Answer:
    connection.sendall(f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    received = b""
    while part := connection.recv(65536):
        received += part
    return parsed(received, method=method)


@pytest.fixture(scope="session")
def root() -> Issued:
    return authority(now=datetime.now(UTC))


@pytest.fixture
def tls() -> Tls:
    return Tls(names=("files.example.com", "*.example.org"))


@pytest.fixture
def conf_change(request: pytest.FixtureRequest) -> tuple[re.Pattern[str], str]:
    """What of the configuration is another, and what stands there instead."""
    change: tuple[re.Pattern[str], str] = getattr(request, "param", (re.compile("$."), ""))
    return change


@pytest.fixture
def proxy(
    tls: Tls, root: Issued, conf_change: tuple[re.Pattern[str], str], tmp_path: Path
) -> Iterator[Proxy]:
    if not unpacked().exists():
        pytest.skip("Debian 13's nginx is not here, run `make setup`")
    ports = free_ports(3)
    plain, https, local = ports
    context = NginxContext(
        bucket_host=BUCKET_HOST, listen_port=80, prefixes=("public/",), tls=replace(tls, port=https)
    )
    own = (ACME_ADDRESS,) if tls.acme and not tls.names else ()
    issued = server(root, tls.names, addresses=tls.addresses or own, now=datetime.now(UTC))
    places = {
        "/etc/nginx/oss-proxy/": f"{tmp_path}/",
        f"{LIVE}/": f"{tmp_path}/",
        f"{CHALLENGES}/": f"{tmp_path}/challenges/",
        f"127.0.0.1:{LOCAL_PORT}": f"127.0.0.1:{local}",
    }
    (tmp_path / "challenges").mkdir()
    (tmp_path / "challenges" / "TOKEN-1_").write_text("TOKEN-1_.proof")
    (tmp_path / "secret").write_text("nobody's business")
    (tmp_path / "challenges" / "leads-away").symlink_to(tmp_path / "secret")
    assert context.tls
    with recording_origin() as origin:
        files = {
            HTTPS: https_conf(context.tls, CERTIFICATE, CERTIFICATE_KEY),
            "hosts.map": "".join(f"{host} {host};\n" for host in (*tls.names, *own)),
            "days.map": f"{datetime.now():%Y-%m-%d} 17;\n",
            CERTIFICATE: issued.pem,
            CERTIFICATE_KEY: issued.key_pem(),
            "nginx.conf": relocated(
                nginx_conf(context),
                tmp_path,
                context,
                listen=f"127.0.0.1:{plain}",
                origin=f"127.0.0.1:{origin.port}",
            ).replace("listen 80;", f"listen 127.0.0.1:{plain};"),
        }
        for path, text in files.items():
            text = conf_change[0].sub(conf_change[1], text)
            for old, new in places.items():
                text = text.replace(old, new)
            (tmp_path / Path(path).name).write_text(text)
        (tmp_path / "root.pem").write_text(root.pem)
        process = subprocess.Popen(
            [
                *(str(unpacked()), "-c", str(tmp_path / "nginx.conf")),
                *("-e", str(tmp_path / "error.log"), "-g", "daemon off;"),
            ],
            stderr=subprocess.PIPE,
        )
        try:
            await_listening(https, process)
            yield Proxy(plain, https, local, origin, tmp_path / "root.pem")
        finally:
            process.terminate()
            process.communicate(timeout=10)
