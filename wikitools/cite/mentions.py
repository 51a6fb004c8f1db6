"""Finds later mentions without a year: "Hubinger et al.'s analysis", after the work was cited with its year."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.cite import prefilter
from wikitools.cite.alignment import align, extend_left
from wikitools.cite.author_list import read_shape
from wikitools.cite.citation import Citation
from wikitools.cite.drafting import as_printed, squeezed
from wikitools.cite.tokens import REST, Piece, name_run, pieces_of
from wikitools.sources.source import first_words
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wikitools.cite.prose import Prose
    from wikitools.markdown.page import Page
    from wikitools.sources.source import Source

_COLLEAGUES = r"[ \x01]{1,4}co(?:lleagues|-?workers|llaborators)\b"
_REST_OF_AUTHORS = (
    re.compile(r"et(?<=\bet)\x01?[ \x01]{1,4}al\b"),
    re.compile(rf"and(?<=\band){_COLLEAGUES}"),
    re.compile(rf"&{_COLLEAGUES}"),
)
"""Each pattern starts with fixed letters, which are fast to search for."""
_BRACKET = re.compile(r"(?:'s)?\.?[ \x01]{0,3}[(\[]")
_POSSESSIVE = re.compile(r"[ \x01]?\.?\x01?'s?\b")
_SENTENCE_END = re.compile(r"[.!?][ \x01]{1,4}[^\W\d_a-z]")
_SENTENCE_START = re.compile(r"(?:\n|[.!?:][*_\x01]{0,3}[ \x01]{1,4})[-*+>\d. \x01]{0,8}\Z")
_LOOK_BACK = 120
_PARAGRAPH = 5000


def mentions(
    prose: Prose, cited: Sequence[tuple[Span, Source]], spans: Iterable[Span]
) -> list[tuple[Citation, Source, str]]:
    """Return the mentions of authors without a year, each with the cited source that it means and the evidence.

    `cited` are the spans and sources of this page's citations; no mention can be in `spans`, the spans of all
    citations. A
    mention means the only source that is cited before it in the same block of text and whose authors agree; as the
    subject of a sentence ("Shah et al. trained agents") and in the possessive ("Hubinger et al.'s") also the only one
    cited anywhere on the page. Otherwise it is not a citation, and neither are names before a bracket: "Xu et al. (Xu
    et al. 2019)".
    """
    places = prefilter.mentions(prose) if cited else ()
    if not places:
        return []
    page, excerpt = prose.page, prose.around(places)
    text = excerpt.text
    found: list[tuple[Citation, Source, str]] = []
    by_word: dict[str, list[tuple[Span, Source]]] = {}
    for span, source in cited:
        for word in first_words(source):
            by_word.setdefault(word, []).append((span, source))
    taken = sorted((span.start, span.end) for span in spans)
    position = 0
    rests = [match for pattern in _REST_OF_AUTHORS for part in excerpt.parts for match in pattern.finditer(text, *part)]
    for match in sorted(rests, key=re.Match.start):
        while position < len(taken) and taken[position][1] <= match.start():
            position += 1
        if position < len(taken) and taken[position][0] <= match.start():
            continue
        if _BRACKET.match(text, match.end()):
            continue
        block = text.rfind("\n", max(0, match.start() - _LOOK_BACK), match.start()) + 1
        pieces = pieces_of(text, max(block, match.start() - _LOOK_BACK), min(len(text), match.end() + 2))
        while pieces and pieces[-1].kind != REST:
            pieces.pop()
        if len(pieces) < 2:
            continue
        mention = _resolve(page, text, pieces, match.end(), by_word)
        if mention is not None:
            found.append(mention)
    return found


def _resolve(
    page: Page, text: str, pieces: list[Piece], at: int, by_word: dict[str, list[tuple[Span, Source]]]
) -> tuple[Citation, Source, str] | None:
    end = len(pieces)
    run = name_run(pieces, end)
    fitting: list[tuple[Span, Source, int]] = []
    for position in range(run, end):
        for span, source in by_word.get(pieces[position].folded[0], ()) if pieces[position].folded else ():
            if align(pieces, position, end, source) is None:
                continue
            extended = extend_left(pieces, position, run, source)
            if extended is not None:
                fitting.append((span, source, extended[0]))
        if fitting:
            break
    fitting, how = _nearest_fits(text, at, pieces, fitting)
    if len({id(source) for _span, source, _start in fitting}) != 1:
        return None
    _span, source, start = fitting[0]
    shape = read_shape(pieces, start, end)
    spans = shape.spans if shape is not None else ()
    where = Span(page.path, pieces[start].start, pieces[-1].end)
    citation = Citation(
        span=where,
        text=squeezed(where.of(page.text)),
        names=tuple(as_printed(page, text, *span) for span in spans),
        et_al=True,
        narrative=True,
        kind="mention",
    )
    return citation, source, how


def _nearest_fits(text: str, at: int, pieces: list[Piece], fitting: list[_Place]) -> tuple[list[_Place], str]:
    """Return the cited works nearest to the mention that ends at `at`, and the evidence.

    As the subject of its sentence ("Shah et al. trained agents"): anywhere on the page. Otherwise before it in its
    block of text, but in another sentence: in the same one, it only continues that citation. For a possessive, first
    of all after it in its sentence, and if its block has none before it, then after it there, then anywhere.
    """
    block = max(at - _PARAGRAPH, text.rfind("\n", max(0, at - _PARAGRAPH), at))
    before = [fit for fit in fitting if block <= fit[0].start < at]
    how = "the only work of these authors in this paragraph"
    if not _POSSESSIVE.match(text, at):
        begin = pieces[min((fit[2] for fit in fitting), default=0)].start
        if _SENTENCE_START.search(text, max(0, begin - 12), begin):
            return fitting, "the only work of these authors on the page"
        earlier = all(_SENTENCE_END.search(text, fit[0].end - 1, at) for fit in before)
        return (before if earlier else []), how
    ends = text.find("\n", at, at + _PARAGRAPH)
    after = [fit for fit in fitting if at <= fit[0].start < (at + _PARAGRAPH if ends < 0 else ends)]
    sentence = [fit for fit in after if not _SENTENCE_END.search(text, at + 3, fit[0].start)]
    if sentence:
        return sentence, "the only work of these authors in this sentence"
    if before or after:
        return before or after, how
    return fitting, "the only work of these authors on the page"


_Place = tuple[Span, "Source", int]
"""Where a work is cited, the work, and where its authors start in the mention."""
