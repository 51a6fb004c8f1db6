"""The rule ambiguous-wikilink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Related, Severity, listed, quoted, rule
from wikitools.text import Span
from wikitools.wiki.resolution import Ambiguous

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.wiki.page import Wikilink

_SHOWN = 5


@rule(group="links", severity=Severity.WARNING, since="0.1.0", passes_plain_links=True)
def ambiguous_wikilink(link: Wikilink, facts: Facts) -> Iterator[Finding]:
    """A wikilink fits several pages, and nothing says which is meant.

    The engine opens one of them by a rule that no reader has in mind (often the shortest path), so the link may lead to
    the wrong page, and to another one when a page is added. Usually two folders hold pages of the same name. Write the
    folder into the link.

    ```wiki
    -- index.md --
    See the [[Glossary]].
            ^^^^^^^^^^^^ "Glossary" fits 2 pages: "logic/Glossary.md", "ethics/Glossary.md"
    -- ethics/Glossary.md --
    Terms.
    -- logic/Glossary.md --
    Terms.
    ```

    A path decides, and so does the page's own folder:

    ```wiki
    -- logic/index.md --
    See the [[Glossary]], not the [[ethics/Glossary|other one]].
    -- ethics/Glossary.md --
    Terms.
    -- logic/Glossary.md --
    Terms.
    ```
    """
    resolution = facts.wiki.resolve(link)
    if not isinstance(resolution, Ambiguous):
        return
    target, _ = facts.wiki.read(link)
    paths = resolution.candidates
    yield Finding(
        span=link.span,
        message=f"{quoted(target)} fits {len(paths)} pages: {listed([quoted(path) for path in paths])}",
        subject=target,
        help="write the folder into the link",
        related=tuple(Related(Span(path, 0, 0), "may be meant") for path in paths[:_SHOWN]),
    )
