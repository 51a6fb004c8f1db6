"""The rule retracted-source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, rule
from wikitools.lint.usage import citing_pages, identity, judged, place_of
from wikitools.sources.record import RETRACTED, WITHDRAWN, gravest
from wikitools.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.wiki.wiki import Wiki


@rule(
    group="registries", severity=Severity.ERROR, since="0.1.0", needs_sources=True, needs_registries=True, default=False
)
def retracted_source(wiki: Wiki, facts: Facts) -> Iterator[Finding]:
    """A work was retracted, or withdrawn by its authors.

    Pages that rely on the work have lost their evidence, so the finding names them. Publishers and Retraction Watch
    report retractions through Crossref; on arXiv, authors withdraw a paper themselves.

    ```wiki
    -- references.bib --
    @article{wakefield1998, author = {Wakefield, A.}, title = {Ileal hyperplasia}, year = {1998}, doi = {10.5555/w}}
             ^^^^^^^^^^^^^ this work is retracted (10.5555/notice); cited on vaccines.md
    -- vaccines.md --
    It was claimed early (Wakefield 1998).
    -- registry.toml --
    ["doi:10.5555/w"]
    title = "RETRACTED: Ileal hyperplasia"
    names = ["Wakefield, A."]
    year = "1998"
    retracted = "10.5555/notice"
    ```

    A work that was corrected, not retracted:

    ```wiki
    -- references.bib --
    @article{doe2001, author = {Doe, J.}, title = {On Sheep}, year = {2001}, doi = {10.5555/1}}
    -- registry.toml --
    ["doi:10.5555/1"]
    title = "On Sheep"
    names = ["Doe, J."]
    year = "2001"
    corrected = "10.5555/2"
    ```
    """
    words = {RETRACTED: "is retracted", WITHDRAWN: "was withdrawn by its authors"}
    pages = citing_pages(facts)
    for source in facts.each(Source):
        said = judged(source, facts)
        notice = gravest(said.notices, words) if said is not None else None
        if notice is not None:
            about = ", ".join(part for part in (notice.date, notice.doi) if part)
            yield Finding(
                span=place_of(source, facts, source.key),
                message=f"this work {words[notice.kind]}{f' ({about})' if about else ''}"
                f"{_cited_on(sorted(pages.get(identity(source), ())))}",
                subject=source.doi or source.arxiv,
            )


def _cited_on(pages: list[str]) -> str:
    """Return which pages rest on a work, in words; "" for none."""
    if not pages:
        return ""
    more = f" and {len(pages) - _NAMED} more" if len(pages) > _NAMED else ""
    return f"; cited on {', '.join(pages[:_NAMED])}{more}"


_NAMED = 5
