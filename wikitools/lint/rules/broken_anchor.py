"""The rule broken-anchor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.lint.fix.rewritten_links import reanchor, refragment
from wikitools.lint.rule import Finding, Related, Severity, quoted, rule
from wikitools.markdown.page import MarkdownLink, Wikilink
from wikitools.text import Edit, Fix, Safety
from wikitools.wiki.engines.dendron import ends_of, is_range
from wikitools.wiki.resolution import Found, Missing, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.text import Span


@rule(group="anchors", severity=Severity.ERROR, since="0.1.0", passes_plain_links=True)
def broken_anchor(link: Wikilink | MarkdownLink, facts: Facts) -> Iterator[Finding]:
    """A link names a heading or block that its page does not have.

    The reader lands at the top of the page instead of the right passage. Usually the heading was reworded, or the
    anchor is written for another program: Obsidian uses the words of a heading, web pages use its slug.

    ```wiki
    -- index.md --
    See [[Alan Turing#Erly life]].
        ^^^^^^^^^^^^^^^^^^^^^^^^^ "Alan Turing" has no heading "Erly life"; did you mean "Early life"?
    See [his work](Alan%20Turing.md#the-wrk).
        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "Alan Turing" has no heading "the-wrk"; did you mean "the-work"?
    -- Alan Turing.md --
    ## Early life
    ## The work
    -- index.md, fixed unsafely --
    See [[Alan Turing#Early life]].
    See [his work](Alan%20Turing.md#the-work).
    ```

    If a wikilink contains a heading's slug, the fix is certain:

    ```wiki
    -- index.md --
    See [[Alan Turing#early-life|his youth]], and [[#^proof]].
        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "Alan Turing" has no heading "early-life"; that is the slug of "Early life"
                                                  ^^^^^^^^^^^ this page has no block "^proof"
    -- Alan Turing.md --
    ## Early life
    -- index.md, fixed --
    See [[Alan Turing#Early life|his youth]], and [[#^proof]].
    ```

    These anchors exist. Links to pages that do not exist are reported by `broken-wikilink` and `broken-link`:

    ```wiki
    -- index.md --
    [[Alan Turing#early life]], [[Alan Turing#Life#Youth]], [[Alan Turing#^born]], [web](Alan%20Turing.md#early-life),
    [by id](Alan%20Turing.md#grave), [source](Alan%20Turing.md?plain=1#L3-L5), [[Nobody#Life]], [[paper.pdf#page=3]],
    [[#Here]] and [here](#here).

    # Here
    -- Alan Turing.md --
    # Life
    ## Youth
    ## Early life
    He was born in London. ^born

    <a id="grave"></a>
    -- paper.pdf --
    ```

    On GitHub and in Quartz, headings written as HTML have anchors too:

    ```wiki
    -- README.md --
    [top](#my-project), [usage](#usage-1) and [faq](#faq).
                                              ^^^^^^^^^^^ this page has no heading "faq"

    <h1 align="center">My <i>Project</i></h1>

    # Usage

    <details><summary>More</summary><h2>Usage</h2></details>
    -- wikitools.toml --
    engine = "markdown"
    ```

    Python-Markdown, which MkDocs uses, also finds headings in admonitions and tabs, and ids in braces:

    ```wiki
    -- index.md --
    [note](#in-a-note), [tab](#in-a-tab), [picture](#plot) and [code](#in-code).
                                                               ^^^^^^^^^^^^^^^^ this page has no heading "in-code"

    !!! note

        ## In a note

            ## In code

    === "Tab"

        ## In a tab

        ![A plot](plot.png){#plot}
    -- plot.png --
    -- wikitools.toml --
    engine = "mkdocs-ezlinks"
    ```

    Where the program that renders a page inserts text (snippets, includes, API docs made by mkdocstrings), only that
    program knows all headings. What is missing is then mentioned, and does not fail a run:

    ```wiki
    -- index.md --
    See [the cart](api.md#shop.cart.add) and [the shop](api.md#shop).
        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "api" has no heading "shop.cart.add" of its own; text is inserted there that may have it
    -- api.md --
    # Shop

    ::: shop.cart
    -- wikitools.toml --
    engine = "markdown"
    ```

    Pandoc also gives ids to spans, images, links, code and fenced divs:

    ```wiki
    -- index.md --
    [here](#here), [box](#box), [listing](#lst) and [text](#text).
                                                    ^^^^^^^^^^^^^ this page has no heading "text"

    []{#here} Words {#text}

    ::: {#box .note}
    Words
    :::

    ~~~ {#lst .python}
    x = 1
    ~~~
    -- wikitools.toml --
    engine = "markdown"
    anchors = "pandoc"
    ```
    """
    wiki = facts.wiki
    if isinstance(link, Wikilink):
        anchor = wiki.read(link)[1] or ""
        found = wiki.resolve(link) if anchor else None
    else:
        anchor = link.url.partition("#")[2]
        found = wiki.resolve_link(link) if anchor else None
    if not isinstance(found, Found):
        return
    path = found.target
    if isinstance(link, MarkdownLink) and _LINES_OF_SOURCE.search(link.url):
        return
    place = wiki.resolve_anchor(link, path) if isinstance(link, Wikilink) else wiki.resolve_fragment(anchor, path)
    if not isinstance(place, Missing):
        return
    page = "this page" if path == link.span.path else quoted(_name(path, facts))
    anchors, lost = wiki.anchors_of(path), _lost_end(anchor, path, facts)
    if place.why == Reason.NO_SUCH_HEADING and anchors is not None and (inserted := anchors.page.insertions):
        where = inserted[0].span
        yield Finding(
            span=link.span,
            message=f"{page} has no heading {quoted(lost)} of its own; text is inserted there that may have it",
            subject=f"{_name(path, facts)}#{anchor}",
            related=(Related(where, "inserts text"),),
            reason=Reason.INSERTED_TEXT,
            severity=Severity.INFO,
        )
        return
    yield Finding(
        span=link.span,
        message=_message(place, anchor, page, wiki.engine.name, lost),
        subject=f"{_name(path, facts)}#{anchor}",
        fix=_fix(link, place, anchor, path, facts),
        reason=place.why,
    )


# Git hosts show a page's source, with its lines as anchors, when they are asked to.
_LINES_OF_SOURCE = re.compile(r"\?plain=1#L[0-9]+(?:C[0-9]+)?(?:-L[0-9]+(?:C[0-9]+)?)?\Z")


def _name(path: str, facts: Facts) -> str:
    page = facts.wiki.pages.get(path)
    return page.name if page is not None else path


def _lost_end(anchor: str, path: str, facts: Facts) -> str:
    """Return the end of a range of headings that is missing; the anchor itself when it is no range, or no Dendron's."""
    anchors = facts.wiki.anchors_of(path)
    if not is_range(anchor) or facts.wiki.engine.name != "dendron" or anchors is None:
        return anchor
    ends = ends_of(anchor)
    return next((end for end in ends if isinstance(facts.wiki.engine.find_anchor(anchors, end), Missing)), anchor)


