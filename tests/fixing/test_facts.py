"""The bibliographies of a page, and the time that facts take."""

from __future__ import annotations

import time

import pytest
from growth import is_linear

from wikitools.lint.facts import facts_of, own_bibliography_paths
from wikitools.lint.fix.fixing import (
    Policy,
    lint,
)
from wikitools.markdown.parse import parse

# Facts


@pytest.mark.parametrize(
    ("written", "path", "expected"),
    [
        ("refs.bib", "a.md", ("refs.bib",)),
        ("refs.bib", "notes/a.md", ("notes/refs.bib",)),
        ("../refs.bib", "notes/a.md", ("refs.bib",)),
        ("/refs.bib", "notes/a.md", ("refs.bib",)),
        ("[one.bib, two.json, one.bib]", "a.md", ("one.bib", "two.json")),
        ("../refs.bib", "a.md", ()),
        ("../../etc/x.bib", "notes/a.md", ()),
        ("https://example.org/refs.bib", "a.md", ()),
        ("[1, null, '']", "a.md", ()),
        ("", "a.md", ()),
    ],
)
def test_bibliographies_named_in_front_matter(written: str, path: str, expected: tuple[str, ...]) -> None:
    page = parse(path, f"---\nbibliography: {written}\n---\n")
    assert own_bibliography_paths(page) == expected


@pytest.mark.slow
def test_time_is_linear_in_pages_and_links() -> None:
    def seconds(pages: int) -> float:
        files = {f"p{number}.md": f"[[p{number + 1}]] [[p{number}#x]] [[q{number}]]\n" * 4 for number in range(pages)}
        facts = facts_of(files)
        begin = time.process_time()
        lint(facts, Policy(select=("broken-anchor", "ambiguous-wikilink", "suppressions")))
        return time.process_time() - begin

    assert is_linear(seconds, 200, times=8)
