"""The rule case-mismatch."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.lint.fix.rewritten_links import repath, retarget
from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.markdown.page import MarkdownLink, Wikilink
from wikitools.text import Fix, Safety
from wikitools.wiki.names_index import compose, fold
from wikitools.wiki.paths import folder_of, relative, without_suffix
from wikitools.wiki.resolution import Found
from wikitools.wiki.wiki import split_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts


@rule(
    group="links",
    severity=Severity.WARNING,
    since="0.1.0",
    default=False,
    counts_links=True,
    passes_plain_links=True,
)
def case_mismatch(link: Wikilink | MarkdownLink, facts: Facts) -> Iterator[Finding]:
    """A link spells its target with different capitals than the file.

    The link works where case does not matter: in Obsidian, on macOS and on Windows. On Linux hosts, on GitHub and on
    most published sites it is broken. Off by default, because the link works in the wiki's own engine. If the engine is
    case-sensitive, `broken-wikilink` and `broken-link` report such links.

    ```wiki
    -- index.md --
    [[alan turing|him]]
    ^^^^^^^^^^^^^^^^^^^ "alan turing" is spelled "Alan Turing" on disk
    [[alan turing]]
    ^^^^^^^^^^^^^^^ "alan turing" is spelled "Alan Turing" on disk
    [his life](people/alan%20Turing.md#Life)
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "people/alan Turing.md" is spelled "people/Alan Turing.md" on disk
    ![](IMG/a.png)
    ^^^^^^^^^^^^^^ "IMG/a.png" is spelled "img/a.png" on disk
    -- people/Alan Turing.md --
    ## Life
    -- img/a.png --
    -- index.md, fixed --
    [[Alan Turing|him]]
    [[Alan Turing|alan turing]]
    [his life](people/Alan%20Turing.md#Life)
    ![](img/a.png)
    ```

    Correct case, a path without `.md`, and other forms that engines translate:

    ```wiki
    -- index.md --
    [[Alan Turing]], [[people/Alan Turing#life]], [him](people/Alan%20Turing.md), [him](<people/Alan Turing>).
    -- people/Alan Turing.md --
    ## Life
    ```
    """
    wiki = facts.wiki
    answer = wiki.resolve(link) if isinstance(link, Wikilink) else wiki.resolve_link(link)
    if not isinstance(answer, Found) or answer.target == link.span.path:
        return
    path = answer.target.rstrip("/")
    target = wiki.read(link)[0] if isinstance(link, Wikilink) else unquote(split_url(link.url)[0].partition("?")[0])
    spelt = _as_on_disk(target, path)
    if spelt is None:
        return
    edit = (
        # The visible text stays the same.
        retarget(link, spelt, facts, label=target)
        if isinstance(link, Wikilink)
        else repath(link, relative(path, folder_of(link.span.path)), facts)
    )
    # With a place on the page, engines show something else each.
    shown = isinstance(link, Wikilink) and link.label is None and not link.embed and wiki.read(link)[1]
    safety = Safety.UNSAFE if shown else Safety.SAFE
    yield Finding(
        span=link.span,
        message=f"{quoted(target)} is spelled {quoted(spelt)} on disk",
        subject=target,
        fix=Fix(f"write {quoted(spelt)}", (edit,), safety) if edit is not None else None,
    )


def _as_on_disk(target: str, path: str) -> str | None:
    """Return the target in the case of the path it leads to; `None` unless they differ in case and in nothing else."""
    if target and path.endswith(target) and path[: -len(target)][-1:] in ("", "/"):
        # Nearly all links.
        return None
    steps = target.split("/")
    names = [step for step in steps if step not in ("", ".", "..")]
    for shown in (path, without_suffix(path)):
        tail = shown.split("/")[-len(names) :] if names else []
        if len(tail) == len(names) and [fold(name) for name in names] == [fold(name) for name in tail]:
            if [compose(name) for name in names] == [compose(name) for name in tail]:
                return None
            rest = iter(tail)
            return "/".join(step if step in ("", ".", "..") else next(rest) for step in steps)
    return None
