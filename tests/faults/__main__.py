"""``python -m tests.faults``: the whole fault run, or a part of it. `make faults` runs all of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.faults import subset
from tests.faults.plan import Case, matrix
from tests.faults.run import run
from tests.faults.trial import passed


def main() -> int:
    """Returns 1 when a case failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument(
        "--jobs", type=int, default=8, help="how many clouds there are at a time (default: 8)"
    )
    parser.add_argument("--subset", action="store_true", help="only what continuous integration tries")
    parser.add_argument(
        "--only", metavar="WORDS", default="", help='only cases with all of these words, such as "kill ecs:"'
    )
    parser.add_argument(
        "--resume",
        metavar="FILE",
        type=Path,
        help="leave out the cases that went right in the run whose output FILE holds",
    )
    arguments = parser.parse_args()
    done = passed(arguments.resume.read_text()) if arguments.resume else frozenset()

    def wanted(cases: Sequence[Case]) -> list[Case]:
        return [
            case
            for case in cases
            if str(case) not in done and all(word in str(case) for word in arguments.only.split())
        ]

    outcome = run(
        lambda calls: wanted((subset.chosen if arguments.subset else matrix)(calls)),
        beforehand=wanted(subset.NAMED if arguments.subset else ()),
        jobs=arguments.jobs,
        tell=lambda line: print(line, flush=True),
    )
    print(outcome)
    return 1 if outcome.failed else 0


if __name__ == "__main__":
    sys.exit(main())
