"""The rule duplicate-reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Related, Severity, quoted, rule
from wikitools.markdown.links import is_web_address
from wikitools.markdown.page import MarkdownLink
from wikitools.wiki.addresses import address_key
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page, ReferenceDefinition


@rule(group="links", severity=Severity.WARNING, since="0.1.0")
def duplicate_reference(page: Page, facts: Facts) -> Iterator[Finding]:
    """A reference label is defined twice, with different targets.

    Only the first definition counts, so links that were meant for the second go to the wrong target. Usually two pages
    were merged. Case and spaces in labels are ignored. Two definitions with the same address do no harm and are not
    reported, however the address is spelled.

    ```wiki
    -- index.md --
    He wrote [a paper][1] and [another][1].

    [1]: https://example.org/mind
    [1]: https://example.org/logic
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "1" is already defined, as "https://example.org/mind"
    ```

    Different labels, and one address twice:

    ```wiki
    -- index.md --
    He wrote [a paper][1] and [another][2].

    [1]: https://example.org/mind
    [2]: https://example.org/logic
    [1]: https://example.org/mind
    [//]: # (a comment)
    [//]: # (and one more)
    ```

    The same page or address, spelled in two ways: percent-encoded, in angle brackets, with a title, by another path, or
    with the host in capitals:

    ```wiki
    -- notes/index.md --
    See [a], [b], [c] and [d].

    [a]: my%20page.md#Caf%C3%A9
    [a]: <my page.md#Café> "Mine"
    [b]: ./my%20page.md
    [b]: /notes/my%20page.md
    [c]: https://example.org
    [c]: HTTPS://Example.org:443/
    [d]: https://example.org/~a?b=%c3%a9
    [d]: https://example.org/%7Ea?b=é
    -- notes/my page.md --
    # Café
    ```

    The case of a path matters, and so does the anchor:

    ```wiki
    -- index.md --
    See [a] and [b].

    [a]: https://example.org/A
    [a]: https://example.org/a
    ^^^^^^^^^^^^^^^^^^^^^^^^^^ "a" is already defined, as "https://example.org/A"
    [b]: page.md#one
    [b]: page.md#two
    ^^^^^^^^^^^^^^^^ "b" is already defined, as "page.md#one"
    -- page.md --
    # One
    # Two
    ```
    """
    first: dict[str, ReferenceDefinition] = {}
    for definition in page.definitions:
        known = first.setdefault(definition.key, definition)
        if known.url != definition.url and not _lead_to_one_place(known, definition, facts):
            yield Finding(
                span=definition.span,
                message=f"{quoted(definition.label)} is already defined, as {quoted(known.url)}",
                subject=definition.label,
                help="use a different label",
                related=(Related(known.span, "the definition that counts"),),
            )


def _lead_to_one_place(one: ReferenceDefinition, other: ReferenceDefinition, facts: Facts) -> bool:
    key, other_key = address_key(one.url), address_key(other.url)
    if key == other_key:
        return True
    if is_web_address(one.url) or is_web_address(other.url):
        return False
    if key.partition("#")[2] != other_key.partition("#")[2]:
        return False
    targets = []
    for each in (one, other):
        answer = facts.wiki.resolve_link(MarkdownLink(each.span, each.url, each.label, each.url_span))
        targets.append(answer.target if isinstance(answer, Found) else None)
    return targets[0] is not None and targets[0] == targets[1]
