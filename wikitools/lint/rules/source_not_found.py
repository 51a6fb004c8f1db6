"""The rule source-not-found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, rule
from wikitools.lint.usage import citing_pages, identity, judged, place_of
from wikitools.sources.verdict import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Source


@rule(group="registries", severity=Severity.WARNING, since="0.3.0", needs_registries=True, default=False)
def source_not_found(source: Source, facts: Facts) -> Iterator[Finding]:
    """No service knows a work that has no DOI or arXiv id.

    Invented references look like this, and so do reports, theses and talks that nobody catalogues: look for the work
    before you delete it. Only `wikitools bib verify --by-title` looks for works by their titles. Every service that
    could know the work must have answered that it does not; if one gives no answer, nothing is reported.

    ```wiki
    -- references.bib --
    @article{doe2020,
      author = {Doe, Jane},
      title = {A Study of Nothing},
               ^^^^^^^^^^^^^^^^^^ no service knows this work
      year = {2020},
    }
    -- registry.toml --
    ["title:A Study of Nothing"]
    ```

    A work that is known:

    ```wiki
    -- references.bib --
    @article{lecun2015, author = {LeCun, Yann}, title = {Deep learning}, year = {2015}, doi = {10.1038/nature14539}}
    -- registry.toml --
    ["doi:10.1038/nature14539"]
    title = "Deep learning"
    names = ["LeCun, Yann"]
    year = "2015"
    ```
    """
    said = judged(source, facts)
    if said is not None and isinstance(said.verdict, NotFound):
        pages = len(citing_pages(facts).get(identity(source), ()))
        rest = f", and {pages} page{'s' if pages > 1 else ''} cite{'' if pages > 1 else 's'} it" if pages else ""
        yield Finding(
            span=place_of(source, facts, source.title),
            message=f"no service knows this work{rest}",
            subject=source.key,
        )
