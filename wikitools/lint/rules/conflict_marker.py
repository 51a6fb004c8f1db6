"""The rule conflict-marker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Problem


@rule(group="pages", severity=Severity.ERROR, since="0.1.0")
def conflict_marker(problem: Problem, facts: Facts) -> Iterator[Finding]:
    """A merge was left unfinished: git's conflict marks are in the text.

    The reader sees both versions and the marks between them. Usually a conflict was committed unresolved.

    ```wiki
    -- index.md --
    Turing was born
    <<<<<<< HEAD
    ^^^^^^^ an unfinished merge
    in London
    =======
    in Maida Vale
    >>>>>>> theirs
    in 1912.
    ```

    Marks in code are an example of some, and underlined headings are none:

    ```wiki
    -- index.md --
    Merging
    =======

        <<<<<<< HEAD
        in London
        =======
        in Maida Vale
        >>>>>>> theirs
    ```
    """
    if problem.kind == "conflict-marker":
        yield Finding(span=problem.span, message=problem.message)
