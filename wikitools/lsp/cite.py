"""Completion of citations: by key behind `@`, and by the names of authors, in the manner of the page."""

from __future__ import annotations

import heapq
import re
from typing import TYPE_CHECKING

from lsprotocol import types

from wikitools.block.block import generated_ranges
from wikitools.block.entries import identity
from wikitools.block.template import title_of
from wikitools.lsp.meaning_only import meaning_only
from wikitools.lsp.proposals import MOST, Proposals
from wikitools.lsp.source_in_words import details_of
from wikitools.markdown.page import MarkdownLink, WebLink
from wikitools.sources.names import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wikitools.lsp.view import View
    from wikitools.lsp.works import Works
    from wikitools.markdown.page import Page
    from wikitools.sources.source import Source

_LETTERS = 3
"""How many letters of a name must be typed before anything is proposed."""
_KEY = re.compile(r"(?<![\w.@/\\])-?@\{?((?:\w[\w:.#$%&+?<>~/-]*)?)$")
_NAME = re.compile(r"(?<![\w@#/\\])[^\W\d_][\w'’\-]*$")
_WORD = re.compile(r"(?<![\w'’\-])\w")
_PLAIN_KEY = re.compile(r"\w(?:[\w:.#$%&+?<>~/-]*\w)?")
_MOST_WORDS = 12
"""So many words before the cursor may be the beginning of a citation."""
_LOOK_BACK = 400
"""How many characters before the cursor are searched for an open bracket."""


def complete(view: View, offset: int) -> list[types.CompletionItem]:
    """Return the citations that the text before an offset may be the start of, best first."""
    text = view.document.text
    line = text[max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1 : offset]
    key = _KEY.search(line)
    name = None if key is not None else _NAME.search(line)
    if key is None and (name is None or len(fold(name[0])) < _LETTERS):
        return []
    if not is_prose(view.page_now, offset - 1, view):
        return []
    works = view.wiki.works if view.wiki is not None else None
    if works is None:
        return []
    if key is not None:
        return _by_key(view, works, key[1], offset)
    assert name is not None
    return _by_name(view, works, name[0], line, offset)


def is_prose(page: Page, place: int, view: View) -> bool:
    """Say whether an offset is in prose, not in code, a comment, a formula, a destination or a generated block."""
    hidden = (*page.masked, *generated_ranges(page, view.facts.style))
    if any(start <= place < end for start, end in hidden):
        return False
    links = [link for link in page.links if isinstance(link, MarkdownLink | WebLink)]
    return not any(link.url_span.start <= place < link.url_span.end for link in links)


def _by_key(view: View, works: Works, typed: str, offset: int) -> list[types.CompletionItem]:
    wanted = fold(typed)
    sources = view.facts.bibliography_of(view.path).sources
    fitting = [(source.key, source) for source in sources if fold(source.key).startswith(wanted)]
    if typed:
        # Somebody who does not remember the key remembers the author.
        fitting += [(f"{typed} {source.key}", source) for _name, source in _beginning(view, works, typed)]
    found = Proposals(view, len(typed), offset, types.CompletionItemKind.Reference)
    for words, source in _best(fitting, view, works):
        if _PLAIN_KEY.fullmatch(source.key):
            found.add(source.key, source.key, detail=title_of(source), filtered=words, data=_data(view, source))
    return found.items


def _by_name(view: View, works: Works, typed: str, line: str, offset: int) -> list[types.CompletionItem]:
    manner = works.manner(view.facts, view.path)
    begun = Begun(line[-_LOOK_BACK:], typed)
    narrative = not in_bracket(view.document.text, offset)
    found = Proposals(view, len(typed), offset, types.CompletionItemKind.Reference)
    for name, source in _best(_beginning(view, works, typed), view, works):
        if written := manner.write(source, narrative=narrative):
            label = manner.write(source, narrative=False)
            whole = begun.of([one.family for one in source.names], written)
            # Some editors keep only what begins with the letters that were typed, accents included.
            shown = name if whole.casefold() in name.casefold() else f"{whole} {written}"
            single = meaning_only(source, written, view.path, view.facts, manner.pointers, narrative=narrative)
            text, behind = _before_year(written, single, view.document.text[offset : offset + _LOOK_BACK], narrative)
            if single:
                label += f" @{source.key}"
            found.add(
                label,
                text,
                detail=title_of(source),
                filtered=shown,
                typed=len(whole),
                behind=behind,
                data=_data(view, source),
            )
    return found.items


