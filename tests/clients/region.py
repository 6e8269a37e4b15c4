"""A region with a private bucket and hosts in a VPC, and commands that run on these hosts.

The hosts are bare networks: what runs there is this machine's, with the cloud's names, addresses and
authority.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.access.context import KitContext
from localcloud import places
from localcloud.accounts import AccessKey
from localcloud.fabric.protocol import InstanceSpec
from localcloud.instances.metadata import Guest
from localcloud.ram.roles import Role
from tests.localcloud.net.conftest import Host, Lab

TRUST = json.dumps(
    {
        "Version": "1",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["ecs.aliyuncs.com"]}}
        ],
    }
)
HELLO = b"Hello from a private bucket.\n"
# Moves this process to a place and becomes the command.
ENTER = (
    "import os, sys; from pathlib import Path; from localcloud import places; "
    "places.enter_namespace(sys.argv[1], Path(sys.argv[2])); os.execvp(sys.argv[3], sys.argv[3:])"
)
OWNER = """
import json, os, sys
import oss2
keys = oss2.ProviderAuthV4(oss2.credentials.EnvironmentVariableCredentialsProvider())
wish = json.load(sys.stdin)
region = wish["region"]
bucket = oss2.Bucket(keys, "https://oss-%s.aliyuncs.com" % region, wish["bucket"], region=region)
if "objects" in wish:
    bucket.create_bucket()
for key, text in wish.get("objects", {}).items():
    bucket.put_object(key, text)
if "policy" in wish:
    bucket.put_bucket_policy(json.dumps(wish["policy"]))
"""


@dataclass
class Done:
    """How a command ended."""

    code: int
    out: bytes
    err: str


@dataclass
class Region:
    """One cloud for the clients' tests.

    Attributes:
        lab: The cloud.
        context: The kit's values.
        kit: The folder of the kit's files.
        granted: The host that the bucket's policy names.
        other: A host of the same VPC that it does not name.
        user: A RAM user's key, which may nothing by itself.
    """

    lab: Lab
    context: KitContext
    kit: Path
    granted: Host
    other: Host
    user: AccessKey
    environment: Mapping[str, str] = field(default_factory=dict)

    async def run(
        self,
        host: Host | None,
        command: Sequence[str | Path],
        *,
        keys: AccessKey | None = None,
        cwd: Path | None = None,
        stdin: bytes = b"",
    ) -> Done:
        """Runs a command on a host, or on the Internet without one; with a key in the environment."""
        home = self.lab.home
        network = "public" if host is None else "vpc"
        namespace = self.lab.names.internet if host is None else host.namespace
        environment = {key: value for key, value in os.environ.items() if not key.startswith("OSS_")}
        places.trust(environment, home.authority / "ca.pem")
        environment |= self.environment
        if keys is not None:
            environment |= {"OSS_ACCESS_KEY_ID": keys.id, "OSS_ACCESS_KEY_SECRET": keys.secret}
        return await _run(namespace, home.network / network, command, environment, cwd or self.kit, stdin)

    async def owner(self, **wish: Any) -> None:
        """Does something to the bucket as its owner."""
        home = self.lab.home
        environment = places.operator_environment(home, os.environ, Path(sys.executable).parent)
        wish = {"region": self.context.region, "bucket": self.context.bucket, **wish}
        done = await _run(
            self.lab.names.operator,
            home.network / "public",
            [sys.executable, "-W", "ignore", "-c", OWNER],
            environment,
            self.kit,
            json.dumps(wish).encode(),
        )
        assert done.code == 0, done.err

    async def diagnose(
        self, host: Host | None, *words: str, keys: AccessKey | None = None
    ) -> tuple[int, str]:
        """Runs the kit's diagnosis; returns its exit status and what it says."""
        done = await self.run(host, [sys.executable, self.kit / "oss-diagnose", *words], keys=keys)
        return done.code, done.out.decode() + done.err

    def instances(self, monkeypatch: pytest.MonkeyPatch, *, role: str | None = None) -> None:
        """Has the metadata service take the hosts for instances, with a role that may nothing by itself."""
        world, uid = self.lab.world, self.lab.home.keys()[0].account_uid
        if role is not None:
            now = datetime.now(UTC)
            made = Role(name=role, role_id="3" * 18, account_uid=uid, trust=TRUST, created=now, changed=now)
            monkeypatch.setitem(world._api.instance_roles._state.ram.roles, (uid, role), made)

        def find(vpc_id: str, ip: str) -> Guest | None:
            spec = InstanceSpec(
                instance_id="i-" + ip.replace(".", "x").rjust(20, "0"),
                account_uid=uid,
                region_id=self.context.region,
                zone_id=self.context.region + "-k",
                vpc_id=vpc_id,
                vswitch_id="vsw-1",
                vswitch_cidr=ip.rpartition(".")[0] + ".0/24",
                private_ip=ip,
                mac="00:16:3e:00:00:01",
                hostname="host",
                image_id="image",
                instance_type="ecs.u1-c1m2.large",
                http_tokens_required=True,
            )
            return Guest(spec=spec, vpc_cidr="10.1.0.0/16")

        record = types.SimpleNamespace(
            name="host",
            instance_id="i-host",
            account_uid=uid,
            ram_role_name=role,
            user_data="",
            http_tokens="required",
            http_endpoint="enabled",
        )
        monkeypatch.setattr(world.fabric, "find_guest", find)
        monkeypatch.setattr(world._api.ecs, "instance_by_private_ip", lambda vpc_id, ip: record)


def trust_store(authority: Path, target: Path) -> dict[str, str]:
    """Makes what Java trusts; returns the environment for it."""
    subprocess.run(
        [
            *("keytool", "-importcert", "-noprompt", "-alias", "cloud", "-file", str(authority)),
            *("-keystore", str(target), "-storetype", "PKCS12", "-storepass", "changeit"),
        ],
        check=True,
        capture_output=True,
    )
    options = f"-Djavax.net.ssl.trustStore={target} -Djavax.net.ssl.trustStorePassword=changeit"
    return {"JAVA_TOOL_OPTIONS": options}


async def _run(
    namespace: str,
    files: Path,
    command: Sequence[str | Path],
    environment: Mapping[str, str],
    cwd: Path,
    stdin: bytes,
) -> Done:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ENTER, namespace, str(files), *map(str, command)),
        env=environment,
        cwd=cwd,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(stdin)
    return Done(process.returncode or 0, out, err.decode(errors="replace"))
