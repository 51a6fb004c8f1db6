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
    """A comment that should silence a rule does not work.

    Findings that it should silence are still reported, or it silences more than it should. Usually the rule's name is
    mistyped, the ` -- ` before the reason is missing, or a range has no end.

    ```wiki
    -- index.md --
    <!-- wikitools-ignore-next-line brokn-wikilink -->
                                    ^^^^^^^^^^^^^^ no rule or group is named "brokn-wikilink"; did you mean "broken-wikilink"?
    See [[Nobody]].

    <!-- wikitools-ignore links -->
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this range never ends: no <!-- wikitools-ignore-end --> follows on the page

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
