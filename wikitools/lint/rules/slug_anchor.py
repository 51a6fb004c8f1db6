"""The rule slug-anchor."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from wikitools.lint.fix.rewritten_links import refragment
from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.text import Fix, Safety
from wikitools.wiki.anchors import find_obsidian_anchor, find_obsidian_fragment
from wikitools.wiki.resolution import Found, Missing, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import MarkdownLink


@rule(
    group="anchors",
    severity=Severity.WARNING,
    since="0.1.0",
    default=False,
    counts_links=True,
    passes_plain_links=True,
)
def slug_anchor(link: MarkdownLink, facts: Facts) -> Iterator[Finding]:
    """A Markdown link names a heading by its slug, which Obsidian does not follow.

    The link works on GitHub and on most published sites; in Obsidian the reader lands at the top of the page. Off by
    default, because a wiki that is read in both can have it only one way. The fix writes the words of the heading,
    which GitHub does not follow, so it is unsafe.

    ```wiki
    -- index.md --
    See [his youth](Alan%20Turing.md#early-life)
        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "#early-life" is the slug of "Early life"; Obsidian does not follow it
    and [below](#see-also).
        ^^^^^^^^^^^^^^^^^^ "#see-also" is the slug of "See also"; Obsidian does not follow it

    # See also
    -- Alan Turing.md --
    ## Early life
    -- index.md, fixed unsafely --
    See [his youth](Alan%20Turing.md#Early%20life)
    and [below](#See%20also).

    # See also
    ```

    Words, slugs that equal the words, blocks, HTML ids, and anchors that do not exist:

    ```wiki
    -- index.md --
    [a](Alan%20Turing.md#Early%20life) [b](Alan%20Turing.md#work) [c](Alan%20Turing.md#^born)
    [d](Alan%20Turing.md#grave) [e](Alan%20Turing.md#gone) [[Alan Turing#Early life]]
    -- Alan Turing.md --
    ## Early life
    ## Work
    Born in London. ^born

    <a id="grave"></a>
    ```
    """
    fragment = link.url.partition("#")[2]
    wiki = facts.wiki
    if not fragment or wiki.engine.find_fragment is not find_obsidian_fragment:
        return
    found = wiki.resolve_link(link)
    anchors = wiki.anchors_of(found.target) if isinstance(found, Found) else None
    if not isinstance(found, Found) or anchors is None:
        return
    inside = find_obsidian_anchor(anchors, unquote(fragment))
    if not isinstance(inside, Missing) or inside.why != Reason.SLUG_ANCHOR:
        return
    (words,) = inside.near
    edit = refragment(link, quote(words, safe=""), found.target, facts)
    yield Finding(
        span=link.span,
        message=f"{quoted('#' + unquote(fragment))} is the slug of {quoted(words)}; Obsidian does not follow it",
        subject=link.url,
        fix=Fix(f"write the words of the heading, {quoted(words)}", (edit,), Safety.UNSAFE) if edit else None,
        reason=Reason.SLUG_ANCHOR,
    )
