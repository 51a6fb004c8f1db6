"""The rule missing-image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.dead_links import dead_path, dead_wikilink, is_image
from wikitools.lint.rule import Severity, rule
from wikitools.markdown.page import MarkdownLink, Wikilink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.lint.rule import Finding


@rule(group="links", severity=Severity.ERROR, since="0.1.0", passes_plain_links=True, told_once=5)
def missing_image(link: MarkdownLink | Wikilink, facts: Facts) -> Iterator[Finding]:
    """An image on a page does not exist.

    The reader sees a broken frame, or nothing. Usually the file was never added, was renamed, or is in a folder that
    was moved without the page.

    ```wiki
    -- index.md --
    ![the machine](img/machne.png)
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ there is no image "img/machne.png"; did you mean "img/machine.png"?
    ![[portrait.jpg|300]]
    ^^^^^^^^^^^^^^^^^^^^^ no image is named "portrait.jpg"
    -- img/machine.png --
    -- index.md, fixed unsafely --
    ![the machine](img/machine.png)
    ![[portrait.jpg|300]]
    ```

    Images in HTML count as well, including every file of a `srcset` and images without an address:

    ```wiki
    -- index.md --
    <img src="small.png" srcset="small.png 1x, large.png 2x"> and <img src="" alt="it">
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ there is no image "large.png"
                                                                  ^^^^^^^^^^^^^^^^^^^^^ the image has no address
    -- small.png --
    ```

    Images that exist, and images on the web:

    ```wiki
    -- index.md --
    ![a](img/machine.png) ![[machine.png|300]] <img src="img/machine.png" alt="it"> ![b](https://example.org/c.png)
    `![code](gone.png)` <!-- ![[gone.png]] -->
    -- img/machine.png --
    ```
    """
    if isinstance(link, Wikilink):
        shown = link.embed and is_image(facts.wiki.read(link)[0])
        finding = dead_wikilink(link, facts) if shown else None
    else:
        finding = dead_path(link, facts) if link.image else None
    if finding is not None:
        yield finding
