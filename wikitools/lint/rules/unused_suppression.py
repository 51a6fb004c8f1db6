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
    """A comment silences a rule that has nothing to say there.

    It would silence the next finding too, which nobody has seen yet. Usually the problem was repaired and the comment
    stayed. Only rules that ran in full are judged.

    ```wiki
    -- index.md --
    <!-- wikitools-ignore-next-line broken-wikilink -- page planned -->
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this comment silences nothing
    See [[Alan Turing]].
    -- Alan Turing.md --
    He came.
    -- index.md, fixed --
    See [[Alan Turing]].
    ```

    Of several rules only the idle one is taken out:

    ```wiki
    -- index.md --
    <!-- wikitools-ignore-next-line broken-wikilink, broken-anchor -->
                                                     ^^^^^^^^^^^^^ "broken-anchor" is silenced in vain
    See [[Nobody]].
    -- index.md, fixed --
    <!-- wikitools-ignore-next-line broken-wikilink -->
    See [[Nobody]].
    ```

    Comments that do their work:

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
        message = "this comment silences nothing: no rule has anything to say here"
    else:
        message = f"{quoted(unused.name)} is silenced in vain: nothing of that name here"
    yield Finding(span=unused.span, message=message, subject=unused.name, fix=unused.fix)
