"""What commands say of pages is kept: they read what changed, and say what they say without a cache."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from wikitools import files
from wikitools.project import cache as store
from wikitools.project import workers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Call

EMPTY = "## Sources cited\n\n<!-- wikitools:sources -->\n<!-- /wikitools:sources -->\n"
REFERENCES = """\
@article{hubinger2019, author = {Hubinger, Evan and van Merwijk, Chris}, title = {Risks}, year = {2019}}
@book{shah2023, author = {Shah, Rohin}, title = {Goals}, year = {2023}, url = {https://example.org/goals}}
"""
NOTE = '---\ntitle: "Learning to Summarize"\nauthors: ["Stiennon, Nisan"]\nyear: 2020\ntype: source\n---\n\n# A note\n'
PAGES = {
    "risks.md": f"# Risks\n\nSee (Hubinger et al. 2019) and [[goals]].\n\n{EMPTY}",
    "goals.md": f"# Goals\n\nSee (Shah 2023), and (Nobody 2001).\n\n{EMPTY}",
    "notes/stiennon.md": NOTE,
    "cites-a-note.md": f"# Cites\n\n(Stiennon 2020) says so; [[notes/stiennon]].\n\n{EMPTY}",
    "shows-a-note.md": f"# Shows\n\n![[stiennon]]\n\n(Shah 2023)\n\n{EMPTY}",
    "plain.md": "# Plain\n\n[[risks]] are (Shah 2023) no [[gone]].\n",
    "own.md": f"---\nbibliography: own.bib\n---\n\n# Own\n\n(Doe 1999)\n\n{EMPTY}",
}
COMMANDS = (
    ("backfill", "--check", "--json"),
    ("backfill", "--check", "--json", "--init"),
    ("backfill", "--check", "--json", "--force"),
    ("backfill", "--check", "--json", "goals.md"),
    ("backfill", "--check", "--json", "notes/stiennon.md"),
    ("backfill", "--check", "--json", "refs.bib"),
    ("cite", "--output-format", "json"),
    ("cite", "--output-format", "json", "goals.md"),
)


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(store, "_RACY", -(10**18))
    root = tmp_path / "wiki"
    (root / "notes").mkdir(parents=True)
    (root / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n')
    (root / "refs.bib").write_text(REFERENCES)
    (root / "own.bib").write_text("@book{doe1999, author = {Doe, Jane}, title = {Owned}, year = {1999}}\n")
    for path, text in PAGES.items():
        (root / path).write_text(text)
    monkeypatch.chdir(root)
    monkeypatch.setenv("WIKITOOLS_CACHE_DIR", str(tmp_path / "cache"))
    return root


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of the pages that are read from now on."""
    found: list[str] = []
    real = files.Reader.read

    def reading(self: files.Reader, path: str, *, limit: int) -> tuple[bytes, files.Stamp | None]:
        found.append(path)
        return real(self, path, limit=limit)

    monkeypatch.setattr(files.Reader, "read", reading)
    monkeypatch.setattr(workers, "processors", lambda: 1)
    return found


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_second_run_reads_no_page(wiki: Path, call: Call, read: list[str], command: tuple[str, ...]) -> None:
    call("backfill")
    told = call(*command)
    assert read
    read.clear()
    assert call(*command) == told
    if "--init" not in command:
        # Each change is proven together with all others.
        assert read == []


@pytest.mark.parametrize("command", [("backfill", "--check"), ("cite",)], ids=" ".join)
def test_a_run_after_a_change_reads_what_changed(
    wiki: Path, call: Call, read: list[str], command: tuple[str, ...]
) -> None:
    call("backfill")
    call(*command)
    page = wiki / "goals.md"
    page.write_text(page.read_text().replace("See (Shah 2023)", "Look: (Shah 2023)"))
    read.clear()
    with_cache = call(*command)
    assert set(read) == {"goals.md"}
    assert call(*command, "--no-cache") == with_cache


@pytest.mark.parametrize(
    "command", [("lint", "--output-format", "json"), ("backfill", "--check", "--json")], ids=" ".join
)
def test_damage_that_takes_no_source_away_is_noticed(wiki: Path, call: Call, command: tuple[str, ...]) -> None:
    page = wiki / "perhaps.md"
    damaged = "---\ntitle: Risks\nauthors: [Hubinger\nyear: 2019\ntype: source\n---\n\n# A note\n"
    page.write_text("# Perhaps\n\nNo note yet.\n")
    call("backfill")
    (wiki / "refs.bib").write_text(REFERENCES.split("\n", 1)[1])
    for text, is_lost in (("# Perhaps\n", False), (damaged, True), ("# No note\n", False)):
        page.write_text(text)
        told = call(*command)
        assert ("would be lost" in told[1]) == is_lost
        assert told == call(*command, "--no-cache")


def _retitle(wiki: Path, _rng: random.Random) -> None:
    note = wiki / "notes/stiennon.md"
    note.write_text(NOTE.replace("Summarize", "Sum Up"))


def _break(wiki: Path, rng: random.Random) -> None:
    path = wiki / rng.choice(["refs.bib", "own.bib"])
    path.write_text(path.read_text().replace("}", "", 1))


def _drop_a_source(wiki: Path, _rng: random.Random) -> None:
    (wiki / "refs.bib").write_text(REFERENCES.split("\n", 1)[1])


def _restore(wiki: Path, _rng: random.Random) -> None:
    (wiki / "refs.bib").write_text(REFERENCES)
    (wiki / "notes/stiennon.md").write_text(NOTE)


def _change_a_page(wiki: Path, rng: random.Random) -> None:
    page = wiki / rng.choice(sorted(PAGES))
    lines = page.read_text().splitlines(keepends=True)
    at = rng.randrange(len(lines) + 1)
    page.write_text("".join((*lines[:at], rng.choice(["(Shah 2023)\n", "[[stiennon]]\n", "x\n"]), *lines[at + 1 :])))


def _add_or_take_a_page(wiki: Path, _rng: random.Random) -> None:
    page = wiki / "stiennon.md"
    page.unlink() if page.exists() else page.write_text("# Another\n")


def _silence(wiki: Path, rng: random.Random) -> None:
    page = wiki / rng.choice(["risks.md", "goals.md"])
    page.write_text("<!-- wikitools-disable stale-sources -->\n" + page.read_text())


def _write(_wiki: Path, _rng: random.Random) -> None:
    """Change nothing by hand: `backfill` itself writes."""


EDITS: tuple[Callable[[Path, random.Random], None], ...] = (
    _retitle,
    _break,
    _drop_a_source,
    _restore,
    _change_a_page,
    _change_a_page,
    _add_or_take_a_page,
    _silence,
    _write,
)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))])
def test_whatever_changes_it_says_what_it_says_without_a_cache(wiki: Path, call: Call, seed: int) -> None:
    rng = random.Random(seed)
    call("backfill")
    for _number in range(8):
        edit = rng.choice(EDITS)
        edit(wiki, rng)
        if edit is _write:
            call("backfill")
        for command in rng.sample(COMMANDS, 4):
            assert call(*command) == call(*command, "--no-cache"), (edit, command)
