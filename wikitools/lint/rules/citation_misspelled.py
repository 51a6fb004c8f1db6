"""The rule citation-misspelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Related, Severity, listed, quoted, rule
from wikitools.text import Edit, Fix, Safety, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wikitools.cite.citation import Citation, Cited
    from wikitools.lint.facts import Facts


@rule(group="citations", severity=Severity.WARNING, since="0.1.0", told_once=3)
def citation_misspelled(cited: Cited, facts: Facts) -> Iterator[Finding]:
    r"""A citation fits a source except for a typo in an author's name.

    The reader cannot find the work, and the page's list of sources leaves it out. A typo is one letter too many, too
    few, wrong or in the wrong position (two in long names). All other authors and the year must match, and the
    misspelled name must not be another first author in the bibliography. `unmatched-citation` does not report these
    citations again.

    ```wiki
    -- index.md --
    It came (Greenblat et al. 2024), as Langosco and Kohc (2022) said.
             ^^^^^^^^^^^^^^^^^^^^^ no source fits "Greenblat et al. 2024"; "Greenblat" is probably "Greenblatt"
                                        ^^^^^^^^^^^^^^^^^^^^^^^^ no source fits "Langosco and Kohc (2022)"; "Kohc" is probably "Koch"
    -- references.bib --
    @article{greenblatt2024,
      author = {Greenblatt, Ryan and Denison, Carson and Wright, Benjamin},
      title = {Alignment Faking},
      year = {2024},
    }
    @article{langosco2022,
      author = {Langosco, Lauro and Koch, Jack},
      title = {Goal Misgeneralization},
      year = {2022},
    }
    -- index.md, fixed unsafely --
    It came (Greenblatt et al. 2024), as Langosco and Koch (2022) said.
    ```

    Short names that differ in one letter are different people, and so are the authors of other works:

    ```wiki
    -- index.md --
    See (Chen 2020), (Hansen et al. 2019), and (Muller 2021).
    -- references.bib --
    @article{cheng2020,
      author = {Cheng, Ann},
      title = {Apples},
      year = {2020},
    }
    @article{hanson2019,
      author = {Hanson, Robin and Doe, Jane and Roe, Richard},
      title = {Pears},
      year = {2019},
    }
    @article{hansen2001,
      author = {Hansen, Lars},
      title = {Plums},
      year = {2001},
    }
    @article{mueller2021,
      author = {M{\"u}ller, Bo},
      title = {Figs},
      year = {2021},
    }
    ```
    """
    from wikitools.cite.near_misses import near_in_name

    citation = cited.citation
    near = near_in_name(cited, facts.bibliography_of(citation.span.path))
    if not near:
        return
    guesses = tuple(dict.fromkeys(slip for _source, slips in near for slip in slips))
    told = [f"{quoted(printed)} is probably {quoted(right)}" for printed, right in guesses]
    yield Finding(
        span=citation.span,
        message=f"no source fits {quoted(citation.text)}; {listed(told)}",
        subject=citation.text,
        fix=_fix(citation, near[0][1], facts) if len({slips for _source, slips in near}) == 1 else None,
        related=tuple(Related(source.span, f"{source.key}: {source.title}") for source, _slips in near),
    )


def _fix(citation: Citation, slips: Sequence[tuple[str, str]], facts: Facts) -> Fix | None:
    path, start = citation.span.path, citation.span.start
    written = citation.span.of(facts.text_of(path))
    edits: list[Edit] = []
    for printed, right in slips:
        at = written.find(printed)
        # A name that is wrapped over two lines, or occurs twice, is left to the author.
        if at < 0 or written.count(printed) > 1:
            return None
        edits.append(Edit(Span(path, start + at, start + at + len(printed)), right))
    return Fix(f"write {listed([quoted(right) for _printed, right in slips])}", tuple(edits), Safety.UNSAFE)
