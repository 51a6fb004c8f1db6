"""Later mentions without a year: "Hubinger et al.'s analysis", after the work was cited with its year."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.cite.authors import REST, Token, align, extend_left, name_run, read_shape, tokens_of
from wikitools.cite.citation import Citation
from wikitools.cite.drafts import as_printed, squeezed
from wikitools.cite.source import first_words
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wikitools.cite.source import Source
    from wikitools.wiki.page import Page

_REST_OF_AUTHORS = re.compile(r"\bet\x01?[ \x01]{1,4}al\b|\b(?:and|&)[ \x01]{1,4}(?:colleagues|co-?workers|collaborators)\b")
_BRACKET = re.compile(r"(?:'s)?\.?[ \x01]{0,3}[(\[]")
_POSSESSIVE = re.compile(r"[ \x01]?\.?\x01?'s?\b")
_SENTENCE_END = re.compile(r"[.!?][ \x01]{1,4}[^\W\d_a-z]")
_LOOK_BACK = 120
_PARAGRAPH = 5000


def mentions(
    page: Page, text: str, cited: Sequence[tuple[Span, Source]], spans: Iterable[Span]
) -> list[tuple[Citation, Source, str]]:
    """Return the mentions of authors without a year, each with the one cited source that it means and what decided.

    `cited` are the places and sources of this page's citations, `spans` the places of all, where no mention can be. A
    mention means the only source that is cited before it in the same block of text and whose authors agree; in the possessive
    ("Hubinger et al.'s") also the only one cited after it there, or anywhere on the page. Otherwise it is no citation, and neither is what
    leads to a bracket: "Xu et al. (Xu et al. 2019)".
    """
    found: list[tuple[Citation, Source, str]] = []
    by_word: dict[str, list[tuple[Span, Source]]] = {}
    for span, source in cited:
        for word in first_words(source):
            by_word.setdefault(word, []).append((span, source))
    taken = sorted((span.start, span.end) for span in spans)
    position = 0
    for match in _REST_OF_AUTHORS.finditer(text):
        while position < len(taken) and taken[position][1] <= match.start():
            position += 1
        if position < len(taken) and taken[position][0] <= match.start():
            continue
        if _BRACKET.match(text, match.end()):
            continue
        block = text.rfind("\n", max(0, match.start() - _LOOK_BACK), match.start()) + 1
        tokens = tokens_of(text, max(block, match.start() - _LOOK_BACK), min(len(text), match.end() + 2))
        while tokens and tokens[-1].kind != REST:
            tokens.pop()
        if len(tokens) < 2:
            continue
        mention = _resolve(page, text, tokens, match.end(), by_word)
        if mention is not None:
            found.append(mention)
    return found


def _resolve(
    page: Page, text: str, tokens: list[Token], at: int, by_word: dict[str, list[tuple[Span, Source]]]
) -> tuple[Citation, Source, str] | None:
    end = len(tokens)
    run = name_run(tokens, end)
    fitting: list[tuple[Span, Source, int]] = []
    for position in range(run, end):
        for span, source in by_word.get(tokens[position].folded[0], ()) if tokens[position].folded else ():
            if align(tokens, position, end, source) is None:
                continue
            extended = extend_left(tokens, position, run, source)
            if extended is not None:
                fitting.append((span, source, extended[0]))
        if fitting:
            break
    block = max(at - _PARAGRAPH, text.rfind("\n", max(0, at - _PARAGRAPH), at))
    here = [fit for fit in fitting if block <= fit[0].start < at]
    how = "the only work of these authors in this paragraph"
    if not here and _POSSESSIVE.match(text, at):
        ends = text.find("\n", at, at + _PARAGRAPH)
        here = [fit for fit in fitting if at <= fit[0].start < (at + _PARAGRAPH if ends < 0 else ends)]
        sentence = [fit for fit in here if not _SENTENCE_END.search(text, at + 3, fit[0].start)]
        here = sentence or here
        if not here:
            here, how = fitting, "the only work of these authors on the page"
    fitting = here
    if len({id(source) for _span, source, _start in fitting}) != 1:
        return None
    _span, source, start = fitting[0]
    shape = read_shape(tokens, start, end)
    spans = shape.spans if shape is not None else ()
    where = Span(page.path, tokens[start].start, tokens[-1].end)
    citation = Citation(
        span=where,
        text=squeezed(where.of(page.text)),
        names=tuple(as_printed(page, text, *span) for span in spans),
        et_al=True,
        narrative=True,
        kind="mention",
    )
    return citation, source, how
