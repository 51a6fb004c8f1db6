"""The rule uncited-source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.lint.usage import citing_pages, identity, place_of
from wikitools.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.wiki.wiki import Wiki


@rule(
    group="bibliography",
    severity=Severity.INFO,
    since="0.1.0",
    needs_sources=True,
    default=False,
    counts_citations=True,
)
def uncited_source(wiki: Wiki, facts: Facts) -> Iterator[Finding]:
    """No page cites an entry of the bibliography, or a source note.

    Readers never see the source, and you maintain it for nothing, or a page meant to cite it and does not. Off by
    default: a bibliography is often a library of works that may be cited one day. Select the rule (or run `wikitools
    bib check`) to find entries that can go. Works that Pandoc's `nocite` names count as cited; so do an entry whose
    work is cited through its note or another entry, the volume that a cited chapter takes fields from, and every
    candidate of an ambiguous citation.

    ```wiki
    -- index.md --
    It came (Greenblatt et al. 2024).
    -- references.bib --
    @article{greenblatt2024,
      author = {Greenblatt, Ryan and Denison, Carson and Wright, Benjamin},
      title = {Alignment Faking},
      year = {2024},
    }
    @article{hubinger2019,
             ^^^^^^^^^^^^ no page cites "hubinger2019"
      author = {Hubinger, Evan},
      title = {Risks from Learned Optimization},
      year = {2019},
    }
    ```

    Cited by name, through its note, through `nocite`, and as the volume of a cited chapter:

    ```wiki
    -- index.md --
    ---
    nocite: |
      @hubinger2019
    ---
    See [[shah2023]] and [@doe2020].
    -- shah2023.md --
    ---
    title: Goals
    authors: [Rohin Shah]
    year: 2023
    ---
    -- references.bib --
    @article{hubinger2019, author = {Hubinger, Evan}, title = {Risks from Learned Optimization}, year = {2019}}
    @article{shah-goals, author = {Shah, Rohin}, title = {Goals}, year = {2023}, key = {x}}
    @incollection{doe2020, author = {Doe, Jane}, title = {Apples}, crossref = {fruit}}
    @collection{fruit, editor = {Roe, Richard}, title = {Fruit}, year = {2020}}
    ```
    """
    used = citing_pages(facts)
    for source in facts.each(Source):
        if identity(source) not in used:
            name = source.key or source.title
            yield Finding(span=place_of(source, facts), message=f"no page cites {quoted(name)}", subject=name)
