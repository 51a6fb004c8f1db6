"""The rule citation-url-mismatch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Related, Severity, listed, quoted, rule
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.cite.citation import Cited
    from wikitools.lint.facts import Facts


@rule(group="citations", severity=Severity.WARNING, since="0.1.0")
def citation_url_mismatch(cited: Cited, facts: Facts) -> Iterator[Finding]:
    """A citation names one work, but its link points to another.

    wikitools trusts the link more, so the page's list of sources contains a work that the text does not name. Usually
    the address was copied from the line above. A link to a source's note counts as well.

    ```wiki
    -- index.md --
    It came [Greenblatt et al. 2024](https://arxiv.org/abs/1906.01820).
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "Greenblatt et al. 2024" is greenblatt2024, but the link leads to hubinger2019
    -- references.bib --
    @article{hubinger2019,
      author = {Hubinger, Evan and van Merwijk, Chris and Mikulik, Vladimir},
      title = {Risks from Learned Optimization},
      year = {2019},
      eprint = {1906.01820},
      archiveprefix = {arXiv},
    }
    @article{greenblatt2024,
      author = {Greenblatt, Ryan and Denison, Carson and Wright, Benjamin},
      title = {Alignment Faking},
      year = {2024},
    }
    ```

    A link that agrees, one that decides between works by the same authors, and one to a work that is not in the
    bibliography:

    ```wiki
    -- index.md --
    It came [Hubinger et al., 2019](https://arxiv.org/abs/1906.01820), [Hubinger et al. 2019](https://example.org/b),
    and [Greenblatt et al. 2024](https://example.org/unknown).
    -- references.bib --
    @article{hubinger2019a,
      author = {Hubinger, Evan and van Merwijk, Chris and Mikulik, Vladimir},
      title = {Risks from Learned Optimization},
      year = {2019},
      eprint = {1906.01820},
      archiveprefix = {arXiv},
    }
    @article{hubinger2019b,
      author = {Hubinger, Evan and van Merwijk, Chris and Mikulik, Vladimir},
      title = {Another Work},
      year = {2019},
      url = {https://example.org/b},
    }
    @article{greenblatt2024,
      author = {Greenblatt, Ryan and Denison, Carson and Wright, Benjamin},
      title = {Alignment Faking},
      year = {2024},
    }
    ```
    """
    from wikitools.cite.near_misses import linked_elsewhere
    from wikitools.sources.names import words

    citation, resolution = cited.citation, cited.resolution
    named = linked_elsewhere(cited, facts.bibliography_of(citation.span.path))
    if named is None or not isinstance(resolution, Found):
        return
    # In a longer label, the part may not be a citation: "Science Robotics 2026".
    label = re.split(r"\]\(|\|", citation.span.of(facts.text_of(citation.span.path)))
    if all(len(words(part)) > len(words(citation.text)) for part in (label[0], label[-1])):
        return
    linked = resolution.target
    if named:
        told = (
            f"{quoted(citation.text)} is {listed([source.key for source in named])}, but the link leads to {linked.key}"
        )
    else:
        authors = listed([name.family for name in linked.names], shown=2)
        told = f"{quoted(citation.text)} links to {linked.key}, a work by {authors} from {linked.years[0]}"
    yield Finding(
        span=citation.span,
        message=told,
        subject=citation.text,
        help="correct the link or the citation",
        related=tuple(Related(source.span, f"{source.key}: {source.title}") for source in (linked, *named)),
    )
