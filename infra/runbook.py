"""What to do when something is wrong, with this stack's own names. Pure.

``docs/runbook.md`` is the general page. No secret has a place in either.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from infra.text import rendered

# What stands for a name that is not known in a preview.
UNKNOWN_INSTANCE = "<instance id: known after creation>"
UNKNOWN_ADDRESS = "<public IP: known after creation>"


@dataclass(frozen=True, kw_only=True)
class RunbookContext:
    """What the template of the runbook needs.

    Attributes:
        stack: Pulumi's stack name.
        region: The stack's region.
        bucket: The bucket.
        bucket_host: The bucket's host at the internal endpoint.
        oss_scheme: How OSS is asked, ``http`` or ``https``.
        probe_key: A key that the proxy may read and that is not there.
        instance_id: The instance.
        instance_urn: Pulumi's name of the instance.
        private_ip: The instance's address, which the bucket policy names.
        vpc_id: The VPC, which the bucket policy names.
        url: Where clients ask, with a slash at the end.
    """

    stack: str
    region: str
    bucket: str
    bucket_host: str
    oss_scheme: str
    probe_key: str
    instance_id: str
    instance_urn: str
    private_ip: str
    vpc_id: str
    url: str


def runbook(context: RunbookContext) -> str:
    """Returns the runbook as Markdown.

    Raises:
        RenderError: When the template asks for a value that the context does not have.
    """
    return rendered("runbook.md.j2", asdict(context))
