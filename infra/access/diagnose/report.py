"""What is said: one line for each check, and under a fault what to do."""

import sys
from typing import List, TextIO


class Report:
    """Writes the lines and remembers the faults."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self.faults: List[str] = []

    def good(self, text: str) -> None:
        """A check that found nothing wrong."""
        self._line("OK", text)

    def note(self, text: str) -> None:
        """Something to know that is no fault by itself."""
        self._line("NOTE", text)

    def bad(self, text: str, fix: str) -> None:
        """A check that found a cause, with what to do about it."""
        self.faults.append(text)
        self._line("FAIL", text)
        self._out.write("       " + fix + "\n")

    def _line(self, label: str, text: str) -> None:
        self._out.write(f"{label:4}   {text}\n")
        self._out.flush()
