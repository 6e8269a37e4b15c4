"""The authority's name, and its clients' first address. Pure."""

from __future__ import annotations

HOST = "acme.localcloud.test"
DIRECTORY_PATH = "/dir"
DIRECTORY = f"https://{HOST}{DIRECTORY_PATH}"
