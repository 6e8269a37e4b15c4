"""Puts reports on a pull request of GitHub, each in a comment of its own that later ones take the place of.

    GITHUB_TOKEN=... GITHUB_REPOSITORY=OWNER/NAME PULL_REQUEST=7 python3 ci/comment.py REPORT...

A report's first line is a comment of HTML that tells whose place it takes. Runs under any Python from 3.11
with nothing installed.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

AUTHOR = "github-actions[bot]"
PER_PAGE = 100
TIMEOUT_S = 30
BODY_MAX_CHARACTERS = 65_000


class PullRequest:
    """The comments of one pull request, through GitHub's API.

    Args:
        api: The API's URL.
        repository: ``OWNER/NAME``.
        number: The pull request's number.
        token: A token that may write comments.
    """

    def __init__(self, api: str, repository: str, number: int, token: str) -> None:
        self._comments = f"{api}/repos/{repository}/issues/{number}/comments"
        self._comment = f"{api}/repos/{repository}/issues/comments"
        self._token = token

    def put(self, body: str) -> str:
        """Writes a report over its predecessor, or as a new comment; returns its address."""
        marker = body.partition("\n")[0]
        if not (marker.startswith("<!--") and marker.endswith("-->")):
            raise SystemExit(f"a report must begin with a comment of HTML, not with {marker[:60]!r}")
        for comment in self._list():
            # Not another's comment that only says the same.
            if comment["user"]["login"] == AUTHOR and comment["body"].partition("\n")[0].strip() == marker:
                return str(self._call("PATCH", f"{self._comment}/{comment['id']}", body)["html_url"])
        return str(self._call("POST", self._comments, body)["html_url"])

    def _list(self) -> Iterator[Any]:
        page = 1
        while True:
            found = self._call("GET", f"{self._comments}?per_page={PER_PAGE}&page={page}")
            yield from found
            if len(found) < PER_PAGE:
                return
            page += 1

    def _call(self, method: str, url: str, body: str | None = None) -> Any:
        data = None if body is None else json.dumps({"body": body[:BODY_MAX_CHARACTERS]}).encode()
        request = urllib.request.Request(url, data, method=method)  # noqa: S310 - the API's own
        request.add_header("Authorization", f"Bearer {self._token}")
        request.add_header("Accept", "application/vnd.github+json")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return json.load(answer)


def main(reports: Sequence[str]) -> None:
    """Puts the reports that are named."""
    pull_request = PullRequest(
        os.environ.get("GITHUB_API_URL", "https://api.github.com"),
        os.environ["GITHUB_REPOSITORY"],
        int(os.environ["PULL_REQUEST"]),
        os.environ["GITHUB_TOKEN"],
    )
    for report in reports:
        print(pull_request.put(Path(report).read_text(encoding="utf-8")))


if __name__ == "__main__":
    main(sys.argv[1:])
