"""The rule ambiguous-citation."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Related, Severity, listed, quoted, rule
from wikitools.wiki.resolution import Ambiguous

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.cite.citation import Cited
    from wikitools.lint.facts import Facts

_SHOWN = 5
_MOST = 20


@rule(group="citations", severity=Severity.WARNING, since="0.1.0", told_once=3)
def ambiguous_citation(cited: Cited, facts: Facts) -> Iterator[Finding]:
    """A citation fits several sources, and nothing on the page says which one is meant.

    The reader has to guess. wikitools does not: it leaves the work out of the page's list of sources. Usually an author
    published twice in one year. Add the year's letter, a co-author, a key or a link.

    ```wiki
    -- index.md --
    It was found again (Smith 2020).
                        ^^^^^^^^^^ "Smith 2020" fits 2 sources: smith-apples, smith-pears
    -- references.bib --
    @article{smith-apples,
      author = {Smith, Ann},
      title = {Apples},
      year = {2020},
    }
    @article{smith-pears,
      author = {Smith, Bob},
      title = {Pears},
      year = {2020},
    }
    ```

    A co-author decides:

    ```wiki
    -- index.md --
    It was found again (Smith and Jones 2020).
    -- references.bib --
    @article{smith-apples,
      author = {Smith, Ann},
      title = {Apples},
      year = {2020},
    }
    @article{smith-pears,
      author = {Smith, Bob and Jones, Cy},
      title = {Pears},
      year = {2020},
    }
    ```
    """
    resolution = cited.resolution
    if not isinstance(resolution, Ambiguous):
        return
    citation = cited.citation
    # No more than these are named: there may be thousands, and thousands of citations of them.
    count = len(resolution.candidates)
    sources = resolution.candidates[:_MOST]
    keys = [source.key for source in sources]
    counts = Counter(keys)
    names = [
        key if counts[key] == 1 else f"{key} in {source.span.path}" for key, source in zip(keys, sources, strict=True)
    ]
    if count == 1:
        message = f"{quoted(citation.text)} is perhaps {names[0]}: {_DOUBTS.get(resolution.why, resolution.why)}"
    else:
        message = f"{quoted(citation.text)} fits {count} sources: {listed(names, more=count - len(names))}"
    yield Finding(
        span=citation.span,
        message=message,
        subject=citation.text,
        help="add the year's letter, a co-author, a key or a link",
        related=tuple(Related(source.span, f"{source.key}: {source.title}") for source in sources[:_SHOWN]),
    )


_DOUBTS = {
    "another-name-before-it": "another name stands before it",
    "its-letter-is-unknown": "nothing says that it has this letter",
    "may-be-a-date": "it may be a date",
    "may-have-appeared-elsewhere": "its entry names another journal or meeting",
    "may-have-come-out": "it has a year now",
    "names-no-more-authors": "it has one author",
    "particle-may-belong-to-the-name": "the particle may be part of the name",
    "weak-evidence": "nothing else on the page speaks for it",
}
"""Why a single source may not be meant."""
