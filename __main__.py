"""The stack: settings, what the cloud says to them, resources, outputs."""

import pulumi

from infra.naming import Naming
from infra.reporting import plain_errors
from infra.settings import load
from infra.stack import make
from infra.survey import survey

with plain_errors():
    settings = load()
    naming = Naming(project=pulumi.get_project(), stack=pulumi.get_stack(), owner=settings.owner)
    site = survey(settings, naming)
    results = make(settings, site, naming)

for key, value in results.items():
    pulumi.export(key, value)
