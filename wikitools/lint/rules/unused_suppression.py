"""The rule unused-suppression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.lint.suppressions import UnusedSuppression


@rule(group="suppressions", severity=Severity.WARNING, since="0.1.0")
def unused_suppression(unused: UnusedSuppression, facts: Facts) -> Iterator[Finding]:
    """A comment silences a rule that reports nothing there.

    It would also silence the next finding, which nobody has seen yet. Usually the problem was repaired and the comment
    stayed. A name is reported only if all of its rules ran on the page.

    ```wiki
    -- index.md --
    <!-- wikitools-ignore-next-line broken-wikilink -- page planned -->
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this comment silences nothing: no broken-wikilink here
    See [[Alan Turing]].
    -- Alan Turing.md --
    He came.
    -- index.md, fixed --
    See [[Alan Turing]].
    ```

    If a comment names several rules, the fix removes only the unused one:

    ```wiki
    -- index.md --
    <!-- wikitools-ignore-next-line broken-wikilink, broken-anchor -->
                                                     ^^^^^^^^^^^^^ "broken-anchor" silences nothing here
    See [[Nobody]].
    -- index.md, fixed --
    <!-- wikitools-ignore-next-line broken-wikilink -->
    See [[Nobody]].
    ```

    Comments that silence something:

    ```wiki
    -- index.md --
    <!-- wikitools-ignore-file anchors -->

    <!-- wikitools-ignore-next-line links -->
    See [[Nobody]] and [[#Nothing]].
    ```
    """
    if unused.name and unused.whole:
        message = f"this comment silences nothing: no {unused.name} here"
    elif unused.whole:
        message = "this comment silences nothing: no rule reports anything here"
    else:
        message = f"{quoted(unused.name)} silences nothing here"
    yield Finding(span=unused.span, message=message, subject=unused.name, fix=unused.fix)
