"""What remains of a resource that the program made once: states of that time hold it.

Such a state refers to this class by its name. The next `pulumi up` removes the resource and so looks the
class up, and calls its ``delete``, which does nothing: the resource stood for nothing in the cloud.
"""

from __future__ import annotations

from pulumi.dynamic import ResourceProvider


class BucketClaimProvider(ResourceProvider):
    """Removes nothing."""

    serialize_as_secret_always = False
