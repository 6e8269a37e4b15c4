"""The stack: settings, what the cloud says to them, resources, outputs."""

import pulumi

from infra.reporting import plain_errors
from infra.settings import load
from infra.stack import make
from infra.survey import survey

with plain_errors():
    settings = load()
    site = survey(settings)
    results = make(settings, site)

for key, value in results.items():
    pulumi.export(key, value)
