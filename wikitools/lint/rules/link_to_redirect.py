"""The rule link-to-redirect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.fix.rewritten_links import repath, retarget
from wikitools.lint.redirect_pages import redirects_of
from wikitools.lint.rule import Finding, Related, Severity, quoted, rule
from wikitools.markdown.page import WebLink, Wikilink
from wikitools.text import Fix, Span
from wikitools.wiki.paths import folder_of, relative

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import MarkdownLink
    from wikitools.wiki.wiki import Wiki


@rule(group="links", severity=Severity.INFO, since="0.1.0", counts_links=True)
def link_to_redirect(wiki: Wiki, facts: Facts) -> Iterator[Finding]:
    """A link points to a page that only redirects to another one.

    The reader needs one more click, or is redirected without notice, and the old page can never be deleted. Usually the
    page was renamed and left a note behind. A page counts as a redirect if its front matter has `redirect` or
    `redirect_to`, or if its whole text is one link after a word such as "Moved to" or "Redirect".

    ```wiki
    -- index.md --
    See [[Turing|him]] and [his life](Turing.md).
        ^^^^^^^^^^^^^^ "Turing" only redirects to "Alan Turing"
                           ^^^^^^^^^^^^^^^^^^^^^ "Turing" only redirects to "Alan Turing"
    -- Turing.md --
    # Turing

    Moved to [[Alan Turing]].
    -- Alan Turing.md --
    He knew.
    -- index.md, fixed --
    See [[Alan Turing|him]] and [his life](Alan%20Turing.md).
    ```

    A redirect to a web address:

    ```wiki
    -- index.md --
    See [[Old]].
        ^^^^^^^ "Old" only redirects to "https://example.org/new"
    -- Old.md --
    ---
    redirect_to: https://example.org/new
    ---
    ```

    Short pages that say more than where to go, and links on redirects themselves:

    ```wiki
    -- index.md --
    See [[People]] and [[Short]].
    -- People.md --
    [[Alan Turing]]
    -- Short.md --
    Moved to [[Alan Turing]] in 2020, after long talks.
    -- Alan Turing.md --
    He knew.
    ```
    """
    redirects = redirects_of(wiki)
    for target, goal in redirects.items():
        for link in wiki.links_to(target):
            if link.span.path not in redirects and not isinstance(link, WebLink):
                yield _finding(link, target, goal, facts)


def _finding(link: Wikilink | MarkdownLink, target: str, goal: str, facts: Facts) -> Finding:
    page = facts.wiki.pages.get(goal)
    return Finding(
        span=link.span,
        message=f"{quoted(facts.wiki.pages[target].name)} only redirects to {quoted(goal if page is None else page.name)}",
        subject=facts.wiki.read(link)[0] if isinstance(link, Wikilink) else link.url,
        # A page that links to itself is no use.
        fix=_fix(link, goal, facts) if page is not None and goal != link.span.path else None,
        related=(Related(Span(target, 0, 0), "the redirect"),),
    )


def _fix(link: Wikilink | MarkdownLink, goal: str, facts: Facts) -> Fix | None:
    name = facts.wiki.name_of(goal, link.span.path)
    if isinstance(link, Wikilink):
        label = facts.wiki.read(link)[0]
        edit = retarget(link, name, facts, label=None if link.embed else label)
    else:
        edit = repath(link, relative(goal, folder_of(link.span.path)), facts)
    return Fix(f"link to {quoted(name)}", (edit,)) if edit is not None else None
