"""The rule unused-footnote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page


@rule(group="citations", severity=Severity.WARNING, since="0.1.0")
def unused_footnote(page: Page, facts: Facts) -> Iterator[Finding]:
    """No text refers to a footnote, or an earlier footnote has the same mark.

    Most programs do not show such a footnote at all, so what it says and cites is lost. Usually the sentence that
    referred to it was deleted, or two footnotes got the same number when pages were merged. Case does not matter.

    ```wiki
    -- index.md --
    It came.[^1]

    [^1]: Greenblatt et al., Alignment Faking.
    [^2]: Hubinger et al., Risks.
    ^^^^^ nothing refers to the footnote "2"
    [^1]: Meinke et al., Frontier Models.
    ^^^^^ an earlier footnote already has the mark "1"
    ```

    Footnotes that the text or another footnote refers to:

    ```wiki
    -- index.md --
    It came.[^Note]

    [^note]: Greenblatt et al.; but see.[^2]
    [^2]: Hubinger et al., Risks.
    ```
    """
    used = {reference.name.casefold() for reference in page.footnotes}
    seen: set[str] = set()
    for definition in page.footnote_definitions:
        name = definition.name.casefold()
        if name not in used:
            yield Finding(
                span=definition.span,
                message=f"nothing refers to the footnote {quoted(definition.name)}",
                subject=definition.name,
            )
        elif name in seen:
            yield Finding(
                span=definition.span,
                message=f"an earlier footnote already has the mark {quoted(definition.name)}",
                subject=definition.name,
                help="use a different mark",
            )
        seen.add(name)
