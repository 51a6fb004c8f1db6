"""The rule cut-link."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.markdown.blocks import CONTAINERS, FOOTNOTE, is_table
from wikitools.text import Edit, Fix
from wikitools.wiki.resolution import Missing, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Wikilink
    from wikitools.text import Span


@rule(group="links", severity=Severity.ERROR, since="0.1.0", reveals_links=True, passes_plain_links=True)
def cut_link(link: Wikilink, facts: Facts) -> Iterator[Finding]:
    r"""A bar of a table cuts a wikilink in two, which makes it plain text.

    The reader sees the brackets in two cells, cannot click, and misses the last cell of the row. In a table, the bar
    between target and label needs a backslash before it, as Obsidian's help says.

    ```wiki
    -- index.md --
    | who                       | born |
    | ------------------------- | ---- |
    | [[Alan Turing|Turing]]    | 1912 |
      ^^^^^^^^^^^^^^^^^^^^^^ a bar of the table cuts this link to "Alan Turing" in two, so it is plain text
    | ![[machine.png|300]]      | 1936 |
      ^^^^^^^^^^^^^^^^^^^^ a bar of the table cuts this link to "machine.png" in two, so it is plain text
    -- Alan Turing.md --
    He knew.
    -- machine.png --
    -- index.md, fixed --
    | who                       | born |
    | ------------------------- | ---- |
    | [[Alan Turing\|Turing]]    | 1912 |
    | ![[machine.png\|300]]      | 1936 |
    ```

    A backslash before the bar, links without a label, links outside of tables, and code:

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

    A delimiter row that counts the cells of a cut header row has to lose one as well, so that the table stays one.
    Which one, only its author knows:

    ```wiki
    -- index.md --
    | [[Alan Turing|Turing]] | born |
      ^^^^^^^^^^^^^^^^^^^^^^ a bar of the table cuts this link to "Alan Turing" in two, so it is plain text
    | ----------- | -------- | ---- |
    -- Alan Turing.md --
    He knew.
    -- index.md, fixed --
    | [[Alan Turing|Turing]] | born |
    | ----------- | -------- | ---- |
    ```

    Quartz reads wikilinks before tables, so that such a link lives, and is reported only if it leads nowhere:

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
        help_ = "here the bar belongs to the name, and a table cannot hold it: link to the page outside of the table"
    elif _ends_table(link.span, text, repaired):
        help_ = r'write "\|", and take a cell out of the delimiter row, which counts the cells that the bar makes'
    else:
        fix = Fix(help_, (Edit(link.span, repaired),))
    yield Finding(
        span=link.span,
        message=f"a bar of the table cuts this link to {quoted(target or link.span.path)} in two, so it is plain text",
        subject=target,
        help=help_,
        fix=fix,
        reason=Reason.CUT_BY_TABLE,
    )


def _ends_table(span: Span, text: str, repaired: str) -> bool:
    """Say whether the link stands in a header row that has as many cells as the delimiter row only while it is cut."""
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    if end < 0:
        return False
    stop = text.find("\n", end + 1)
    before, after = text[start:end], text[start : span.start] + repaired + text[span.end : end]
    below = text[end + 1 : stop if stop >= 0 else len(text)]
    # Marks of quotes, lists and footnotes are no cells.
    begin = _FOOTNOTE.match(before) or CONTAINERS.match(before)
    first = begin.end() if begin is not None else 0
    prefix = CONTAINERS.match(below)
    rows = (below.rstrip("\r"), below[prefix.end() if prefix is not None else 0 :].rstrip("\r"))
    return any(
        is_table(before[first:].rstrip("\r"), row) and not is_table(after[first:].rstrip("\r"), row) for row in rows
    )


_FOOTNOTE = re.compile(FOOTNOTE.pattern + "[ \t]*+")
_BARE_BAR = re.compile(r"(?<!\\)\|")
