"""The runbook: its text, that its commands are commands, and that a preview shows it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.runbook import RunbookContext, runbook
from tests.unit.conftest import ROOT
from tests.unit.fakes import FakeCloud
from tests.unit.golden_files import expected
from tests.unit.recorder import deploy

CONTEXT = RunbookContext(
    stack="dev",
    region="cn-hangzhou",
    bucket="oss-proxy-dev",
    bucket_host="oss-proxy-dev.oss-cn-hangzhou-internal.aliyuncs.com",
    oss_scheme="http",
    probe_key="public/.oss-proxy-probe",
    instance_id="i-bp1example",
    instance_urn="urn:pulumi:dev::oss-proxy::oss-proxy:infra:Proxy$alicloud:ecs/instance:Instance::proxy-instance",
    private_ip="172.16.0.1",
    vpc_id="vpc-bp1example",
    url="http://203.0.113.9/",
)
MAX_LINES = 80
PAGE = (ROOT / "docs" / "runbook.md").read_text()


def test_the_text() -> None:
    text = runbook(CONTEXT)
    assert text == expected("runbook.md", text)
    assert len(text.splitlines()) <= MAX_LINES


def test_its_shell_is_shell_and_so_is_that_of_the_general_page() -> None:
    for text in (runbook(CONTEXT), PAGE):
        blocks = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        assert blocks
        for block in blocks:
            done = subprocess.run(["bash", "-n"], input=block, text=True, capture_output=True, check=False)
            assert done.returncode == 0, done.stderr


ALIYUN = """#!/bin/bash
# Answers as the cloud does: first the command still runs.
printf '%s\\n' "$*" >>"$0.log"
case $2 in
  RunCommand) echo '{"InvokeId":"t-1"}' ;;
  *) if [ -e "$0.asked" ]; then state=Success; else state=Running; touch "$0.asked"; fi
     echo '{"Invocation":{"InvocationResults":{"InvocationResult":[
       {"InvocationStatus":"'$state'","Output":"line 1\\nline 2"}]}}}' ;;
esac
"""


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_a_command_is_sent_and_its_output_awaited(tmp_path: Path) -> None:
    aliyun = tmp_path / "aliyun"
    aliyun.write_text(ALIYUN)
    aliyun.chmod(0o755)
    function = re.search(r"^on_instance\(\) \{.*?^\}", runbook(CONTEXT), re.DOTALL | re.MULTILINE)
    assert function is not None
    script = f"PATH={tmp_path}:$PATH\nsleep() {{ :; }}\n{function[0]}\non_instance 'tail -n 2 log'"
    done = subprocess.run(["bash", "-c", script], text=True, capture_output=True, check=True)
    assert done.stdout == "line 1\nline 2\n"
    sent, *asked = Path(f"{aliyun}.log").read_text().splitlines()
    assert sent.startswith("ecs RunCommand --RegionId cn-hangzhou --Type RunShellScript")
    assert sent.endswith("--InstanceId.1 i-bp1example --CommandContent tail -n 2 log")
    assert len(asked) == 2
    assert "--InvokeId t-1 --ContentEncoding PlainText" in asked[0]


def test_a_first_preview_shows_it_with_what_is_known(values: dict[str, str], cloud: FakeCloud) -> None:
    text = deploy(values, preview=True).outputs["runbook"]
    assert "<instance id: known after creation>" in text
    assert "http://<public IP: known after creation>/healthz" in text
    assert "oss-proxy-dev.oss-cn-hangzhou-internal.aliyuncs.com/public/.oss-proxy-probe" in text
    assert "Proxy$alicloud:ecs/instance:Instance::proxy-instance'" in text


def test_an_update_fills_the_names_in(values: dict[str, str], cloud: FakeCloud) -> None:
    text = deploy({**values, "listenPort": "8080"}).outputs["runbook"]
    assert "<" not in re.sub(r"<<<|</?[a-z]", "", text)
    assert "--InstanceId.1 proxy-instance-id" in text
    assert "http://203.0.113.9:8080/healthz" in text
    assert "proxy-vpc-id" in text
