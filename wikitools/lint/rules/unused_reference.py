"""The rule unused-reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Severity, quoted, rule
from wikitools.markdown.links import reference_key
from wikitools.markdown.page import MarkdownLink, WebLink, Wikilink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page, ReferenceDefinition


@rule(group="links", severity=Severity.INFO, since="0.1.0", default=False)
def unused_reference(page: Page, facts: Facts) -> Iterator[Finding]:
    """A page defines a reference link but does not use it.

    Readers never see it, and somebody keeps its address up to date for nothing; or the link that should use it is
    misspelled. Off by default: it disturbs no reader, and some editors keep such lists on purpose. Definitions that
    serve as comments (`[//]: # (text)`), and definitions of wikilinks with the same name, are not reported.

    ```wiki
    -- index.md --
    He wrote [a paper][mind].

    [mind]: https://example.org/mind
    [logic]: https://example.org/logic
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "logic" is defined but not used
    ```

    Definitions that any kind of link uses, and comments:

    ```wiki
    -- index.md --
    [a paper][mind], [Mind][], [mind], ![a picture][image], [[machine]].

    [mind]: https://example.org/mind
    [image]: machine.png
    [machine]: machine.md "Machine"
    [//]: # (a comment)
    -- machine.md --
    It computes.
    -- machine.png --
    ```
    """
    if not page.definitions:
        return
    used = {link.url_span for link in page.links if isinstance(link, MarkdownLink | WebLink)}
    wikilinks = {
        reference_key(half)
        for link in page.links
        if isinstance(link, Wikilink)
        for half in (link.target, f"{link.target}|{link.label}", f"{link.target}#{link.anchor}")
    }
    taken: set[str] = set()
    for definition in page.definitions:
        # duplicate-reference reports a second definition of a label.
        is_first = definition.key not in taken
        taken.add(definition.key)
        is_used = definition.url_span in used or definition.key in wikilinks
        if is_first and not is_used and not _is_comment(definition):
            yield Finding(
                span=definition.span,
                message=f"{quoted(definition.label)} is defined but not used",
                subject=definition.label,
            )


def _is_comment(definition: ReferenceDefinition) -> bool:
    return definition.url in ("", "#") or not any(letter.isalnum() for letter in definition.label)
