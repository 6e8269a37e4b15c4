"""Reports as comments of a pull request: one for each stack, written over in place."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from ci import comment

BOT, SOMEBODY = "github-actions[bot]", "somebody"


class GitHub(HTTPServer):
    """The part of GitHub's API that lists and writes comments."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.comments: list[dict[str, Any]] = []
        self.calls: list[tuple[str, str]] = []
        self.tokens: set[str | None] = set()

    def add(self, body: str, login: str = BOT) -> None:
        number = len(self.comments)
        self.comments.append(
            {"id": number, "body": body, "user": {"login": login}, "html_url": f"https://hub/{number}"}
        )


class Handler(BaseHTTPRequestHandler):
    server: GitHub

    def _answer(self, answer: Any) -> None:
        self.server.calls.append((self.command, self.path))
        self.server.tokens.add(self.headers["Authorization"])
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _body(self) -> str:
        body: str = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
        return body

    def do_GET(self) -> None:
        page = int(self.path.rpartition("page=")[2])
        self._answer(self.server.comments[(page - 1) * 100 : page * 100])

    def do_POST(self) -> None:
        self.server.add(self._body())
        self._answer(self.server.comments[-1])

    def do_PATCH(self) -> None:
        found = self.server.comments[int(self.path.rpartition("/")[2])]
        found["body"] = self._body()
        self._answer(found)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    server = GitHub()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    for name, value in {
        "GITHUB_API_URL": f"http://127.0.0.1:{server.server_port}",
        "GITHUB_REPOSITORY": "a/b",
        "PULL_REQUEST": "7",
        "GITHUB_TOKEN": "t",
    }.items():
        monkeypatch.setenv(name, value)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def put(tmp_path: Path, *texts: str) -> None:
    files = []
    for number, text in enumerate(texts):
        files.append(str(tmp_path / f"{number}.md"))
        Path(files[-1]).write_text(text)
    comment.main(files)


def test_a_first_report_is_a_new_comment_and_the_next_one_takes_its_place(
    hub: GitHub, tmp_path: Path
) -> None:
    hub.add("Nice.", SOMEBODY)
    put(tmp_path, "<!-- of dev -->\none", "<!-- of prod -->\ntwo")
    put(tmp_path, "<!-- of dev -->\nthree", "<!-- of prod -->\nfour")
    assert [found["body"] for found in hub.comments] == [
        "Nice.",
        "<!-- of dev -->\nthree",
        "<!-- of prod -->\nfour",
    ]
    assert hub.tokens == {"Bearer t"}
    assert {path.partition("?")[0] for method, path in hub.calls if method != "PATCH"} == {
        "/repos/a/b/issues/7/comments"
    }


def test_the_own_comment_is_found_behind_many_others(hub: GitHub, tmp_path: Path) -> None:
    for number in range(150):
        hub.add(f"{number}", SOMEBODY)
    put(tmp_path, "<!-- of dev -->\none")
    put(tmp_path, "<!-- of dev -->\ntwo")
    assert len(hub.comments) == 151
    assert hub.comments[-1]["body"] == "<!-- of dev -->\ntwo"


def test_a_comment_of_somebody_else_is_never_written_over(hub: GitHub, tmp_path: Path) -> None:
    hub.add("<!-- of dev -->\nmine", SOMEBODY)
    put(tmp_path, "<!-- of dev -->\none")
    assert [found["body"] for found in hub.comments] == ["<!-- of dev -->\nmine", "<!-- of dev -->\none"]


def test_a_text_that_is_no_report_is_refused(hub: GitHub, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="must begin with a comment of HTML"):
        put(tmp_path, "anything")
    assert hub.comments == []
