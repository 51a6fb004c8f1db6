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
    """The text contains git's conflict markers: a merge was left unfinished.

    The reader sees both versions and the markers between them. Usually somebody committed a file before resolving its
    conflict.

    ```wiki
    -- index.md --
    Turing was born
    <<<<<<< HEAD
    ^^^^^^^ unfinished merge: the text contains git's conflict markers
    in London
    =======
    in Maida Vale
    >>>>>>> theirs
    in 1912.
    ```

    Markers in code, and underlined headings:

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
