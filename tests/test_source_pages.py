"""Sources that pages are: found before pages are read, and right in the end even when the guess is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from wikitools import files
from wikitools.config import Settings
from wikitools.lint.policy import ALL, Policy
from wikitools.markdown.parse import read
from wikitools.project import checking, reading, source_pages, workers
from wikitools.sources.readers.notes import may_carry_sources, read_note, read_note_alone

if TYPE_CHECKING:
    from pathlib import Path

BIBTEX = "```bibtex\n@article{li2020, author = {Li, An}, title = {Seas}, year = {2020}}\n```\n"
CARRYING = {
    "title": "---\ntitle: On land\nauthors: [Henry George]\nyear: 1879\n---\n\nA book.\n",
    "heading": "---\nurl: https://example.org/a\n---\n\n# On land\n\n# Another\n",
    "heading at once": "---\nurl: https://example.org/a\n---\n# On *land* and `code`  \n\nText\n",
    "heading with a slash": "---\nurl: https://example.org/a\n---\n# Land  and/or & sea: (1879) \n",
    "heading with an address": "---\nurl: https://example.org/a\n---\n# See https://example.org/b #\n",
    "heading with a mark": "---\nurl: https://example.org/a\n---\n# On &amp; ==land== _and_ sea ^2\n",
    "odd names": "---\nURL: https://example.org/a\nTags: [a]\nYear: 1879\nTITLE: On land\n---\n# Sea\n",
    "heading with a link": "---\nurl: https://example.org/a\n---\n\n# On [land][1]\n\n[1]: b.md\n",
    "heading below": "---\nurl: https://example.org/a\n---\n\nText\n\nOn land\n=======\n",
    "heading in a fence": "---\ndoi: 10.1000/1\n---\n\n```\n# No\n```\n\n# On land\n",
    "no heading": "---\nsource_url: https://example.org/a\n---\n\n## On land\n",
    "line ends": "---\r\nurl: https://example.org/a\r\n---\r\n\r\n# On land\r\nText\r\n",
    "byte order mark": "\ufeff---\nCitekey: george1879\n---\n# On land",
    "fence": "# On seas\n\n" + BIBTEX,
    "quoted name": '---\n"url": https://example.org/a\n---\n# On land\n',
    "references": "---\nreferences:\n- id: george1879\n  title: On land\n---\n",
}


@pytest.mark.parametrize("name", CARRYING)
def test_a_look_finds_the_sources_that_reading_finds(name: str) -> None:
    data = CARRYING[name].encode()
    found, _problems = read_note(read("a.md", data))
    assert found
    assert may_carry_sources("a.md", data)
    assert read_note_alone("a.md", data) == found


@pytest.mark.parametrize(
    "text", ["", "# On land\n", "---\ntitle: On land\ntags: [a]\n---\n\nurl: x\n", "```python\nx\n```\n"]
)
def test_ordinary_pages_carry_nothing(text: str) -> None:
    assert not may_carry_sources("a.md", text.encode())


def test_pages_named_after_a_key_may_carry_a_source() -> None:
    assert may_carry_sources("notes/@doe2020.md", b"# Tides\n")


def write_wiki(root: Path, pages: int) -> Settings:
    """Write a wiki in which every other page is a source and each cites another."""
    for number in range(pages):
        head = f"---\nauthors: [Ann Author{number}]\nyear: 2019\n---\n" if number % 2 else ""
        text = f"{head}# Page {number}\n\nAs (Author{number + 1}, 2019) says, unlike (Author{number}, 2018).\n"
        (root / f"p{number}.md").write_text(text)
    return Settings(root=root)


def findings(settings: Settings, phases: list[str]) -> list[str]:
    """Return what a check finds, and add the phases it goes through."""
    checked = checking.check(
        settings, Policy(select=(ALL,)), jobs=1, progress=lambda phase, _done, _total: phases.append(phase)
    )
    return list(map(repr, checked.outcome.diagnostics))


@pytest.mark.parametrize("pages", [7, pytest.param(450, marks=pytest.mark.slow)])
def test_citations_are_matched_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    settings = write_wiki(tmp_path, pages)
    phases: list[str] = []
    found = findings(settings, phases)
    assert "looking for sources" in phases
    assert "matching citations" not in phases

    def nothing(_job: Any, _paths: Any) -> dict[str, Any]:
        return {}

    monkeypatch.setattr(reading, "find_sources", nothing)
    assert findings(settings, phases) == found
    assert "matching citations" in phases


@pytest.mark.parametrize(
    ("rules", "sources", "packed"),
    [
        (("uncited-source",), True, True),
        (("duplicate-key", "no-bibliography", "unmatched-citation"), True, False),
        (("no-bibliography",), False, True),
    ],
)
def test_citations_are_kept_for_rules_that_count_them(
    tmp_path: Path, rules: tuple[str, ...], sources: bool, packed: bool
) -> None:
    settings = write_wiki(tmp_path, 9)
    if not sources:
        for page in tmp_path.glob("p?.md"):
            page.write_text("Seas rise [@doe2020].\n")
    job = checking.Job(settings, Policy(select=rules), lambda _inventory, _own: None, 1, workers.silent, None, None)
    done = checking.Check(job)
    with_all = checking.check(settings, Policy(select=(*rules, "uncited-source")), jobs=1)
    told = [each for each in done.run().outcome.diagnostics if each.rule in rules]
    assert told == [each for each in with_all.outcome.diagnostics if each.rule in rules]
    assert {each.cites[2] is not None for each in done.seen.values()} == {packed}
    # Asking anyway gets the same answer.
    assert any(done.facts.cited[path] for path in done.seen)


def test_a_wrong_guess_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = write_wiki(tmp_path, 9)
    found = findings(settings, [])

    def wrong(job: Any, paths: Any) -> dict[str, Any]:
        sources = source_pages.find_sources(job, paths)
        return {path: sources.get(path, sources["p1.md"]) for path in paths[:5]}

    monkeypatch.setattr(reading, "find_sources", wrong)
    assert findings(settings, []) == found


def test_a_wiki_without_sources_is_not_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(450):
        (tmp_path / f"p{number}.md").write_text(f"# Page {number}\n")
    asked: list[str] = []
    plain = source_pages.SourceFinder.__call__

    def counted(self: source_pages.SourceFinder, path: str) -> Any:
        asked.append(path)
        return plain(self, path)

    monkeypatch.setattr(source_pages.SourceFinder, "__call__", counted)
    findings(Settings(root=tmp_path), [])
    assert len(asked) < 230


def test_pages_that_cannot_be_read_carry_nothing(tmp_path: Path) -> None:
    assert source_pages.SourceFinder(Settings(root=tmp_path), None)("gone.md") is None
    with pytest.raises(files.FileError):
        files.read_bytes(tmp_path, "gone.md")
