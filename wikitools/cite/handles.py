"""Names in lower case by which people write on the web: "(gwern, 2021)"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.cite.cues import LIKELY, NO, PERHAPS, YES
from wikitools.cite.tokens import SMALL
from wikitools.markdown.page import WebLink
from wikitools.sources.vocabulary import KINDS_OF_WORK, MONTHS, NOT_AUTHORS, SAYING, SENTENCE_WORDS

if TYPE_CHECKING:
    from wikitools.cite.tokens import Piece
    from wikitools.markdown.page import Page
    from wikitools.sources.source import Bibliography


def read_handle(pieces: list[Piece], end: int, year: str) -> Piece | None:
    """Return the name in lower case by which somebody writes on the web: "(nostalgebraist, 2020)".

    It fills its bracket or item and has a comma behind it. Most other words there say what kind of work, or which of
    its editions, is from that year: "(film, 1999)", "(revised, 2003)".
    """
    before = pieces[end - 2].kind if end > 1 else ""
    if before not in ("(", "[", ";") or end == len(pieces) or pieces[end].kind != ",":
        return None
    piece = pieces[end - 1]
    word = piece.folded[0] if piece.kind == SMALL and len(piece.folded) == 1 else ""
    if not year.isdigit() or int(year) < _FIRST_HANDLES or len(word) < _SHORTEST_HANDLE or word.endswith(_EDITED):
        return None
    return None if word in SENTENCE_WORDS or word in NOT_AUTHORS or word in MONTHS or word in KINDS_OF_WORK else piece


_FIRST_HANDLES, _SHORTEST_HANDLE = 1990, 4
_EDITED = ("ed", "ing", "ion")


def judge_handle(handle: Piece, page: Page, bibliography: Bibliography) -> str:
    """Say how much a word in lower case before a year looks like somebody's name.

    It is one if it wrote a work of the bibliography, has a site to which the page links, is the text of a link with
    its year, or argues something on the page. A word that the page uses with an article is none, and one that it uses
    otherwise may be anything: "(cerivastatin, 2001)".
    """
    word = re.escape(handle.text)
    if any(layer.has_author(handle.folded[0]) for layer in bibliography.layers):
        return YES
    if re.search(rf"(?i)\b(?:{_ARTICLES}) {word}s?\b", page.text) is not None:
        return NO
    if any(isinstance(link, WebLink) and link.span.start <= handle.start < link.span.end for link in page.links):
        return YES
    if re.search(rf"(?i)://(?:[\w-]+\.)*{word}\.", page.text) is not None:
        return YES
    others = [match[1] for match in re.finditer(rf"(?<![\w./-]){word}(?![\w/-]|, ?\d{{4}})[ ]?([a-z]*)", page.text)]
    argues = any(after in SAYING and after.endswith("s") for after in others)
    return YES if argues else PERHAPS if others else LIKELY


_ARTICLES = "the|an?|this|that|these|those|each|every|any|some|no|its|their|his|her|our|your"
