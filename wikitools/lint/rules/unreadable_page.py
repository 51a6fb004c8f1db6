"""The rule unreadable-page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Problem


@rule(group="pages", severity=Severity.ERROR, since="0.1.0")
def unreadable_page(problem: Problem, facts: Facts) -> Iterator[Finding]:
    """A page is not UTF-8 text, is too large, or cannot be read at all.

    Some programs show it with wrong letters, some not at all, and no fix may touch it, because it would lose bytes.
    Usually an old editor saved it in another encoding, or a binary file is named `.md`. Save it as UTF-8. The
    finding is at the first byte that is wrong: "byte 0xff is not valid UTF-8".

    UTF-8 text in any script:

    ```wiki
    -- index.md --
    Grüße, 你好, 👋 and [[Ωmega]].
    -- Ωmega.md --
    The last one.
    ```
    """
    if problem.kind == "unreadable-page":
        yield Finding(span=problem.span, message=problem.message, subject="")
