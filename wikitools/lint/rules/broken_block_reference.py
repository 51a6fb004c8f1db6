"""The rule broken-block-reference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.text import Span
from wikitools.wiki.engines.logseq import resolve_block
from wikitools.wiki.resolution import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page

_REFERENCE = re.compile(r"\(\(([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\)\)")


@rule(group="anchors", severity=Severity.ERROR, since="0.1.0")
def broken_block_reference(page: Page, facts: Facts) -> Iterator[Finding]:
    """A Logseq block reference names a block that no page has.

    The reader sees the bare id instead of the block. Usually the block was deleted, or its page is in another graph.
    The rule only runs with `engine = "logseq"`; other engines treat such text as plain text. `[label](((id)))` is
    checked by `broken-link`.

    ```wiki
    -- pages/index.md --
    - as ((6501d3c4-0b5e-4c0a-9d51-3f1f2a7c9e10)) says
         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no block has the id "6501d3c4-0b5e-4c0a-9d51-3f1f2a7c9e10"
    -- wikitools.toml --
    engine = "logseq"
    ```

    Blocks that exist, and code:

    ```wiki
    -- pages/index.md --
    - as ((6501d3c4-0b5e-4c0a-9d51-3f1f2a7c9e10)) says, {{embed ((6501D3C4-0b5e-4c0a-9d51-3f1f2a7c9e10))}}
    - `((00000000-0000-0000-0000-000000000000))` and ((not an id))
    -- pages/other.md --
    - a thought
      id:: 6501d3c4-0b5e-4c0a-9d51-3f1f2a7c9e10
    -- wikitools.toml --
    engine = "logseq"
    ```

    Any engine but Logseq:

    ```wiki
    -- index.md --
    as ((6501d3c4-0b5e-4c0a-9d51-3f1f2a7c9e10)) says
    ```
    """
    if facts.wiki.engine.name != "logseq" or "((" not in page.text:
        return
    for match in _REFERENCE.finditer(page.prose()):
        if isinstance(resolve_block(facts.wiki.index, match[1]), Missing):
            yield Finding(
                span=Span(page.path, match.start(), match.end()),
                message=f"no block has the id {quoted(match[1])}",
                subject=match[1],
                reason="no-such-block",
            )
