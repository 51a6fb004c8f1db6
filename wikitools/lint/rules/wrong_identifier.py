"""The rule wrong-identifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.lint.usage import judged, place_of
from wikitools.sources.identifiers import named_identifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Source


@rule(group="registries", severity=Severity.ERROR, since="0.1.0", needs_registries=True, default=False)
def wrong_identifier(source: Source, facts: Facts) -> Iterator[Finding]:
    """An entry has the DOI or arXiv id of another work.

    The reader's click opens something else, and every program that uses identifiers takes the entry for that other
    work. Usually a line was copied from the entry above. An identifier belongs to another work if the registry has
    another title for it, and another first author or year; or if it is that of a notice about the work, such as a
    correction or a retraction.

    ```wiki
    -- references.bib --
    @article{doe2020,
      author = {Doe, Jane},
      title = {A Study of Sheep},
      year = {2020},
      doi = {10.1038/nature14539},
             ^^^^^^^^^^^^^^^^^^^ the DOI 10.1038/nature14539 belongs to "Deep learning" (LeCun 2015)
    }
    -- registry.toml --
    ["doi:10.1038/nature14539"]
    title = "Deep learning"
    names = ["LeCun, Yann"]
    year = "2015"
    ```

    A title without its subtitle:

    ```wiki
    -- references.bib --
    @book{bostrom2014, author = {Bostrom, Nick}, title = {Superintelligence}, year = {2014}, doi = {10.5555/super}}
    -- registry.toml --
    ["doi:10.5555/super"]
    title = "Superintelligence: Paths, Dangers, Strategies"
    names = ["Bostrom, Nick"]
    year = "2014"
    ```
    """
    from wikitools.sources.verdict import WrongIdentifier

    said = judged(source, facts)
    if said is not None and isinstance(said.verdict, WrongIdentifier):
        verdict = said.verdict
        what, value = named_identifier(verdict.identifier)
        record = verdict.record
        names = record.names or record.editors
        by = " ".join(part for part in (names[0].family if names else "", record.year) if part)
        yield Finding(
            span=place_of(source, facts, value),
            message=f"the {what} {value} belongs to {quoted(record.title)}{f' ({by})' if by else ''}",
            subject=verdict.identifier,
        )
