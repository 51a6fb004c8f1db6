"""The rule citation-year-mismatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Related, Severity, listed, quoted, rule
from wikitools.text import Edit, Fix, Safety, Span
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.cite.citation import Citation, Cited
    from wikitools.lint.facts import Facts
    from wikitools.sources.source import Source


@rule(
    group="citations",
    severity=Severity.WARNING,
    since="0.1.0",
    told_once=3,
    recurring="several citations say so: perhaps they mean another work, or the source's year is wrong",
)
def citation_year_mismatch(cited: Cited, facts: Facts) -> Iterator[Finding]:
    """A citation names the authors of a source, but its year is one off.

    The reader looks for a work that does not exist. Usually one year is that of the preprint and the other that of the
    journal: give the source both (`date` and `eventdate`), or correct the citation. It may also be another work by the
    same authors that is missing from the bibliography. So the citation is not matched to the source, and unless a link
    decides, it is reported only if it names several authors or if the first author has no other work.
    `unmatched-citation` does not report these citations again. If three or more citations
    print the same year, that is hardly a typo, so no repair is offered; nor is one from "et al." to a work by two.

    ```wiki
    -- index.md --
    Learned optimizers may deceive (Hubinger et al. 2020, §4).
                                    ^^^^^^^^^^^^^^^^^^^^ these authors have no source from 2020; hubinger2019 is from 2019
    A link says which work is meant: [Greenblatt et al. 2023](https://example.org/faking).
                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the linked source greenblatt2024 is from 2024, not 2023
    -- references.bib --
    @article{hubinger2019,
      author = {Hubinger, Evan and van Merwijk, Chris and Mikulik, Vladimir},
      title = {Risks from Learned Optimization},
      year = {2019},
    }
    @article{greenblatt2024,
      author = {Greenblatt, Ryan and Denison, Carson and Wright, Benjamin},
      title = {Alignment Faking},
      year = {2024},
      url = {https://example.org/faking},
    }
    -- index.md, fixed unsafely --
    Learned optimizers may deceive (Hubinger et al. 2019, §4).
    A link says which work is meant: [Greenblatt et al. 2024](https://example.org/faking).
    ```

    "Et al." stands for more than one author, so this may be another work, and the year stays:

    ```wiki
    -- index.md --
    It was shown again (Ash et al. 2018).
                        ^^^^^^^^^^^^^^^ these authors have no source from 2018; ash2019 is from 2019
    -- references.bib --
    @article{ash2019, author = {Ash, Bo and Elm, Cy}, title = {Sand}, year = {2019}}
    -- index.md, fixed unsafely --
    It was shown again (Ash et al. 2018).
    ```

    A year two off, or other authors, mean another work. A source may also have several correct years:

    ```wiki
    -- index.md --
    Compare (Hubinger et al. 2017; Hubinger 2020), (Meinke 2024) and (Meinke 2025).
    -- references.bib --
    @article{hubinger2019,
      author = {Hubinger, Evan and van Merwijk, Chris and Mikulik, Vladimir},
      title = {Risks from Learned Optimization},
      year = {2019},
    }
    @article{meinke2025,
      author = {Meinke, Alexander},
      title = {Frontier Models},
      year = {2025},
      eprint = {2412.04984},
      archiveprefix = {arXiv},
    }
    ```
    """
    from wikitools.cite.near_misses import near_in_year

    citation = cited.citation
    near = near_in_year(cited, facts.bibliography_of(citation.span.path))
    if not near:
        return
    years = {source.key: _nearest_year(citation, source) for source in near}
    linked = isinstance(cited.resolution, Found)
    # "Orr et al." hardly means a work by two.
    likely = (
        linked or not citation.et_al or any(len(source.names) > _FEW or "others" in source.fields for source in near)
    )
    if linked:
        message = f"the linked source {near[0].key} is from {years[near[0].key]}, not {citation.year}"
    else:
        told = listed([f"{key} is from {year}" for key, year in years.items()])
        message = f"these authors have no source from {citation.year}; {told}"
    yield Finding(
        span=citation.span,
        message=message,
        subject=citation.text,
        fix=_fix(citation, years[near[0].key], facts) if likely and len(set(years.values())) == 1 else None,
        related=tuple(Related(source.span, f"{source.key}: {source.title}") for source in near),
    )


_FEW = 2
"""Authors of a work for which "et al." is unusual."""


def _nearest_year(citation: Citation, source: Source) -> str:
    return min((each for each in source.years if each.isdigit()), key=lambda each: abs(int(each) - int(citation.year)))


def _fix(citation: Citation, year: str, facts: Facts) -> Fix | None:
    written = citation.span.of(facts.text_of(citation.span.path))
    label = written
    if citation.url and (bracket := written.rfind("](")) >= 0:
        label = written[:bracket]
    # A letter belongs to the printed year, and a year in the link's target leads somewhere.
    if citation.suffix or label.count(citation.year) != 1:
        return None
    start = citation.span.start + label.index(citation.year)
    edit = Edit(Span(citation.span.path, start, start + len(citation.year)), year)
    return Fix(f"write {quoted(year)}", (edit,), Safety.UNSAFE)
