"""Archived copies of pages that are gone: which is named, and which addresses the archive never learns."""

from __future__ import annotations

import os
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from web.fakes import Fakes
from web.faults import Time

from wikitools import git
from wikitools.repository import open_repository
from wikitools.web.memory import Status, open_memory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conftest import Call


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("wikitools.web.client.Clock", lambda: Time().clock)
    return tmp_path


def remember_gone(*urls: str, kind: str = "page") -> None:
    """Let the cache of this folder say that addresses on a public host are gone, which no test may ask."""
    memory = open_memory(os.path.abspath("memory"), os.getcwd(), print, print)
    for url in urls:
        memory.put(kind, url, Status.GONE, why="example.org answers 404")
    memory.save()
    memory.close()


def test_an_archived_copy_from_about_the_day_when_the_link_was_written(
    wiki: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    remember_gone("https://example.org/404?archived", "https://example.org/404")
    Path("a.md").write_text("# A\n\n[a](https://example.org/404?archived) [b](https://example.org/404)\n")
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    for command in (
        ("init", "-q"),
        ("add", "-A"),
        (*identity, "commit", "-q", "-m", "x", "--date", "2021-05-06T12:00:00Z"),
    ):
        subprocess.run(["git", *command], check=True)
    with Fakes() as services:
        monkeypatch.setenv("WIKITOOLS_WEB_SERVICES", services.addresses)
        code, out, _err = call("urls", "--cache-dir", "memory", "--select", "dead-url", "a.md")
        assert code == 1
        assert (
            "\n    an archived copy: https://web.archive.org/web/20210506120000/https://example.org/404?archived" in out
        )
        assert out.count("archived copy") == 1
        call("urls", "--cache-dir", "memory", "--fix", "--unsafe-fixes", "a.md")
    assert (
        "[a](https://web.archive.org/web/20210506120000/https://example.org/404?archived) [b](https://example.org/404)"
        in (Path("a.md").read_text())
    )


def test_when_lines_were_written(wiki: Path) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    page = Path("a.md")
    for day, text in ((6, "one\ntwo\n"), (7, "one\nauthor-time 1\nthree\n")):
        page.write_text(text)
        subprocess.run(["git", "add", "-A"], check=True)
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(["git", *identity, "commit", "-qm", "x", "--date", f"2021-05-0{day}T12:00:00Z"], check=True)
    page.write_text(page.read_text() + "four\n")
    times = git.when_written(open_repository(wiki), "a.md", [3, 1, 2, 4, 1], 60.0)
    assert times == {1: 1620302400.0, 2: 1620388800.0, 3: 1620388800.0}
    assert git.when_written(open_repository(wiki), "a.md", [1], -1.0) == {}


def test_the_history_is_asked_once_a_page_and_not_after_the_time(
    wiki: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    urls = [f"https://example.org/404?{number}" for number in range(4)]
    remember_gone(*urls)
    for name in "ab":
        Path(f"{name}.md").write_text("".join(f"<{url}>\n" for url in urls[name == "b" :]))
    Path("c.md").write_text("<https://example.org/404?archived>\n")
    remember_gone("https://example.org/404?archived")
    subprocess.run(["git", "init", "-q"], check=True)
    blames: list[tuple[str, list[int]]] = []

    def when_written(_repository: object, path: str, lines: Iterable[int], _seconds: float) -> dict[int, float]:
        blames.append((path, [*lines]))
        return {}

    monkeypatch.setattr("wikitools.git.when_written", when_written)
    monkeypatch.setenv("WIKITOOLS_WEB_SERVICES", "wayback=http://127.0.0.1:1")
    call("urls", "--cache-dir", "memory")
    assert sorted(blames) == [("a.md", [1, 2, 3, 4]), ("c.md", [1])]
    call("urls", "--cache-dir", "memory", "--max-time", "0")
    assert len(blames) == 2


def test_an_archive_out_of_reach_is_not_asked_for_each_address(
    wiki: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    urls = [f"https://example.org/404?{number}" for number in range(9)]
    remember_gone(*urls)
    Path("a.md").write_text("".join(f"<{url}>\n" for url in urls))
    monkeypatch.setenv("WIKITOOLS_WEB_SERVICES", "wayback=http://127.0.0.1:1")
    _code, out, err = call(
        "urls", "-v", "--cache-dir", "memory", "--select", "dead-url", "--output-format", "concise", "a.md"
    )
    assert out.count("is gone") == 9
    assert err.count("web: ask http://127.0.0.1:1/cdx") == 3


@pytest.mark.parametrize("outage", ["reset", "down", "busy", "page", "null", "other JSON"])
def test_without_an_answer_nothing_is_said_of_copies(
    outage: str, wiki: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    remember_gone("https://example.org/404")
    Path("a.md").write_text("<https://example.org/404>\n")
    with Fakes(out={"wayback": outage}) as services:
        monkeypatch.setenv("WIKITOOLS_WEB_SERVICES", services.addresses)
        code, out, _err = call("urls", "--cache-dir", "memory", "--select", "dead-url", "a.md")
    assert code == 1
    assert "archived" not in out


def test_the_archive_learns_nothing_of_hosts_that_are_not_everybodys(
    wiki: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    own = ["http://wiki/a", "http://10.0.0.1/a", "https://docs.internal/a", "https://me@example.org/a"]
    own += ["https://let-in.example.org:8443/a"]
    remember_gone(*own, "https://example.org/a")
    remember_gone("https://token.example.org/a", kind=f"page x-key:{sha256(b'k').hexdigest()[:2]}")
    own += ["https://token.example.org/a"]
    monkeypatch.setenv("WIKITOOLS_WEB_ALLOW_HOSTS", "let-in.example.org:8443")
    Path("wikitools.toml").write_text('[web.host."token.example.org"]\nheaders = { X-Key = "k" }\n')
    Path("a.md").write_text("".join(f"<{url}>\n" for url in (*own, "https://example.org/a")))
    with Fakes() as services:
        monkeypatch.setenv("WIKITOOLS_WEB_SERVICES", services.addresses)
        out = call("urls", "--cache-dir", "memory", "--select", "dead-url", "--output-format", "concise", "a.md")[1]
        asked = services.asked()["wayback"]
    assert out.count("is gone") == 7
    assert len(asked) == 1
    assert "example.org%2Fa" in asked[0]
