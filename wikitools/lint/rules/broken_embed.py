"""The rule broken-embed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.dead_links import dead_wikilink, is_image
from wikitools.lint.rule import Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.lint.rule import Finding
    from wikitools.markdown.page import Wikilink


@rule(group="links", severity=Severity.ERROR, since="0.1.0", passes_plain_links=True, told_once=5)
def broken_embed(link: Wikilink, facts: Facts) -> Iterator[Finding]:
    """An embed shows a page or file that does not exist.

    The reader misses a passage and may not notice. Usually the page was renamed or moved. Images are checked by
    `missing-image`.

    ```wiki
    -- index.md --
    ![[Alan Turng#Life]]
    ^^^^^^^^^^^^^^^^^^^^ no page is named "Alan Turng"; did you mean "Alan Turing"?
    ![[lecture.pdf#page=3]]
    ^^^^^^^^^^^^^^^^^^^^^^^ no file is named "lecture.pdf"
    -- Alan Turing.md --
    ## Life
    -- index.md, fixed unsafely --
    ![[Alan Turing#Life]]
    ![[lecture.pdf#page=3]]
    ```

    Embeds of pages and files that exist, and embeds in code:

    ```wiki
    -- index.md --
    ![[Alan Turing#Life]] ![[paper.pdf#page=3]] ![[#Here]] `![[Nobody]]` ![[...]]

    ## Here
    -- Alan Turing.md --
    ## Life
    -- paper.pdf --
    ```
    """
    if link.embed and not is_image(facts.wiki.read(link)[0]):
        finding = dead_wikilink(link, facts)
        if finding is not None:
            yield finding
