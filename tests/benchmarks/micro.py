"""Times the pure steps one by one on synthetic pages: parse, extract, match, resolve.

    pip install --group bench; pytest tests/benchmarks/micro.py [--benchmark-compare]

Not part of the test run: times are read, compared and never asserted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from synthetic import SyntheticWiki, make_words

from wikitools.cite.match import cite_page
from wikitools.lint.facts import Facts
from wikitools.lint.policy import Policy
from wikitools.lint.run import lint
from wikitools.markdown.page import Wikilink
from wikitools.markdown.parse import parse
from wikitools.sources.readers import read_bibliography
from wikitools.sources.source import Bibliography
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

    from wikitools.markdown.page import Page

PAGES = 200


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The files of a small wiki by path."""
    return dict(SyntheticWiki(PAGES, 1, make_words(1, 2000)).files())


@pytest.fixture(scope="module")
def pages(texts: dict[str, str]) -> list[Page]:
    """Its pages, parsed."""
    return [parse(path, text) for path, text in texts.items() if path.endswith(".md")]


@pytest.fixture(scope="module")
def bibliography(texts: dict[str, str]) -> Bibliography:
    """Its sources."""
    return Bibliography(read_bibliography("references.bib", texts["references.bib"])[0])


def test_parse(benchmark: BenchmarkFixture, texts: dict[str, str]) -> None:
    """Markdown to pages."""
    found = benchmark(lambda: [parse(path, text) for path, text in texts.items() if path.endswith(".md")])
    assert len(found) == PAGES


def test_read_bibliography(benchmark: BenchmarkFixture, texts: dict[str, str]) -> None:
    """2,000 BibTeX entries."""
    sources, problems = benchmark(read_bibliography, "references.bib", texts["references.bib"])
    assert len(sources) == 2000
    assert not problems


def test_match(benchmark: BenchmarkFixture, pages: list[Page], bibliography: Bibliography) -> None:
    """Prose to citations with their sources."""
    found = benchmark(lambda: [len(cite_page(page, bibliography, note_of=lambda _link: None)) for page in pages])
    assert sum(found) > PAGES


def test_resolve(benchmark: BenchmarkFixture, pages: list[Page]) -> None:
    """Every wikilink to its page and its anchor, the index included."""

    def resolve() -> int:
        wiki = Wiki(pages)
        links = [link for page in pages for link in page.links if isinstance(link, Wikilink)]
        targets = [(link, wiki.target_of(link)) for link in links]
        return sum(target is not None and wiki.resolve_anchor(link, target) is not None for link, target in targets)

    assert benchmark(resolve) > PAGES


def test_lint(benchmark: BenchmarkFixture, pages: list[Page]) -> None:
    """The rules about links and anchors over all pages."""
    outcome = benchmark(lambda: lint(Facts(Wiki(pages), Bibliography(())), Policy(select=("links", "anchors"))))
    assert outcome.diagnostics
