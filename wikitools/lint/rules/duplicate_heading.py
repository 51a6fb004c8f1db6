"""The rule duplicate-heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Related, Severity, quoted, rule
from wikitools.markdown.page import MarkdownLink, WebLink, Wikilink, heading_rows_of
from wikitools.wiki.anchors import obsidian_text
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Heading, Page
    from wikitools.text import Span


@rule(group="anchors", severity=Severity.WARNING, since="0.1.0", default=False, counts_links=True)
def duplicate_heading(page: Page, facts: Facts) -> Iterator[Finding]:
    """Links name a heading that occurs more than once on the page.

    They go to the first one. A new heading further up can change which one is first, and which one is `heading-1`.
    Usually each section has its own "Examples" or "References". Only headings that are the target of a wikilink, or of
    a link from another page, are reported. Off by default: the link works, and the first heading is usually the right
    one.

    ```wiki
    -- index.md --
    See [[Proofs#Examples]].
    -- Proofs.md --
    ## Induction
    ### Examples
    ## Contradiction
    ### Examples
        ^^^^^^^^ second heading "Examples"; links to it go to the first one
    ```

    A chain of headings is unambiguous; headings without links to them may repeat:

    ```wiki
    -- index.md --
    See [[Proofs#Induction#Examples]].
    -- Proofs.md --
    ## Induction
    ### Examples
    ## Contradiction
    ### Examples
    - [Examples](#examples)
    - [Examples](#examples-1)
    ```
    """
    texts = [obsidian_text(text) for _start, _end, _level, text, _ids in heading_rows_of(page.headings)]
    if len(set(texts)) == len(texts):
        return
    repeated: dict[str, list[Heading]] = {}
    for text, heading in zip(texts, page.headings, strict=True):
        repeated.setdefault(text, []).append(heading)
    places = {
        heading.span: text for text, several in repeated.items() if text and len(several) > 1 for heading in several
    }
    if not places:
        return
    users = _users(page, places, facts)
    for text, several in repeated.items():
        if text not in users:
            continue
        for heading in several[1:]:
            yield Finding(
                span=heading.span,
                message=f"second heading {quoted(heading.text)}; links to it go to the first one",
                subject=heading.text,
                help="reword one of them",
                related=(Related(several[0].span, "the first one"), *(Related(link, "a link") for link in users[text])),
            )


_SHOWN = 3


def _users(page: Page, places: dict[Span, str], facts: Facts) -> dict[str, list[Span]]:
    """Return the first links that name each repeated heading, by its text."""
    users: dict[str, list[Span]] = {}
    for link in facts.wiki.anchored_links_to(page.path):
        if isinstance(link, WebLink) or (isinstance(link, MarkdownLink) and link.span.path == page.path):
            # A table of contents is generated again when headings change.
            continue
        if isinstance(link, Wikilink):
            anchor = facts.wiki.read(link)[1] or ""
            answer = facts.wiki.resolve_anchor(link, page.path)
        else:
            anchor = link.url.partition("#")[2]
            answer = facts.wiki.resolve_fragment(anchor, page.path)
        if isinstance(answer, Found) and answer.target in places and "#" not in anchor:
            found = users.setdefault(places[answer.target], [])
            if answer.how != "explicit id" and len(found) < _SHOWN:
                found.append(link.span)
    return {text: links for text, links in users.items() if links}
