"""The rule duplicate-source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Related, Severity, quoted, rule
from wikitools.lint.usage import form_of, identity, place_of, scopes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.wiki.wiki import Wiki


@rule(group="bibliography", severity=Severity.WARNING, since="0.1.0", needs_sources=True)
def duplicate_source(wiki: Wiki, facts: Facts) -> Iterator[Finding]:
    """The bibliography holds one work twice, under two keys.

    Corrections reach only one of the entries, and a citation by one key does not show what else is cited from the work.
    Two entries are the same work if they have the same DOI or arXiv id; the same address and title; or the same title,
    first author and year, while nothing else (volume, issue, pages, edition, another DOI) distinguishes them. One of
    two books may lack the subtitle. A source note does not duplicate the entry that it describes, and the same entry in
    a file of another format is an export.

    ```wiki
    -- references.bib --
    @article{hubinger2019,
      author = {Hubinger, Evan and van Merwijk, Chris},
      title = {Risks from Learned Optimization},
      year = {2019},
      doi = {10.48550/arXiv.1906.01820},
    }
    @misc{risks,
          ^^^^^ duplicate of hubinger2019: same arXiv id
      author = {Hubinger, E.},
      title = {Risks from learned optimization in advanced systems},
      url = {https://arxiv.org/abs/1906.01820v3},
    }
    @article{hubinger-risks,
             ^^^^^^^^^^^^^^ duplicate of hubinger2019: same title, first author and year
      author = {E. Hubinger},
      title = {{Risks from learned optimization}},
      year = 2019,
    }
    ```

    Two volumes, two editorials, and a note with its entry:

    ```wiki
    -- sources/shah2023.md --
    ---
    title: Goals and how they go wrong
    authors: [Rohin Shah]
    year: 2023
    ---
    -- references.bib --
    @book{knuth1, author = {Knuth, Donald}, title = {The Art of Programming}, volume = {1}, year = 1997}
    @book{knuth2, author = {Knuth, Donald}, title = {The Art of Programming}, volume = {2}, year = 1997}
    @article{doe1, author = {Doe, Jane}, title = {Editorial}, year = 1997}
    @article{doe2, author = {Doe, Jane}, title = {Editorial}, year = 1997}
    @article{shah-goals, author = {Shah, Rohin}, title = {Goals and how they go wrong}, year = 2023}
    ```
    """
    from wikitools.sources.same_work import find_twins

    seen: set[tuple[object, str]] = set()
    for sources in scopes(facts):
        for twin in find_twins(sources, lambda source: form_of(source, facts)):
            if identity(twin.source) in seen:
                continue
            seen.add(identity(twin.source))
            where = "" if twin.first.span.path == twin.source.span.path else f" in {twin.first.span.path}"
            yield Finding(
                span=place_of(twin.source, facts),
                message=f"duplicate of {twin.first.key}{where}: same {twin.evidence}",
                subject=twin.source.key,
                help=f"merge the entries, or correct the {twin.evidence}",
                related=(Related(place_of(twin.first, facts), f"{twin.first.key}: {quoted(twin.first.title)}"),),
            )
