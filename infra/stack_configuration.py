"""The part of the stack that brings the instance its configuration."""

from __future__ import annotations

from dataclasses import asdict

import pulumi

from infra.bucket_policy import BucketPolicy
from infra.instance.readiness import Probe
from infra.instance_files import nginx_file, system_files
from infra.naming import Naming
from infra.probe import probe_key
from infra.rollout.configuration import Configuration
from infra.settings import Settings
from infra.survey import Site

READINESS_PATH = "/readyz"
# nginx answers 429 when others ask for its readiness too often; OSS is asked beside it.
READINESS_STATUSES = (200, 429)


def bring_configuration(
    name: str,
    settings: Settings,
    site: Site,
    naming: Naming,
    *,
    nginx_conf: str,
    instance_id: pulumi.Output[str],
    access: BucketPolicy,
) -> Configuration:
    """Registers what the instance serves.

    Args:
        name: What logical names begin with.
        settings: What the stack is to be.
        site: Where it goes.
        naming: Makes the names and tags that the cloud shows.
        nginx_conf: The text of ``nginx.conf``.
        instance_id: The instance.
        access: What lets it read.
    """
    passwords = {
        client: password.get_secret_value() for client, password in settings.client_passwords.items()
    }
    if passwords:
        pulumi.log.warn(
            "clientPasswords travel over plain HTTP: whoever is on the way between a client and the proxy "
            "can read them, and the objects too."
        )
    return Configuration(
        f"{name}-configuration",
        region=settings.region,
        instance_id=instance_id,
        nginx_conf=asdict(nginx_file(nginx_conf)),
        files=[asdict(file) for file in system_files()],
        # Without secrets no stack needs a key to encrypt its state with.
        secrets=pulumi.Output.secret({"client_passwords": passwords}) if passwords else {},
        probe=asdict(
            Probe(
                bucket_host=site.bucket_host,
                key=probe_key(settings.object_prefixes),
                listen_port=settings.listen_port,
                proxy_path=READINESS_PATH,
                proxy_statuses=READINESS_STATUSES,
            )
        ),
        policy=access.policy,
        command_name=naming.physical("configuration"),
        tags=naming.tags(),
        boot_timeout_s=settings.boot_timeout_seconds,
        readiness_timeout_s=settings.readiness_timeout_seconds,
        seen=[asdict(one) for one in site.commands],
    )
