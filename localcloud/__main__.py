"""``python -m localcloud``: the same as the command `localcloud`."""

import sys

from localcloud.cli import main

sys.exit(main())
