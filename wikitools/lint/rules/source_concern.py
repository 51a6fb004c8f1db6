"""The rule source-concern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, rule
from wikitools.lint.usage import judged, place_of
from wikitools.sources.record import CONCERN, CORRECTED, gravest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Source


@rule(group="registries", severity=Severity.INFO, since="0.1.0", needs_registries=True, default=False)
def source_concern(source: Source, facts: Facts) -> Iterator[Finding]:
    """A publisher has expressed concern about a work, or corrected it.

    If you rely on the work, read the notice: the correction may concern what you cite. Retractions have their own rule,
    [retracted-source](retracted-source.md).

    ```wiki
    -- references.bib --
    @article{doe2001, author = {Doe, J.}, title = {On Sheep}, year = {2001}, doi = {10.5555/1}}
             ^^^^^^^ the publisher has expressed concern about this work (10.5555/2)
    -- registry.toml --
    ["doi:10.5555/1"]
    title = "On Sheep"
    names = ["Doe, J."]
    year = "2001"
    concern = "10.5555/2"
    ```

    A work without any notice:

    ```wiki
    -- references.bib --
    @article{doe2001, author = {Doe, J.}, title = {On Sheep}, year = {2001}, doi = {10.5555/1}}
    -- registry.toml --
    ["doi:10.5555/1"]
    title = "On Sheep"
    names = ["Doe, J."]
    year = "2001"
    ```
    """
    said = judged(source, facts)
    words = {CONCERN: "the publisher has expressed concern about this work", CORRECTED: "this work was corrected"}
    notice = gravest(said.notices, words) if said is not None else None
    if notice is not None:
        about = ", ".join(part for part in (notice.date, notice.doi) if part)
        yield Finding(
            span=place_of(source, facts, source.key),
            message=f"{words[notice.kind]}{f' ({about})' if about else ''}",
            subject=f"{source.doi or source.arxiv} {notice.kind}",
        )
