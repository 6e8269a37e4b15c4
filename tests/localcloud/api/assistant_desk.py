"""An instance, and the ways to give it commands with the official client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alibabacloud_ecs20140526 import models

from tests.localcloud.api.harness import REGION, Cloud, Site

SCRIPT = "echo hello"


@dataclass
class Desk:
    """An instance, and the ways to give it commands."""

    cloud: Cloud
    site: Site
    instance: str

    def order(self, **more: Any) -> models.RunCommandRequest:
        return models.RunCommandRequest(
            **{
                "region_id": REGION,
                "type": "RunShellScript",
                "command_content": SCRIPT,
                "instance_id": [self.instance],
                **more,
            }
        )

    def run(self, **more: Any) -> str:
        answer: str = self.cloud.ecs.run_command(self.order(**more)).body.invoke_id
        return answer

    def finish(self, **more: Any) -> Any:
        """Runs a command to its end; returns its result."""
        invoke_id = self.run(**more)
        self.cloud.settle()
        return self.result(invoke_id)

    def results(self, **more: Any) -> list[Any]:
        request = models.DescribeInvocationResultsRequest(
            **{"region_id": REGION, "content_encoding": "PlainText", **more}
        )
        found: list[Any] = self.cloud.ecs.describe_invocation_results(
            request
        ).body.invocation.invocation_results.invocation_result
        return found

    def result(self, invoke_id: str, **more: Any) -> Any:
        (found,) = self.results(invoke_id=invoke_id, **more)
        return found

    def invocation(self, invoke_id: str, **more: Any) -> Any:
        request = models.DescribeInvocationsRequest(region_id=REGION, invoke_id=invoke_id, **more)
        (found,) = self.cloud.ecs.describe_invocations(request).body.invocations.invocation
        return found

    def status(self, instance_id: str = "") -> Any:
        request = models.DescribeCloudAssistantStatusRequest(
            region_id=REGION, instance_id=[instance_id or self.instance]
        )
        answer = self.cloud.ecs.describe_cloud_assistant_status(request).body
        (row,) = answer.instance_cloud_assistant_status_set.instance_cloud_assistant_status
        return row

    def stop(self, invoke_id: str, **more: Any) -> None:
        self.cloud.ecs.stop_invocation(
            models.StopInvocationRequest(region_id=REGION, invoke_id=invoke_id, **more)
        )

    def wait_until_running(self, invoke_id: str) -> None:
        while self.result(invoke_id).invocation_status == "Pending":
            pass
        while not self.cloud.fabric.named("run_command"):
            pass
