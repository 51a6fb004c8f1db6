"""The rule malformed-block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page


@rule(group="sources", severity=Severity.ERROR, since="0.1.0", needs_sources=True)
def malformed_block(page: Page, facts: Facts) -> Iterator[Finding]:
    """The markers of a "Sources cited" block are damaged, so nobody can tell which lines are generated.

    wikitools does not touch the page until they are repaired, and its list of sources gets out of date. Usually one of
    the two markers was deleted, or a block was copied together with its markers. If a page cites sources but has no
    block, markers in code, comments or front matter are reported too: often a fence above the block was never closed.

    ```wiki
    -- index.md --
    ## Sources cited

    <!-- wikitools:sources -->
    ^^^^^^^^^^^^^^^^^^^^^^^^^^ the block of sources opened here is never closed with <!-- /wikitools:sources -->
    - Something by somebody
    ```

    An intact block, and markers in code:

    ```wiki
    -- index.md --
    Put `<!-- wikitools:sources -->` where the block belongs.

    <!-- wikitools:sources -->
    <!-- /wikitools:sources -->
    ```
    """
    from wikitools.block.block import block_problems

    for problem in block_problems(page, facts.style, lambda: facts.cited.get(page.path, ())):
        yield Finding(span=problem.span, message=problem.message)
