"""Who makes the bucket. Pure.

Apart from the settings' types, which take a tenth of a second to import: the processes of the dynamic
resources and of the SDKs need these words alone.
"""

from __future__ import annotations

from typing import Final, Literal

BucketMode = Literal["existing", "managed"]
MANAGED: Final = "managed"
