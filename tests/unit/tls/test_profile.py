"""sslyze's judgement of what clients meet: Mozilla's intermediate profile, and no known weakness."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.support.debian_13 import cache_dir
from tests.unit.tls.conftest import Proxy

SSLYZE = cache_dir() / "sslyze-6.3.1/bin/sslyze"
VERDICT = re.compile(r"Checking results against .*", re.DOTALL)
ISSUE = re.compile(r"^ +\* (\w+): ", re.MULTILINE)
# The test's certificate is of no authority that sslyze knows.
OURS = "certificate_path_validation"


def issues(proxy: Proxy) -> set[str]:
    if not SSLYZE.exists():
        pytest.skip("sslyze is not here, run `make setup`")
    target = f"files.example.com:{proxy.https}{{127.0.0.1}}"
    done = subprocess.run(
        [str(SSLYZE), "--mozilla_config=intermediate", target], check=False, capture_output=True, text=True
    )
    found = VERDICT.search(done.stdout)
    assert found, done.stdout + done.stderr
    return set(ISSUE.findall(found[0]))


def test_the_proxy_conforms_to_mozillas_intermediate_profile(proxy: Proxy) -> None:
    assert issues(proxy) == {OURS}


@pytest.mark.parametrize(
    ("conf_change", "issue"),
    [
        ((re.compile("ssl_ecdh_curve [^;]*;"), ""), "tls_curves"),
        ((re.compile("ssl_ciphers [^;]*;"), ""), "ciphers"),
    ],
    indirect=["conf_change"],
)
def test_a_weaker_choice_would_be_told(proxy: Proxy, issue: str) -> None:
    assert issues(proxy) == {OURS, issue}
