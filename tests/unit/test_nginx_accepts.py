"""No valid settings make a configuration that nginx refuses: at least 500 of them, drawn at random.

The settings are drawn first and then handed to nginx by several threads, as starting it is what takes time.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from infra.data_plane import nginx_context
from infra.nginx import links, rules
from infra.nginx.sizing import CORES_MAX, Machine
from infra.oss_names import require_prefix
from infra.render import NginxContext, nginx_conf
from infra.settings import parse
from tests.unit.nginx_process import HOST, NGINXES, relocated
from tests.unit.raw import raw

COUNT = 520


def obeys(rule: Any, *more: Any) -> Any:
    """A filter: only what the rule lets through."""

    def let_through(value: Any) -> bool:
        try:
            rule(value, *more)
        except ValueError:
            return False
        return True

    return let_through


NAMES = st.text(
    st.characters(codec="utf-8", categories=["Ll", "Lu", "Lo", "Nd"], include_characters="-_.~+=@,"),
    min_size=1,
    max_size=20,
)
PREFIX = (
    st.lists(NAMES, min_size=1, max_size=3).map(lambda one: "/".join(one) + "/").filter(obeys(require_prefix))
)
LONG = st.sampled_from(["a-" * 511 + "/", "中" * 340 + "/", "a/" * 511])
PREFIXES = st.just(["*"]) | st.lists(PREFIX | LONG, min_size=1, max_size=30, unique=True)
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80)
HOSTS = st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z0-9-]{1,10}){0,3}", fullmatch=True) | st.just("a" * 240)
ORIGIN = st.builds(
    "{}://{}{}".format, st.sampled_from(["http", "https"]), HOSTS, st.sampled_from(["", ":1", ":65535"])
)
ORIGINS = st.just(["*"]) | st.lists(ORIGIN, max_size=20, unique=True).filter(
    lambda one: obeys(rules.require_origins)(tuple(one))
)

LINK_KEYS = st.dictionaries(
    st.from_regex(links.NAME, fullmatch=True),
    st.from_regex(r"[A-Za-z0-9+/=_-]{32,128}", fullmatch=True).filter(obeys(links.require_key)),
    max_size=2,
).filter(lambda keys: len(set(keys.values())) == len(keys))


MACHINES = st.builds(
    Machine, cores=st.integers(1, CORES_MAX), memory_gib=st.floats(0.5, 4096, allow_subnormal=False)
)


@st.composite
def drawn(draw: st.DrawFn) -> dict[str, Any]:
    """Valid values of the settings that reach nginx; each of them is as often left as it is."""
    prefixes = draw(PREFIXES)
    below = "" if prefixes == ["*"] else draw(st.sampled_from(prefixes))
    document = st.just("") | NAMES.map(lambda name: below + name).filter(
        obeys(rules.require_document, prefixes)
    )
    presigned = draw(st.sampled_from(["none", "allowed", "required"]))
    names = st.lists(st.sampled_from(rules.QUERY_NAMES), unique=True)
    strategies: dict[str, st.SearchStrategy[Any]] = {
        "listenPort": st.integers(1, 65535).filter(obeys(rules.require_free_port)),
        "allowedQuery": st.just([]) if presigned == "required" else names,
        "previewInBrowser": st.booleans(),
        "hideExistence": st.booleans(),
        "compression": st.booleans(),
        "indexDocument": st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}", fullmatch=True),
        "spaFallback": document,
        "notFoundDocument": document,
        "corsAllowedOrigins": ORIGINS,
        "contentSecurityPolicy": PRINTABLE.filter(obeys(rules.require_header_value)),
        "clientRequestsPerSecond": st.integers(0, 100_000),
        "clientConnections": st.integers(0, 65_535),
        "connectionMbps": st.integers(0, 10_000),
        "cacheSizeGib": st.just(0) if presigned == "required" else st.integers(0, 12),
        "cacheMinutes": st.integers(1, 43_200),
        "linkKeys": st.just({}) if presigned != "none" else LINK_KEYS,
        "ossOverHttps": st.booleans(),
    }
    chosen = {name: draw(strategy) for name, strategy in strategies.items() if draw(st.booleans())}
    return {"objectPrefixes": prefixes, "presigned": presigned, **chosen}


@pytest.mark.parametrize("binary", NGINXES[:1])
def test_nginx_accepts_every_valid_configuration(values: dict[str, str], tmp_path: Path, binary: str) -> None:
    seen: list[tuple[dict[str, Any], NginxContext]] = []
    (tmp_path / "ca.pem").write_bytes(trustme.CA().cert_pem.bytes())

    @settings(
        max_examples=COUNT,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(drawn(), MACHINES)
    def collect(chosen: dict[str, Any], machine: Machine) -> None:
        given = parse(
            {**values, **{name: raw(value) for name, value in chosen.items()}}, encrypted=["linkKeys"]
        )
        seen.append((chosen, nginx_context(given, HOST, machine)))

    collect()
    assert len(seen) >= 500
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        refused = [
            fault
            for fault in pool.map(
                lambda one: fault_of(one[1], one[0].get("linkKeys", {}), tmp_path, binary), seen
            )
            if fault
        ]
    assert not refused, "\n".join(refused[:3])


def fault_of(context: NginxContext, link_keys: Mapping[str, str], folder: Path, binary: str) -> str | None:
    conf = relocated(nginx_conf(context), folder, context, listen="127.0.0.1:80", origin="127.0.0.1:80")
    path = folder / f"{id(context)}.conf"
    keys = folder / f"{id(context)}-keys"
    keys.write_text(links.key_file(link_keys))
    path.write_text(conf.replace(f"{folder}/link-key[s]", str(keys)))
    done = subprocess.run(
        [binary, "-t", "-q", "-c", str(path), "-e", "stderr"], check=False, capture_output=True, text=True
    )
    path.unlink()
    keys.unlink()
    # A warning is a fault too: it is in the way of one that matters.
    return f"{done.stderr}{context}" if done.returncode or done.stderr else None
