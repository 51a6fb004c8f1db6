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
    from wikitools.wiki.page import Wikilink


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
    target, _anchor = facts.wiki.read(link)
    raw = link.span.of(facts.text_of(link.span.path))
    yield Finding(
        span=link.span,
        message=f"a bar of the table cuts this link to {quoted(target or link.span.path)} in two, so it is plain text",
        subject=target,
        help=r'write "\|"',
        fix=Fix(r'write "\|"', (Edit(link.span, _BARE_BAR.sub(r"\\|", raw)),)),
        reason=Reason.CUT_BY_TABLE,
    )


_BARE_BAR = re.compile(r"(?<!\\)\|")