def _before_year(written: str, single: str, after: str, narrative: bool) -> tuple[str, int]:
    """Return what to insert before a text that may have the year already, and how much of that text it replaces.

    `single`: what to write instead of `written`, because that means several sources; or "".

    >>> _before_year("Orr (2020)", "", " (2020) says", True), _before_year("Orr, 2020", "", ", 2020)", False)
    (('Orr', 0), ('Orr', 0))
    >>> _before_year("Orr (2020)", "", " (2021)", True), _before_year("Orr (2020)", "@orr20", " (2020) says", True)
    (('Orr (2020)', 0), ('@orr20', 7))
    """
    for text in (single or written, written):
        head, _, last = text.rpartition(" ")
        year = re.escape(last.strip("()"))
        bracketed, bare = rf"[ \t]*\({year}(?:\)|(?!\w))", rf",?[ \t]*(?:\({year}\)|{year}(?!\w))"
        there = re.match(bracketed if narrative else bare, after) if head and year.isalnum() else None
        if there is not None:
            is_whole = not narrative or there[0].endswith(")")
            return (single, there.end()) if text != single and single and is_whole else (head.removesuffix(","), 0)
    return single or written, 0


class Begun:
    """What a line may hold of the beginning of a citation: the name being typed, and words before it.

    >>> names = ["van den Berg", "Poe"]
    >>> Begun("so van den Ber", "Ber").of(names), Begun("from Berg & Po", "Po").of(names), Begun("a Po", "Po").of(names)
    ('van den Ber', 'Berg & Po', 'Po')
    """

    def __init__(self, line: str, typed: str) -> None:
        starts = [match.start() for match in _WORD.finditer(line)][-_MOST_WORDS:]
        self._typed = typed
        self._longer = [(line[at:], _fold(line[at:])) for at in starts if len(line) - at > len(typed)]

    def of(self, families: Sequence[str], written: str = "") -> str:
        """Return the end of the line that a citation of these authors continues, so that no name is there twice."""
        whole = " and ".join(families)
        ends = [whole[at.start() :] for at in _WORD.finditer(whole)] if len(families) <= _MOST_WORDS else []
        heads = [_fold(each) for each in (written, *ends) if not each.startswith("and ")]
        fitting = (end for end, folded in self._longer if any(head.startswith(folded) for head in heads))
        return next(fitting, self._typed)


def _fold(words: str) -> str:
    return fold(words.replace("&", "and"))


def _data(view: View, source: Source) -> dict[str, str]:
    return {"uri": view.document.uri, "source": identity(source)}


def _beginning(view: View, works: Works, letters: str) -> Iterator[tuple[str, Source]]:
    """Yield the sources that have an author whose name begins with this: first those of the page's own bibliography."""
    own = view.facts.own.get(view.path)
    if own is not None:
        wanted = fold(letters)
        for source in own.sources:
            found = next((each.family for each in source.names if fold(each.family).startswith(wanted)), None)
            if found is not None:
                yield found, source
    yield from works.names(view.facts.bibliography).beginning(letters)


def _best(found: Iterable[tuple[str, Source]], view: View, works: Works) -> list[tuple[str, Source]]:
    """Return the best matches: sources that the page cites, then those that the wiki cites most, then the newest."""
    here = works.on_page(view.path, view.facts)

    def rank(each: tuple[str, Source]) -> tuple[bool, int, int, str, str]:
        source = each[1]
        year = int(source.years[0]) if source.years and source.years[0].isdigit() else 0
        name = identity(source)
        return name not in here, -works.counts[name], -year, source.key, name

    # One of several equal keys is enough; the best comes first.
    return heapq.nsmallest(MOST, {each[1].key: each for each in reversed([*found])}.values(), key=rank)


def resolve(view: View, item: types.CompletionItem, wanted: str) -> types.CompletionItem:
    """Return a proposal that describes its source in full."""
    for source in view.facts.bibliography_of(view.path).sources:
        if identity(source) == wanted:
            markdown = view.client.markdown
            kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
            lines = details_of(source, markdown=markdown)
            item.documentation = types.MarkupContent(kind, ("\n\n" if markdown else "\n").join(lines))
            break
    return item


def in_bracket(text: str, offset: int) -> bool:
    """Say whether a bracket of the paragraph is open at an offset.

    >>> in_bracket("as shown (see Hub", 17), in_bracket("it is (now) Hub", 15)
    (True, False)
    """
    before = re.split(r"\n[ \t>]*\n", text[max(0, offset - _LOOK_BACK) : offset])[-1]
    closed = 0
    for char in reversed(before):
        if char in ")]）】":
            closed += 1
        elif char in "([（【":
            if not closed:
                return True
            closed -= 1
    return False
