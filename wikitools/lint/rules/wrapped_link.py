"""The rule wrapped-link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.text import Edit, Fix
from wikitools.wiki.resolution import Missing, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page, Wikilink


@rule(group="links", severity=Severity.ERROR, since="0.1.0", reveals_links=True)
def wrapped_link(page: Page, facts: Facts) -> Iterator[Finding]:
    """A line break splits a wikilink, so the link becomes plain text.

    The reader sees the brackets and cannot click. Usually an editor or a formatter wrapped the paragraph. If the joined
    link would not find a page either, it is reported only if some page has a similar name; otherwise it may not be a
    link at all.

    ```wiki
    -- index.md --
    It was written by [[Alan
                      ^^^^^^ a line break splits this link to "Alan Turing", so it is plain text
    Turing|him]] alone.
    -- Alan Turing.md --
    He knew.
    -- index.md, fixed --
    It was written by [[Alan Turing|him]] alone.
    ```

    The fix does not depend on whether the joined link fits several pages or names a missing heading:

    ```wiki
    -- index.md --
    It was written by [[Turing|Alan
                      ^^^^^^^^^^^^^ a line break splits this link to "Turing", so it is plain text
    Turing]] alone.
    -- people/Turing.md --
    -- awards/Turing.md --
    -- index.md, fixed --
    It was written by [[Turing|Alan Turing]] alone.
    ```

    Links on one line, and brackets that are not a link:

    ```wiki
    -- index.md --
    It was written by [[Alan Turing|him]]
    alone; the matrix is [[1, 0
    0, 1]], `[[Alan
    Turing]]` is code.
    -- Alan Turing.md --
    He knew.
    ```
    """
    for link in page.wrapped:
        answer = facts.wiki.resolve(link)
        lost = isinstance(answer, Missing)
        if isinstance(answer, Missing) and (answer.why == Reason.PLACEHOLDER or not answer.near):
            continue
        target, _anchor = facts.wiki.read(link)
        edit = Edit(link.span, _on_one_line(link))
        yield Finding(
            span=link.span,
            message=f"a line break splits this link to {quoted(target or page.name)}, so it is plain text",
            subject=target,
            help="write it on one line",
            # Joined to one line, a link that leads nowhere would still be dead.
            fix=None if lost else Fix("write it on one line", (edit,)),
        )


def _on_one_line(link: Wikilink) -> str:
    anchor = "" if link.anchor is None else f"#{link.anchor}"
    label = "" if link.label is None else f"|{link.label}"
    return f"{'!' if link.embed else ''}[[{link.target}{anchor}{label}]]"
