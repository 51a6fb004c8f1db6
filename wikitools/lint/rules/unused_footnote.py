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
    """Nothing refers to a footnote, or an earlier one has its mark.

    Most programs do not show such a footnote at all, so what it says and cites is lost. Usually the sentence that
    referred to it is gone, or two footnotes got the same number when pages were joined. Case does not matter.

    ```wiki
    -- index.md --
    It came.[^1]

    [^1]: Greenblatt et al., Alignment Faking.
    [^2]: Hubinger et al., Risks.
    ^^^^^ nothing refers to the footnote "2"
    [^1]: Meinke et al., Frontier Models.
    ^^^^^ the mark "1" is taken by an earlier footnote
    ```

    Footnotes that the text, or another footnote, refers to:

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
                message=f"the mark {quoted(definition.name)} is taken by an earlier footnote",
                subject=definition.name,
                help="give it a mark of its own",
            )
        seen.add(name)
