"""The rule undefined-footnote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.text import Edit, Fix, Safety, Span
from wikitools.wiki.resolution import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import FootnoteReference, Page


@rule(group="citations", severity=Severity.WARNING, since="0.1.0")
def undefined_footnote(page: Page, facts: Facts) -> Iterator[Finding]:
    """A footnote mark has no footnote.

    The reader sees the raw `[^mark]`, and the sentence loses its evidence. Usually the footnote was left behind when
    text moved to another page, or its mark was renamed in only one of the two positions. Case does not matter.

    ```wiki
    -- index.md --
    It came.[^greenblat] It was foreseen.[^hubinger]
            ^^^^^^^^^^^^ there is no footnote "greenblat"; did you mean "greenblatt"?
                                         ^^^^^^^^^^^ there is no footnote "hubinger"

    [^greenblatt]: Greenblatt et al., Alignment Faking.
    -- index.md, fixed unsafely --
    It came.[^greenblatt] It was foreseen.[^hubinger]

    [^greenblatt]: Greenblatt et al., Alignment Faking.
    ```

    A colon inside the bracket turns a footnote into a mark:

    ```wiki
    -- index.md --
    It came.[^1]

    [^1:] Greenblatt et al., Alignment Faking.
    ^^^^^ there is no footnote "1:"; the colon belongs after the bracket
    -- index.md, fixed --
    It came.[^1]

    [^1]: Greenblatt et al., Alignment Faking.
    ```

    Marks with footnotes (in any case), marks in code, and nuclides:

    ```wiki
    -- index.md --
    It came.[^One] The class `[^a-z]` is no footnote, nor is [^14C]glucose. A footnote may stand in the line.^[so]

    [^one]: Greenblatt et al., Alignment Faking.
    ```
    """
    defined = {definition.name.casefold(): definition.name for definition in page.footnote_definitions}
    guesses: dict[str, tuple[str, ...]] = {}
    used = {reference.name.casefold() for reference in page.footnotes}
    free = [name for folded, name in defined.items() if folded not in used][:_MOST_GUESSES]
    slipped = {name[:-1] for name in used if name.endswith(":") and name[:-1] not in defined}
    for reference in page.footnotes:
        name = reference.name
        if name.casefold() in defined or name.casefold() in slipped or _NUCLIDE.match(name):
            continue
        if name[-1] == ":" and name[:-1].casefold() in slipped:
            yield _slipped_colon(page, reference, sure=name[:-1].casefold() in used)
            continue
        if name not in guesses:
            # Numbers are all alike; only a footnote that nothing refers to may have lost its mark.
            hopeless = name.isdigit() or not free or len(guesses) >= _MOST_GUESSES
            guesses[name] = () if hopeless else nearest(name, free, limit=2)
        near = guesses[name]
        guess = f"; did you mean {quoted(near[0])}?" if near else ""
        start = reference.span.start + len("[^")
        edit = Edit(Span(page.path, start, start + len(name)), near[0]) if len(near) == 1 else None
        yield Finding(
            span=reference.span,
            message=f"there is no footnote {quoted(name)}{guess}",
            subject=name,
            fix=Fix(f"refer to {quoted(near[0])}", (edit,), Safety.UNSAFE) if edit is not None else None,
        )


_MOST_GUESSES = 200
"""So many marks are compared with each other: a page of broken ones stays linear."""
_LONGEST_PREFIX = 200
_NUCLIDE = re.compile(r"\d{1,3}[A-Z]")
"""Carbon-14 and the like: a superscript in square brackets."""


def _slipped_colon(page: Page, reference: FootnoteReference, *, sure: bool) -> Finding:
    name = reference.name
    before = page.text[max(0, reference.span.start - _LONGEST_PREFIX) : reference.span.start]
    at_start = before.rpartition("\n")[2].strip("> \t\ufeff") == ""
    colon = Span(page.path, reference.span.end - 2, reference.span.end)
    return Finding(
        span=reference.span,
        message=f"there is no footnote {quoted(name)}; the colon belongs after the bracket",
        subject=name,
        fix=Fix("move the colon", (Edit(colon, "]:"),), Safety.SAFE) if sure and at_start else None,
    )
