"""The rule undefined-reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Finding, Related, Severity, quoted, rule
from wikitools.text import Edit, Fix, Safety, Span
from wikitools.wiki.resolution import nearest, plain_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page, UndefinedReference


@rule(group="links", severity=Severity.WARNING, since="0.1.0")
def undefined_reference(page: Page, facts: Facts) -> Iterator[Finding]:
    """A reference link has no definition.

    The reader sees `[text][label]` with its brackets, because no line `[label]: address` defines it. Usually the label
    is misspelled, or the definition was lost when text moved to another page.

    ```wiki
    -- index.md --
    He wrote [a paper][turing 1950].
             ^^^^^^^^^^^^^^^^^^^^^^ "turing 1950" is not defined; did you mean "turing-1950"?

    [turing-1950]: https://example.org/mind
    -- index.md, fixed unsafely --
    He wrote [a paper][turing-1950].

    [turing-1950]: https://example.org/mind
    ```

    A file that is inserted may have the definitions, so that nobody knows without it. This does not fail a run:

    ```wiki
    -- index.md --
    He wrote [a paper][turing].
             ^^^^^^^^^^^^^^^^^ "turing" is not defined in this file; inserted text may define it

    --8<-- "links.md"
    ```

    References with a definition, footnotes, and brackets that are not a reference:

    ```wiki
    -- index.md --
    He wrote [a paper][Turing 1950], [another][], [one more] and a note[^1]; `[a][b]`, f[i][j], [ x! ][ f(x) ].

    [turing 1950]: https://example.org/mind
    [another]: https://example.org/another
    [one more]: https://example.org/more
    [^1]: Not a link.
    ```
    """
    if not page.undefined:
        return
    labels = plain_names(definition.label for definition in page.definitions)
    for reference in page.undefined:
        if reference.label != reference.label.strip():
            # `[ |S|! ][ f(S) ]` is a formula.
            continue
        near = nearest(reference.label, labels)
        guess = f"; did you mean {quoted(near[0])}?" if near else ""
        if page.insertions and not near:
            yield Finding(
                span=reference.span,
                message=f"{quoted(reference.label)} is not defined in this file; inserted text may define it",
                subject=reference.label,
                related=(Related(page.insertions[0].span, "inserts text"),),
                severity=Severity.INFO,
            )
            continue
        yield Finding(
            span=reference.span,
            message=f"{quoted(reference.label)} is not defined{guess}",
            subject=reference.label,
            help="" if near else f'add a line "[{quoted(reference.label)[1:-1]}]: address"',
            fix=_fix(reference, near[0], page.text) if len(near) == 1 else None,
        )


def _fix(reference: UndefinedReference, label: str, text: str) -> Fix | None:
    span = reference.span
    ending = f"][{reference.label}]"
    if not span.of(text).endswith(ending) or "\n" in label:
        return None
    place = Span(span.path, span.end - 1 - len(reference.label), span.end - 1)
    return Fix(f"refer to {quoted(label)}", (Edit(place, label),), Safety.UNSAFE)
