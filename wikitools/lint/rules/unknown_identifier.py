"""The rule unknown-identifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, rule
from wikitools.lint.usage import judged, place_of
from wikitools.sources.identifiers import named_identifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Source


@rule(group="registries", severity=Severity.ERROR, since="0.1.0", needs_registries=True, default=False)
def unknown_identifier(source: Source, facts: Facts) -> Iterator[Finding]:
    """An entry has a DOI or arXiv id that does not exist.

    The reader's click goes nowhere, and perhaps the work does not exist either: invented references look like this.
    Harmless causes are a lost digit, or text that was copied with it: punctuation, "/full". Only the registry's own
    answer counts (doi.org, arXiv); if a registry cannot be reached, nothing is reported.

    ```wiki
    -- references.bib --
    @article{doe2020,
      author = {Doe, Jane},
      title = {A Study of Nothing},
      year = {2020},
      doi = {10.5555/none},
             ^^^^^^^^^^^^ doi.org has no DOI 10.5555/none
    }
    -- registry.toml --
    ["doi:10.5555/none"]
    ```

    An identifier that exists:

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
    from wikitools.sources.verdict import NoSuchIdentifier

    said = judged(source, facts)
    if said is not None and isinstance(said.verdict, NoSuchIdentifier):
        verdict = said.verdict
        what, value = named_identifier(verdict.identifier)
        yield Finding(
            span=place_of(source, facts, value),
            message=f"{verdict.by} has no {what} {value}",
            subject=verdict.identifier,
        )
