"""The whole of ``nginx.conf``. Pure."""

from __future__ import annotations

from urllib.parse import quote

from infra.instance.acme_paths import CHALLENGES, LIVE
from infra.instance.follow import FOLDER
from infra.instance_files import CA_CERTIFICATES, CLIENTS, HTTPS_FILES, LINK_KEYS
from infra.nginx import links, rules
from infra.nginx.answers import COMPRESSED_TYPES
from infra.nginx.context import NginxContext
from infra.nginx.sizing import BACKLOG
from infra.nginx.tls import TLS_CIPHERS, TLS_GROUPS
from infra.probe import probe_key
from infra.text import rendered


def nginx_conf(context: NginxContext) -> str:
    """Returns the whole ``nginx.conf`` of an instance.

    Raises:
        RenderError: When the template asks for a value that the context does not have.
    """
    values = {
        "context": context,
        "answers": context.answers,
        "limits": context.limits,
        "sizing": context.sizing,
        "backlog": BACKLOG,
        "status_port": rules.STATUS_PORT,
        "clients_file": CLIENTS,
        "upstream_folder": FOLDER,
        # As a pattern: nginx starts without the file too.
        "link_keys_glob": f"{LINK_KEYS[:-1]}[{LINK_KEYS[-1]}]",
        "link_name": links.NAME,
        "link_signed": links.signed_by_variables(context.allowed_query),
        "ca_certificates": CA_CERTIFICATES,
        "oss": "https://oss" if context.oss_over_https else "http://oss",
        "oss_port": 443 if context.oss_over_https else 80,
        "cache": context.cache,
        "tls": context.tls,
        "tls_ciphers": TLS_CIPHERS,
        "tls_groups": TLS_GROUPS,
        "local_port": rules.LOCAL_PORT,
        "https_files": f"{LIVE}/https*.conf" if context.tls and context.tls.acme else HTTPS_FILES,
        "acme_live": LIVE,
        "acme_challenges": CHALLENGES,
        "signature_names": rules.SIGNATURE_NAMES,
        "compressed_types": COMPRESSED_TYPES,
        "object_query": _object_query(context),
        "range_behavior": "standard" if context.presigned == "none" else "$range_behavior",
        "probe_target": quote(probe_key(context.prefixes), safe="/"),
    }
    return rendered("nginx/nginx.conf.j2", values)


def _object_query(context: NginxContext) -> str:
    """Returns the variable with the query that reaches OSS, or nothing where none does."""
    if context.presigned != "none":
        return "$object_query"
    return "$allowed_query" if context.allowed_query else ""
