"""The rule no-bibliography."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.wiki.wiki import Wiki


@rule(group="bibliography", severity=Severity.INFO, since="0.1.0", needs_sources=True)
def no_bibliography(wiki: Wiki, facts: Facts) -> Iterator[Finding]:
    """Pages cite works, but the wiki has no bibliography.

    None of these citations can be checked, so they are reported once, at the first one. Usually the bibliography is
    outside the wiki, or in a format that wikitools does not find by itself: name it under `bibliography` in the
    configuration.

    ```wiki
    -- index.md --
    It was foreseen (Hubinger et al. 2019), and it came (Greenblatt et al. 2024).
                     ^^^^^^^^^^^^^^^^^^^^ 2 citations on 1 page, but the wiki has no bibliography
    ```

    A wiki without citations, or a bibliography with at least one source:

    ```wiki
    -- index.md --
    It came (Greenblatt et al. 2024).
    -- references.bib --
    @article{greenblatt2024,
      author = {Greenblatt, Ryan and Denison, Carson and Wright, Benjamin},
      title = {Alignment Faking},
      year = {2024},
    }
    ```
    """
    if facts.has_sources:
        return
    found = [[each for each in facts.cited.get(path, ()) if each.convincing] for path in wiki.pages]
    pages = [cited for cited in found if cited]
    if pages:
        count = sum(map(len, pages))
        yield Finding(
            span=pages[0][0].citation.span,
            message=f"{count} citation{'s' * (count != 1)} on {len(pages)} page{'s' * (len(pages) != 1)}, "
            "but the wiki has no bibliography",
            help="name the bibliography in wikitools.toml, or in the page's front matter",
        )
