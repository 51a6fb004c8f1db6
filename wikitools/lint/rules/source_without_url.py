"""The rule source-without-url."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.lint.usage import citing_pages, identity, place_of, scopes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Source
    from wikitools.wiki.wiki import Wiki


@rule(
    group="bibliography",
    severity=Severity.INFO,
    since="0.1.0",
    needs_sources=True,
    default=False,
    counts_citations=True,
)
def source_without_url(wiki: Wiki, facts: Facts) -> Iterator[Finding]:
    """A source that pages cite has no URL, DOI or arXiv id.

    The page's list of sources can name such a source but not link to it. Usually nobody copied the address from the
    publisher's page. Off by default: books and old papers often have no address. Select the rule (or run `wikitools bib
    check`) while you work on the bibliography. Letters, interviews and manuscripts have no address and are not
    reported, nor is a source whose note or other entry has one.

    ```wiki
    -- index.md --
    See (Shah 2023).
    -- references.bib --
    @article{shah2023,
             ^^^^^^^^ "shah2023" is cited on 1 page but has no URL, DOI or arXiv id
      author = {Shah, Rohin},
      title = {Goals},
      year = {2023},
    }
    ```

    A source without citations, sources with an identifier, and a source whose note has an address:

    ```wiki
    -- index.md --
    See (Greenblatt et al. 2024), (Hubinger et al. 2019) and (Roe 2001).
    -- hubinger.md --
    ---
    title: Risks from Learned Optimization
    citekey: hubinger2019
    authors: [Evan Hubinger, Chris van Merwijk, Vladimir Mikulik]
    year: 2019
    url: https://example.org/risks
    ---
    -- references.bib --
    @article{greenblatt2024,
      author = {Greenblatt, Ryan and Denison, Carson and Wright, Benjamin},
      title = {Alignment Faking},
      year = {2024},
      doi = {10.1000/182},
    }
    @article{hubinger2019,
      author = {Hubinger, Evan and van Merwijk, Chris and Mikulik, Vladimir},
      title = {Risks from Learned Optimization},
      year = {2019},
    }
    @unpublished{roe2001, author = {Roe, Richard}, title = {Notes}, year = {2001}}
    @book{doe1999, author = {Doe, Jane}, title = {Apples}, year = {1999}}
    ```
    """
    from wikitools.sources.same_work import group_works

    used = citing_pages(facts)
    seen: set[tuple[object, str]] = set()
    for sources in scopes(facts):
        for group in group_works(sources):
            if any(_has_address(source) for source in group):
                continue
            # One entry speaks for the work.
            source = next((source for source in group if identity(source) in used), None)
            if source is None or source.kind in _WITHOUT or identity(source) in seen:
                continue
            seen.add(identity(source))
            count = len(used[identity(source)])
            name = source.key or source.title
            yield Finding(
                span=place_of(source, facts),
                message=f"{quoted(name)} is cited on {count} page{'s' * (count != 1)} but has no URL, DOI or arXiv id",
                subject=name,
            )


def _has_address(source: Source) -> bool:
    return bool(source.url or source.doi or source.arxiv)


_WITHOUT = frozenset({"personal_communication", "manuscript", "interview"})
