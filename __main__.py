"""The stack: settings, what the cloud says to them, resources, outputs."""

from infra.sdk_process import SdkProcess

# Before the other imports, which take as long as the SDKs' do on another core.
sdk_process = SdkProcess()

import pulumi

from infra.naming import Naming
from infra.reporting import plain_errors
from infra.settings import load
from infra.stack import make
from infra.survey import survey

with plain_errors():
    with sdk_process:
        settings = load()
        naming = Naming(project=pulumi.get_project(), stack=pulumi.get_stack(), owner=settings.owner)
        site = survey(settings, naming, sdk_process)
    results = make(settings, site, naming)

for key, value in results.items():
    pulumi.export(key, value)
