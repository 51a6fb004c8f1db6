"""The rule cut-link."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.text import Edit, Fix
from wikitools.wiki.resolution import Missing, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Wikilink
    from wikitools.text import Span


@rule(group="links", severity=Severity.ERROR, since="0.1.0", reveals_links=True, passes_plain_links=True)
def cut_link(link: Wikilink, facts: Facts) -> Iterator[Finding]:
    r"""The `|` of a wikilink ends a table cell, so the link becomes plain text.

    The reader sees the brackets in two cells, cannot click, and misses the last cell of the row. In a table, the `|`
    between target and label needs a backslash before it, as Obsidian's help says.

    ```wiki
    -- index.md --
    | who                       | born |
    | ------------------------- | ---- |
    | [[Alan Turing|Turing]]    | 1912 |
      ^^^^^^^^^^^^^^^^^^^^^^ the "|" of this link to "Alan Turing" ends the table cell, so the link is plain text
    | ![[machine.png|300]]      | 1936 |
      ^^^^^^^^^^^^^^^^^^^^ the "|" of this link to "machine.png" ends the table cell, so the link is plain text
    -- Alan Turing.md --
    He knew.
    -- machine.png --
    -- index.md, fixed --
    | who                       | born |
    | ------------------------- | ---- |
    | [[Alan Turing\|Turing]]    | 1912 |
    | ![[machine.png\|300]]      | 1936 |
    ```

    A backslash before the `|`, links without a label, links outside tables, and code:

    ```wiki
    -- index.md --
    | who                      | born |
    | ------------------------ | ---- |
    | [[Alan Turing\|Turing]]  | 1912 |
    | [[Alan Turing]]          | 1912 |
    | `[[who|label]]`          | none |

    [[Alan Turing|Turing]] | not a table
    -- Alan Turing.md --
    He knew.
    ```

    If the link is in the header row, the delimiter row has to lose a cell as well, or the table is no longer a table.
    Only its author knows which cell, so there is no fix:

    ```wiki
    -- index.md --
    | [[Alan Turing|Turing]] | born |
      ^^^^^^^^^^^^^^^^^^^^^^ the "|" of this link to "Alan Turing" ends the table cell, so the link is plain text
    | ----------- | -------- | ---- |
    -- Alan Turing.md --
    He knew.
    ```

    Quartz reads wikilinks before tables, so such a link works:

    ```wiki
    -- index.md --
    | who                    | born |
    | ---------------------- | ---- |
    | [[Alan Turing|Turing]] | 1912 |
    -- Alan Turing.md --
    He knew.
    -- wikitools.toml --
    engine = "quartz"
    ```
    """
    answer = facts.wiki.resolve(link) if link.cut else None
    if not isinstance(answer, Missing) or answer.why != Reason.CUT_BY_TABLE:
        return
    if facts.wiki.engine.name == "markdown":
        # Wikilinks are text there, in tables as elsewhere.
        return
    target, _anchor = facts.wiki.read(link)
    text = facts.text_of(link.span.path)
    repaired = _BARE_BAR.sub(r"\\|", link.span.of(text))
    help_, fix = r'write "\|"', None
    if "|" in target:
        help_ = 'the "|" is part of the page\'s name, which a table cannot hold: put the link outside the table'
    elif _ends_table(link.span, text, repaired):
        help_ = r'write "\|", and remove one cell from the delimiter row'
    else:
        fix = Fix(help_, (Edit(link.span, repaired),))
    yield Finding(
        span=link.span,
        message=f'the "|" of this link to {quoted(target or link.span.path)} ends the table cell, so the link is plain text',
        subject=target,
        help=help_,
        fix=fix,
        reason=Reason.CUT_BY_TABLE,
    )


def _ends_table(span: Span, text: str, repaired: str) -> bool:
    """Say whether the link stands in a header row that has as many cells as the delimiter row only while it is cut."""
    # A run that answers from the cache reads no page, and starts sooner without the reader.
    from wikitools.markdown.blocks import CONTAINERS, FOOTNOTE
    from wikitools.markdown.tables import is_table

    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    if end < 0:
        return False
    stop = text.find("\n", end + 1)
    before, after = text[start:end], text[start : span.start] + repaired + text[span.end : end]
    below = text[end + 1 : stop if stop >= 0 else len(text)]
    # Marks of quotes, lists and footnotes are no cells.
    begin = re.match(FOOTNOTE.pattern + "[ \t]*+", before) or CONTAINERS.match(before)
    first = begin.end() if begin is not None else 0
    prefix = CONTAINERS.match(below)
    rows = (below.rstrip("\r"), below[prefix.end() if prefix is not None else 0 :].rstrip("\r"))
    return any(
        is_table(before[first:].rstrip("\r"), row) and not is_table(after[first:].rstrip("\r"), row) for row in rows
    )


_BARE_BAR = re.compile(r"(?<!\\)\|")
