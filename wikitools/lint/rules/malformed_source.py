"""The rule malformed-source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Problem


@rule(group="bibliography", severity=Severity.ERROR, since="0.1.0", needs_sources=True)
def malformed_source(problem: Problem, facts: Facts) -> Iterator[Finding]:
    """An entry of a bibliography, or a source note, is damaged.

    All pages that cite the source lose it, or part of it; the other entries are still read. Usually a brace, a comma or
    a quote is missing.

    ```wiki
    -- references.bib --
    @article{greenblatt2024,
    ^^^^^^^^^ entry "greenblatt2024" is not closed: no "}" before the next entry or the end
      author = {Greenblatt, Ryan},
      title = {Alignment Faking
    }

    @article{hubinger2019,
      author = {Hubinger, Evan},
      title = {Risks from Learned Optimization},
      year = {2019},
    }
    ```

    An intact entry:

    ```wiki
    -- references.bib --
    @article{hubinger2019,
      author = {Hubinger, Evan},
      title = {Risks from {Learned} Optimization},
      year = 2019
    }
    ```
    """
    if problem.kind == "malformed-source":
        yield Finding(span=problem.span, message=problem.message)