def _message(place: Missing[Span], anchor: str, page: str, engine: str, lost: str) -> str:
    if place.why == Reason.NO_SUCH_BLOCK:
        return f"{page} has no block {quoted(lost)}" + (
            f"; did you mean {quoted(place.near[0])}?" if place.near else ""
        )
    fact = f"{page} has no heading {quoted(lost)}"
    if is_range(anchor) and engine != "dendron":
        return f"{fact}; only Dendron supports ranges of headings"
    if not place.near:
        return fact
    if place.why == Reason.SLUG_ANCHOR:
        slug = quoted(anchor.rpartition("#")[2]) if "#" in anchor else "that"
        return f"{fact}; {slug} is the slug of {quoted(place.near[0])}"
    return f"{fact}; did you mean {quoted(place.near[0])}?"


def _fix(link: Wikilink | MarkdownLink, place: Missing[Span], anchor: str, path: str, facts: Facts) -> Fix | None:
    # Of a chain only the last heading is looked for nearby; what stood above it is lost.
    sure = place.why == Reason.SLUG_ANCHOR and "#" not in anchor
    if is_range(anchor) and facts.wiki.engine.name != "dendron":
        return None
    if not place.near or (not sure and len(place.near) > 1):
        return None
    best = place.near[0]
    edit: Edit | None
    edit = reanchor(link, best, path, facts) if isinstance(link, Wikilink) else refragment(link, best, path, facts)
    if edit is None:
        return None
    return Fix(f"change the anchor to {quoted(best)}", (edit,), Safety.SAFE if sure else Safety.UNSAFE)
