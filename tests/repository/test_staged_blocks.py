"""Which blocks `wikitools backfill --staged` changes: those that the next commit concerns."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from git_wiki import commit, git_in, write

from wikitools.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")]

ENTRY = "@article{%s, author = {%s}, title = {On %s}, year = {2019}, url = {https://example.org/%s}}\n"
ORR, PIM = (ENTRY % (name.lower(), name, what, name) for name, what in (("Orr", "kelp"), ("Pim", "moss")))
EMPTY = "## Sources cited\n\n<!-- wikitools:sources -->\n<!-- /wikitools:sources -->\n"
FRESH = {"refs.bib": ORR + PIM}
PAGES = {f"{name}.md": f"# {name}\n\nSee (Orr 2019).\n\n{EMPTY}" for name in ("one", "two")}
NOTE = "---\ntitle: On moss\nauthors: [Pim]\nyear: 2019\nurl: https://example.org/m\n---\n\n# On moss\n"


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wiki whose blocks are up to date, but for the one of `old.md`."""
    root = tmp_path / "wiki"
    root.mkdir()
    git_in(root, "init", "-q")
    write(root, FRESH | PAGES)
    monkeypatch.chdir(root)
    assert run(["backfill", "-q"]) == 0
    write(root, {"old.md": f"# Old\n\nSee (Orr 2019) and (Pim 2019).\n\n{EMPTY}"})
    commit(root, "first")
    return root


@pytest.mark.parametrize(
    ("staged", "updated"),
    [
        ({"one.md": f"# One\n\nSee (Pim 2019).\n\n{EMPTY}"}, {"one.md"}),
        ({"old.md": f"# Old\n\nSee (Orr 2019).\n\n{EMPTY}"}, {"old.md"}),
        # What it says of Orr's work is on two pages; the third has been out of date before.
        ({"refs.bib": ORR.replace("kelp", "algae") + PIM}, {"one.md", "two.md"}),
        ({"refs.bib": ORR + PIM.replace("moss", "fern")}, set()),
        ({"refs.bib": PIM}, {"one.md", "two.md"}),
        ({"picture.svg": "<svg/>"}, set()),
        # The settings are those of today, for the state before, too.
        ({"wikitools.toml": '[block]\nintro = "Read them."\n'}, {"one.md", "two.md", "old.md"}),
        # In a hook that runs on all files, nothing is staged.
        ({}, {"old.md"}),
    ],
)
def test_a_commit_updates_the_blocks_that_it_concerns(
    staged: Mapping[str, str], updated: set[str], wiki: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(wiki, staged)
    git_in(wiki, "add", "-A")
    # Neither staged nor known to git.
    write(wiki, {"new.md": f"# New\n\nSee (Orr 2019).\n\n{EMPTY}"})
    before = {path.name: path.read_text() for path in wiki.glob("*.md")}
    assert run(["backfill", "--staged", "--check"]) == int(bool(updated))
    out = capsys.readouterr().out
    assert {path for path in before if path in out} == updated
    assert run(["backfill", "--staged"]) == 0
    assert {path for path, text in before.items() if (wiki / path).read_text() != text} == updated


def test_a_deleted_source_note_and_a_renamed_page(wiki: Path) -> None:
    write(wiki, {"moss.md": NOTE, "refs.bib": ORR, "three.md": f"# Three\n\nSee (Pim 2019).\n\n{EMPTY}"})
    assert run(["backfill", "-q", "three.md"]) == 0
    commit(wiki, "a note")
    git_in(wiki, "rm", "-q", "moss.md")
    git_in(wiki, "mv", "one.md", "renamed.md")
    assert run(["backfill", "--staged", "--check", "renamed.md"]) == 0
    assert run(["backfill", "--staged", "-q"]) == 0
    assert "On moss" not in (wiki / "three.md").read_text()
    assert (wiki / "old.md").read_text().endswith(EMPTY)
