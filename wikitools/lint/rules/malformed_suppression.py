"""The rule malformed-suppression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Problem


@rule(group="suppressions", severity=Severity.WARNING, since="0.1.0")
def malformed_suppression(problem: Problem, facts: Facts) -> Iterator[Finding]:
    """A comment is meant to silence a rule and cannot.

    What it should silence is reported, or more is silenced than was meant. Usually the rule's name is mistyped, the
    reason lacks the ` -- ` before it, or the end of a range is missing.

    ```wiki
    -- index.md --
    <!-- wikitools-ignore-next-line brokn-wikilink -->
                                    ^^^^^^^^^^^^^^ no rule or group is named "brokn-wikilink"; did you mean
    See [[Nobody]].

    <!-- wikitools-ignore links -->
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is never ended

    See [[Somebody]].
    ```

    All forms, with and without a reason:

    ```wiki
    -- index.md --
    <!-- wikitools-ignore-file unmatched-citation, anchors -- an archive, kept as it was -->

    <!-- wikitools-ignore-next-line broken-wikilink -- page planned -->
    See [[Nobody]].

    See [[Nobody]]. <!-- wikitools-ignore-line links -->

    <!-- wikitools-ignore links -->
    See [[Nobody]].

    <!-- wikitools-ignore-end -->
    ```
    """
    if problem.kind == "malformed-suppression":
        yield Finding(
            span=problem.span, message=problem.message, subject=problem.span.of(facts.text_of(problem.span.path))
        )
