"""The rule broken-link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.dead_links import dead_path
from wikitools.lint.rule import Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.lint.rule import Finding
    from wikitools.markdown.page import MarkdownLink


@rule(group="links", severity=Severity.ERROR, since="0.1.0", passes_plain_links=True, told_once=5)
def broken_link(link: MarkdownLink, facts: Facts) -> Iterator[Finding]:
    """A Markdown or HTML link points to a page or file that does not exist.

    The reader gets an error page. Usually the file was renamed or moved, or the path starts from a folder other than
    the page's. Images are checked by `missing-image`; web addresses by `wikitools urls`.

    ```wiki
    -- index.md --
    Read [his life](men/Alan%20Turng.md#life) first.
         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ there is no page "men/Alan Turng.md"; did you mean "men/Alan Turing.md"?
    -- men/Alan Turing.md --
    ## Life
    -- index.md, fixed unsafely --
    Read [his life](men/Alan%20Turing.md#life) first.
    ```

    The fix is certain if exactly one page has that name and the path lacks some folders or names a folder that does not
    exist. It is never certain for a page that also differs in case, spaces or dashes, for a page in a folder next to the
    one in the path, for other files, or for a path from the root, which may be an address on the published site. The
    link keeps its form:

    ```wiki
    -- notes/index.md --
    See [the proof](<./old proof.md>), [the paper][1] and <a href="turing.md">him</a>.
        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ there is no page "./old proof.md"; did you mean "archive/old proof.md"?
                                       ^^^^^^^^^^^^^^ there is no file "paper.pdf"; did you mean "../files/paper.pdf"?

    [1]: paper.pdf#page=3
    -- notes/archive/old proof.md --
    Q. E. D.
    -- notes/turing.md --
    He knew.
    -- files/paper.pdf --
    -- wikitools.toml --
    engine = "markdown"
    -- notes/index.md, fixed --
    See [the proof](<./archive/old proof.md>), [the paper][1] and <a href="turing.md">him</a>.

    [1]: paper.pdf#page=3
    -- notes/index.md, fixed unsafely --
    See [the proof](<./archive/old proof.md>), [the paper][1] and <a href="turing.md">him</a>.

    [1]: ../files/paper.pdf#page=3
    ```

    Links that work, and text that is not a link:

    ```wiki
    -- index.md --
    [a](notes/b.md), [a](/notes/b.md), [a](./notes/b.md "title"), [a](<notes/c d.md>), [a](notes/c%20d.md?plain=1#x),
    [folder](notes/), [here](#here), [web](https://example.org/gone.md), [mail](mailto:a@example.org).

    `[code](gone.md)` <!-- [comment](gone.md) --> $[math](gone.md)$ [template](<{{ url }}>) [dots](...)

    ## Here
    -- notes/b.md --
    -- notes/c d.md --
    ## X
    ```
    """
    finding = None if link.image else dead_path(link, facts)
    if finding is not None:
        yield finding
