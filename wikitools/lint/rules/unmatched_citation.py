"""The rule unmatched-citation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.wiki.resolution import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.cite.citation import Citation, Cited
    from wikitools.lint.facts import Facts


@rule(group="citations", severity=Severity.WARNING, since="0.1.0", told_once=3)
def unmatched_citation(cited: Cited, facts: Facts) -> Iterator[Finding]:
    """A citation fits no source of the bibliography.

    The reader cannot find the work, and the page's list of sources leaves it out. Usually the work is missing from the
    bibliography, or the name or year is mistyped. A year that is clearly one off is reported by
    `citation-year-mismatch` instead, a typo in a name by `citation-misspelled`. A wiki without any bibliography is
    reported once, by `no-bibliography`.

    ```wiki
    -- index.md --
    Learned optimizers may deceive (Hubinger et al. 2019; Nobody 2020).
                                                          ^^^^^^^^^^^ no source fits "Nobody 2020"
    -- references.bib --
    @article{hubinger2019,
      author = {Hubinger, Evan and van Merwijk, Chris and Mikulik, Vladimir},
      title = {Risks from Learned Optimization},
      year = {2019},
    }
    ```

    A key that is almost one from the bibliography:

    ```wiki
    -- index.md --
    Learned optimizers may deceive [@hubingr2019; @nobody2020].
                                    ^^^^^^^^^^^^ no source fits "@hubingr2019"; did you mean "hubinger2019"?
                                                  ^^^^^^^^^^^ no source fits "@nobody2020"
    -- references.bib --
    @article{hubinger2019,
      author = {Hubinger, Evan},
      title = {Risks from Learned Optimization},
      year = {2019},
    }
    ```

    Citations that fit, text that is not a citation, code, and citations that other rules report:

    ```wiki
    -- index.md --
    Hubinger et al. (2019) coined it in June (March 2019 at the latest): `(Nobody 2020)`.
    See (Hubinger et al. 2020) and (Hubingr et al. 2019).
    -- references.bib --
    @article{hubinger2019,
      author = {Hubinger, Evan and van Merwijk, Chris and Mikulik, Vladimir},
      title = {Risks from Learned Optimization},
      year = {2019},
    }
    ```
    """
    from wikitools.cite.meanings import NO_SOURCE
    from wikitools.cite.near_misses import near_in_key, near_in_name, near_in_year

    resolution = cited.resolution
    citation = cited.citation
    if not isinstance(resolution, Missing) or not cited.convincing:
        return
    bibliography = facts.bibliography_of(citation.span.path)
    if bibliography.is_empty or near_in_year(cited, bibliography) or near_in_name(cited, bibliography):
        return
    if resolution.why == NO_SOURCE:
        yield Finding(
            span=citation.span,
            message=f"{quoted(citation.text)} means {quoted(cited.losers[0][0])} by the configuration, and no source has "
            "this key",
            subject=citation.text,
        )
        return
    near = near_in_key(cited, bibliography) or next(iter(resolution.near), "")
    guess = f"; did you mean {quoted(near)}?" if near else ""
    yield Finding(
        span=citation.span,
        message=f"no source fits {quoted(_wanted(citation))}{guess}",
        subject=citation.text,
        help="add this name to the source's aliases" if near and citation.kind == "named" else "",
    )


def _wanted(citation: Citation) -> str:
    """Return what is wanted: the citation's text, or for the "b" of "Zhou 2019a,b" the names before it and the year."""
    if not citation.names or any(name in citation.text for name in citation.names):
        return citation.text
    if citation.et_al:
        names = ", ".join(citation.names) + " et al."
    else:
        names = " & ".join(citation.names) if len(citation.names) < 3 else ", ".join(citation.names)
    return f"{names} {citation.year}{citation.suffix}"
