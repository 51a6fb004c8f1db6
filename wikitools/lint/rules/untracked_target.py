"""The rule untracked-target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.wiki.names_index import compose
from wikitools.wiki.paths import folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import MarkdownLink, Wikilink


@rule(group="links", severity=Severity.WARNING, since="0.1.0", default=False, counts_links=True, needs_git=True)
def untracked_target(link: Wikilink | MarkdownLink, facts: Facts) -> Iterator[Finding]:
    """A link points to a file that git does not track.

    The link works for you and is broken for everybody else. Usually somebody forgot to add the file, or a pattern in
    `.gitignore` matches it. Off by default, because people usually write and link a new page before they add it; select
    the rule before commits. It asks git for its index once. It is skipped outside a git repository, and in a repository
    that tracks almost none of the pages yet (at most one in twenty), where it would report every link.

    ```wiki
    -- index.md --
    See [[draft]] and [the data](data.csv).
        ^^^^^^^^^ git does not track "draft.md"
                      ^^^^^^^^^^^^^^^^^^^^ git does not track "data.csv"
    -- draft.md --
    Not added yet.
    -- data.csv --
    -- wikitools.toml --
    tracked = ["index.md"]
    ```

    Files that git tracks, folders with such files, and anchors:

    ```wiki
    -- index.md --
    See [[draft]], [[#here]] and [the folder](files/).
    -- draft.md --
    Added.
    -- files/data.csv --
    -- wikitools.toml --
    tracked = ["index.md", "draft.md", "files/data.csv"]
    ```
    """
    target = facts.wiki.target_of(link)
    if facts.tracked is None or target is None or target.endswith("/") or target == link.span.path:
        return
    # Of a linked folder, or a submodule, git may track but the folder itself.
    if not any(compose(each) in facts.tracked or each in facts.tracked for each in _with_folders(target)):
        yield Finding(
            span=link.span,
            message=f"git does not track {quoted(target)}",
            subject=target,
            help=f"git add {quoted(target)}",
        )


def _with_folders(path: str) -> Iterator[str]:
    while path:
        yield path
        path = folder_of(path)
