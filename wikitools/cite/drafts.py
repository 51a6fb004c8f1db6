"""Author-year citations as they are read from prose, with the sources whose authors and year agree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wikitools.cite.authors import (
    DOUBTFUL,
    EXACT,
    NUMBER,
    REST,
    SMALL,
    WORD,
    Fit,
    Shape,
    Token,
    align,
    extend_left,
    name_run,
    read_shape,
    tokens_of,
)
from wikitools.cite.citation import Citation
from wikitools.cite.dates import Date, find_dates
from wikitools.cite.locators import locator_at
from wikitools.cite.names import PARTICLES, fold, words
from wikitools.cite.prose import GONE
from wikitools.cite.words import AND, MONTHS, NOT_AUTHORS, SENTENCE_WORDS
from wikitools.text import Span

if TYPE_CHECKING:
    from wikitools.cite.source import Bibliography, Layer, Source
    from wikitools.wiki.page import Page


@dataclass(slots=True)
class Draft:
    """A citation, and what was learnt about its sources while it was read."""

    citation: Citation
    fits: tuple[Fit, ...] = ()
    """The sources whose authors and year agree, all of the best rank found."""
    printed: list[Token] = field(default_factory=list)
    """The author list as printed; shared with the years that continue it."""
    lead: str = ""
    """"bracket", "narrative" or "bare"."""
    date: Date | None = None
    convincing: bool = True


_NEAR, _FAR = 72, 400
_AND = "and|und|et|y|e|&"
_BETWEEN = re.compile(rf"[ \x01]*[,;/]?[ \x01]*(?:{_AND})?[ \x01]*")
_REOPENED = re.compile(rf"[\])][ \x01]*[,;]?[ \x01]*(?:{_AND})?[ \x01]*[\[(]")
_SPACE = re.compile(r"\s+")
_LINE_START = re.compile(r"\n(?:[ ]{0,3}>[ ]?)+")


def draft_citations(page: Page, text: str, bibliography: Bibliography) -> list[Draft]:
    """Return the author-year citations in `text`, the plain prose of `page`, in order."""
    drafts: list[Draft] = []
    previous: Date | None = None
    last: Draft | None = None
    dates = find_dates(text)
    for number, date in enumerate(dates):
        after = dates[number + 1] if number + 1 < len(dates) else None
        draft: Draft | None = None
        if previous is not None and last is not None and _continues(text, previous, date):
            draft = _continued(page, text, last, date, bibliography)
        elif not _is_range(text, previous, date) and not (after is not None and _is_range(text, date, after)):
            lowest = max(date.block, previous.end if previous is not None else 0)
            draft = _ending_with(page, text, date, lowest, bibliography)
        if draft is not None:
            drafts.append(draft)
        last, previous = draft, date
    return drafts


def _is_range(text: str, first: Date | None, second: Date) -> bool:
    """Say whether the two dates are the ends of "1912-1954"."""
    if first is None or second.follows or second.start - first.end > 3:
        return False
    return text[first.end : second.start].strip(" \x01") == "-"


def _continues(text: str, previous: Date, date: Date) -> bool:
    """Say whether nothing but a separator parts the two dates: "1978, 1990a"."""
    if date.follows:
        return True
    gap = text[previous.end : date.start]
    if len(gap) > 14:
        return False
    return (_BETWEEN if date.opening == previous.opening else _REOPENED).fullmatch(gap) is not None


def _continued(page: Page, text: str, last: Draft, date: Date, bibliography: Bibliography) -> Draft | None:
    """Return the citation of one more year of the authors before it."""
    year = date.year or last.citation.year
    citation = replace(
        last.citation,
        span=Span(page.path, date.start, date.end),
        text=squeezed(page.text[date.start : date.end]),
        year=year,
        suffix=date.suffix,
        locator=_locator(page, text, date.end),
        group=_group(page, date),
    )
    fits, _start = best_fits(last.printed, 0, len(last.printed), year, date.original, bibliography)
    if not fits and year in _UNFINISHED:
        return None
    return Draft(citation, fits, last.printed, last.lead, replace(date, year=year))


def _ending_with(page: Page, text: str, date: Date, lowest: int, bibliography: Bibliography) -> Draft | None:
    """Return the citation whose year or other date is `date` and whose names stand after `lowest`, if there is one."""
    if _after_other_word(text, date, lowest, bibliography):
        return None
    tokens, end, lead = _tokens_before(text, date, lowest)
    if end == 0:
        return None
    _capitalise_known(tokens, end, date, bibliography)
    run = name_run(tokens, end)
    fits: tuple[Fit, ...] = ()
    start = end
    if run < end:
        fits, start = best_fits(tokens, run, end, date.year, date.original, bibliography)
    if not fits and lead == "bracket":
        fits, item = _whole_item(text, date, lowest, bibliography)
        if fits:
            return _draft(page, text, date, item, lead, fits)
    if fits:
        if not _plausible(tokens, start, end, lead, fits[0]):
            return None
        return _draft(page, text, date, tokens[start:end], lead, fits)
    if lead == "bracket" and (titled := _around_title(page, text, date, lowest, bibliography)) is not None:
        return titled
    if run == end:
        return None
    shape = read_shape(tokens, run, end)
    if shape is None:
        return None
    if _convincing(tokens, shape, end, lead, date, bibliography):
        return _draft(page, text, date, tokens[shape.start : end], lead, ())
    if lead == "narrative" and date.year.isdigit() and end - shape.start == 1 and _may_be_name(tokens[shape.start]):
        return replace(_draft(page, text, date, tokens[shape.start : end], lead, ()), convincing=False)
    return None


def _may_be_name(token: Token) -> bool:
    """Say whether a single word before "(2014)" could be a slip in a name."""
    return len(token.text) >= _SHORTEST_SLIP and _INNER_CAPITAL.match(token.text) is not None


_SHORTEST_SLIP = 5


def _around_title(page: Page, text: str, date: Date, lowest: int, bibliography: Bibliography) -> Draft | None:
    """Return the citation that has the work's title in its bracket: "Hubinger et al. (Risks from …, 2019)"."""
    if date.opening < lowest or date.start - date.opening > _LONGEST_ITEM:
        return None
    inside = words(text[date.opening + 1 : date.start])
    if len(inside) < _SHORTEST_TITLE:
        return None
    tokens = tokens_of(text, max(lowest, date.opening - _NEAR), date.opening)
    end = len(tokens)
    run = name_run(tokens, end)
    fits, start = best_fits(tokens, run, end, date.year, date.original, bibliography) if run < end else ((), end)
    fits = tuple(fit for fit in fits if _same_beginning(inside, words(fit.source.title)))
    if not fits:
        return None
    draft = _draft(page, text, date, tokens[start:end], "narrative", fits)
    title = squeezed(page.text[date.opening + 1 : date.start].rstrip(" ,*_"))
    return replace(draft, citation=replace(draft.citation, title=title.lstrip("*_\"“")))


def _same_beginning(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Say whether two titles are the same as far as the shorter one goes."""
    shorter = min(len(one), len(other))
    return shorter >= _SHORTEST_TITLE and one[:shorter] == other[:shorter]


_SHORTEST_TITLE = 2


_WORD_BEFORE = re.compile(r"[^\W\d_]+$")
_BEFORE_DATES = frozenset("al alii colleagues others coworkers workers collaborators coauthors authors cols col coll colab др ін a fl".split())
_LONGEST_WORD = 30


def _after_other_word(text: str, date: Date, lowest: int, bibliography: Bibliography) -> bool:
    """Say whether the word right before the date is in lower case and no name, as in "in 2010": most years are no citations'."""
    end = date.start
    while end > lowest and text[end - 1] in " \x01":
        end -= 1
    if end == lowest or not text[end - 1].islower():
        return False
    word = _WORD_BEFORE.search(text, max(lowest, end - _LONGEST_WORD), end)
    if word is None or not word[0].islower() or word[0] in _BEFORE_DATES or text[word.start() - 1 : word.start()] in ("-", "'"):
        return False
    return date.opening < lowest and not _known_in(fold(word[0]), date, bibliography)


def _known_in(word: str, date: Date, bibliography: Bibliography) -> bool:
    return any(layer.by_author_and_year(word, date.year) for layer in bibliography.layers)


def _capitalise_known(tokens: list[Token], end: int, date: Date, bibliography: Bibliography) -> None:
    """Take the last word as a name, though it is in lower case, when it is an author of that year: "van der lee et al., 2015"."""
    at = end - 1
    while at > 0 and tokens[at].kind in (REST, ",", "."):
        at -= 1
    token = tokens[at]
    if token.kind == SMALL and token.folded and token.folded[0] not in PARTICLES and _known_in(token.folded[0], date, bibliography):
        token.kind = WORD


def _tokens_before(text: str, date: Date, lowest: int) -> tuple[list[Token], int, str]:
    """Return the tokens before a date, how many of them come before what leads to it (comma, bracket), and that lead.

    The lead is "narrative" for `Shah (2023`, "bracket" for `(Shah, 2023`, else "bare".
    """
    for width in (_NEAR, _FAR):
        begin = max(lowest, date.start - width)
        if begin > lowest:
            while begin < date.start and text[begin].isalnum():
                begin += 1
        tokens = tokens_of(text, begin, date.start)
        end = len(tokens)
        lead = "bracket" if date.opening >= 0 else "bare"
        while end > 0 and tokens[end - 1].kind in ",;:.([\"'“”„«»":
            sign = tokens[end - 1].kind
            if sign == "." and end > 1 and tokens[end - 2].kind == WORD and len(tokens[end - 2].text) > 3 and lead != "narrative":
                if lead == "bare":
                    return tokens, 0, lead
            if sign in "([":
                if lead == "narrative":
                    break
                lead = "narrative"
            end -= 1
        end = _without_acronym(tokens, end)
        if begin == lowest or (end > 0 and name_run(tokens, end) > 0) or (end == 0 and width == _FAR):
            break
    return tokens, end, lead


def _without_acronym(tokens: list[Token], end: int) -> int:
    """Take out a bracket with nothing but words that ends at `end`: "World Health Organization [WHO], 2021"."""
    if end < 3 or tokens[end - 1].kind not in ")]":
        return end
    at = end - 2
    while at > 0 and end - at < _LONGEST_ACRONYM and tokens[at].kind in (WORD, SMALL, "&", "-", "."):
        at -= 1
    if at == end - 2 or at == 0 or tokens[at].kind not in "([" or tokens[at - 1].kind not in (WORD, SMALL):
        return end
    del tokens[at:end]
    return at


_LONGEST_ACRONYM = 12


def best_fits(
    tokens: list[Token], run: int, end: int, year: str, original: str, bibliography: Bibliography
) -> tuple[tuple[Fit, ...], int]:
    """Return the fits of best rank among all author lists that the tokens `run` to `end` end with, and where names start.

    Earlier layers win over later ones of the same rank.
    """
    best: list[Fit] = []
    best_order = _WORST
    for layer in bibliography.layers:
        found, order = _layer_fits(tokens, run, end, year, original, layer)
        if found and order < best_order:
            best, best_order = found, order
    return tuple(best), best_order[1] if best else end


_WORST = (99, 0, 0)
_FEW_WORKS = 40


def _layer_fits(
    tokens: list[Token], run: int, end: int, year: str, original: str, layer: Layer
) -> tuple[list[Fit], tuple[int, int, int]]:
    """Return the best fits in one layer and their order: rank, start, looseness of given names."""
    best: list[Fit] = []
    best_order = _WORST
    for at in range(run, end):
        token = tokens[at]
        if not token.folded or token.kind == NUMBER:
            continue
        for source in _dated(layer, token.folded[0], year, original):
            fit = align(tokens, at, end, source)
            extended = extend_left(tokens, at, run, source) if fit is not None else None
            if fit is None or extended is None:
                continue
            start, loosely = extended
            doubt = _doubt(tokens, run, start)
            if doubt is None:
                continue
            order = (fit.rank + doubt, start, fit.loose + loosely)
            if order < best_order:
                best, best_order = [], order
            if order == best_order:
                best.append(Fit(source, order[0], start, fit.named, fit.et_al, order[2]))
    if not best and year in _YEARLESS and year not in _UNFINISHED:
        return _only_work(tokens, run, end, layer)
    return best, best_order


def _only_work(tokens: list[Token], run: int, end: int, layer: Layer) -> tuple[list[Fit], tuple[int, int, int]]:
    """Return the one work of these authors in the layer, whatever its year: what is "in press" on a page may be out by now."""
    for at in range(run, end):
        known = layer.by_author(tokens[at].folded[0]) if tokens[at].folded else ()
        if not known or len(known) > _FEW_WORKS:
            continue
        fits = [fit for source in known if (fit := align(tokens, at, end, source)) is not None and fit.rank == EXACT]
        if len(fits) == 1 and (extended := extend_left(tokens, at, run, fits[0].source)) is not None:
            return [replace(fits[0], start=extended[0])], (EXACT, extended[0], 0)
    return [], _WORST


_YEARLESS = ("in press", "forthcoming", "n.d.", "in prep.", "in review", "submitted")


def _dated(layer: Layer, word: str, year: str, original: str) -> Sequence[Source]:
    """Return the sources whose first author can start with `word` and whose year is right."""
    found = layer.by_author_and_year(word, year)
    if original and not found:
        found = layer.by_author_and_year(word, original)
    if not found and year in _YEARLESS:
        found = layer.by_author_and_year(word, "")
    return found


def _doubt(tokens: list[Token], run: int, start: int) -> int | None:
    """Return how much what stands before the names makes them doubtful; `None` when a name is joined to them.

    "Penneys and Judd 2013" is not Judd 2013; "Kong Li et al." may be a Kong Li, not Li.
    """
    if start <= run:
        return 0
    before = tokens[start - 1]
    if before.kind == WORD and before.folded:
        return 0 if before.folded[0] in SENTENCE_WORDS else DOUBTFUL
    if before.kind == "&" or (before.kind == SMALL and before.folded and before.folded[0] in AND):
        at = start - 2
        while at >= run and tokens[at].kind in ",.":
            at -= 1
        if at >= run and tokens[at].kind == WORD and tokens[at].folded and tokens[at].folded[0] not in SENTENCE_WORDS:
            return None
    return 0


_FIRST_WORD = re.compile(r"[ \x01\"'“”„«»]{0,4}(?:[Tt]he[ \x01])?([^\W_]+(?:-[^\W_]+){0,3})")
_LONGEST_ITEM = 400


def _whole_item(text: str, date: Date, lowest: int, bibliography: Bibliography) -> tuple[tuple[Fit, ...], list[Token]]:
    """Return the fits of a title or organisation that fills its place in a bracket, and its tokens.

    The place runs from the bracket or the last `;` to the date: ("On sheep: a study", n.d.).
    """
    begin = max(date.opening + 1, lowest)
    if date.opening < 0 or date.start - begin > _LONGEST_ITEM:
        return (), []
    begin = max(begin, text.rfind(";", begin, date.start) + 1)
    first = _FIRST_WORD.match(text, begin, date.start)
    if first is None:
        return (), []
    word = words(first[1])[0]
    found: list[tuple[Fit, ...]] = []
    tokens: list[Token] = []
    for layer in bibliography.layers:
        known = [source for source in _dated(layer, word, date.year, date.original) if not source.names or not source.names[0].given]
        if not known:
            continue
        tokens = tokens or _trimmed(tokens_of(text, first.start(1), date.start))
        fits = tuple(fit for source in known if (fit := align(tokens, 0, len(tokens), source)) is not None)
        if fits:
            found.append(fits)
    return (found[0], tokens) if found else ((), [])


def _trimmed(tokens: list[Token]) -> list[Token]:
    """Return the tokens without the signs that lead to the date."""
    end = len(tokens)
    while end and not tokens[end - 1].folded and tokens[end - 1].kind != NUMBER:
        end -= 1
    return tokens[:end]


def _plausible(tokens: list[Token], start: int, end: int, lead: str, fit: Fit) -> bool:
    """Say whether names that fit a source are more than words that happen to be a name: "May 2011" is a date."""
    if fit.named > 1 or fit.et_al:
        return True
    printed = [token for token in tokens[start:end] if token.folded]
    if len(printed) > 1:
        return True
    word = printed[0].folded[0]
    if word in MONTHS:
        return lead == "narrative" or (lead == "bracket" and end < len(tokens) and tokens[end].kind == ",")
    return not (lead != "bracket" and (word in NOT_AUTHORS or word in SENTENCE_WORDS))


_UNFINISHED = frozenset(("in prep.", "in review", "submitted"))
_FIRST_YEAR = 1900
_YEARS_AHEAD = 3
_MOST_WORDS = 4
_EPITHET = re.compile(r"[a-z-]{3,}(?:us|um|is|ii|i|ae|a|oides|ans|ens|e|on|or|x)\Z")
_ACRONYM = re.compile(r"[A-Z]{3,6}\Z")
_INNER_CAPITAL = re.compile(r"(?:Mc|Mac|De|Di|Da|Du|La|Le|Van|Von|Ver|Fitz|O'|D'|L')?[^\W\d_][^\W\d_A-Z]*(?:[-'][^\W\d_][^\W\d_A-Z]*)*\Z")


def _convincing(tokens: list[Token], shape: Shape, end: int, lead: str, date: Date, bibliography: Bibliography) -> bool:
    """Say whether names and a date that fit no source still look like a citation.

    An author whom the bibliography knows speaks for it, and so do "et al.", two names joined, a bracket of its own; a
    product or collection number ("NanoDrop 2000", "Giacomin et al. 1854"), the authority of a species name
    ("Porcellio laevis Latreille, 1804") and a manuscript in preparation speak against it.
    """
    if date.year in _UNFINISHED:
        return False
    known = any(layer.by_author(word) for layer in bibliography.layers for word in shape.firsts)
    if not date.year.isdigit():
        return known
    if _is_authority(tokens, shape, end):
        return False
    year = int(date.year)
    if not _FIRST_YEAR <= year <= bibliography.latest_year() + _YEARS_AHEAD:
        return known and not shape.et_al and year < _FIRST_YEAR and lead != "bare"
    if shape.et_al:
        return True
    names = tokens[shape.start : end]
    capitals = [token for token in names if token.kind == WORD and len(token.text) > 1]
    if any(token.kind == NUMBER for token in names):
        return False
    if any(not _INNER_CAPITAL.match(token.text) for token in capitals):
        return lead == "bracket" and len(names) == 1 and _ACRONYM.match(names[0].text) is not None
    if len(shape.spans) > 1:
        return known or (lead != "bare" and len(capitals) <= len(shape.spans))
    if lead == "bare" or len(capitals) > _MOST_WORDS:
        return False
    before = tokens[shape.start - 1] if shape.start > 0 else None
    return known or (lead == "bracket" and (before is None or before.kind in "([;,"))


def _is_authority(tokens: list[Token], shape: Shape, end: int) -> bool:
    """Say whether the names are the authority of a species: after a genus and an epithet, with a comma before the year."""
    if shape.et_al or end >= len(tokens) or tokens[end].kind != ",":
        return False
    at = shape.start - 1
    if at > 0 and tokens[at].kind == "(":
        at -= 1
    if at > 0 and tokens[at].kind == ")":  # a subgenus: Bembidion (Trepanes) octomaculatum
        return False
    if at < 1 or tokens[at].kind != SMALL or not _EPITHET.match(tokens[at].text):
        return False
    genus = tokens[at - 1]
    if genus.kind == ")" and at > 3:
        genus = tokens[at - 4]
    return genus.kind == WORD or (genus.kind == "." and at > 1 and len(tokens[at - 2].text) <= 2)


def _draft(page: Page, text: str, date: Date, printed: list[Token], lead: str, fits: tuple[Fit, ...]) -> Draft:
    start = printed[0].start
    end = date.end
    group = _group(page, date)
    if lead == "narrative" and date.closing >= 0 and not text[date.end : date.closing].strip(" \x01") and start < date.opening:
        end = date.closing + 1
    shape = read_shape(printed, 0, len(printed))
    spans = shape.spans if shape is not None else ((start, printed[-1].end),)
    names = tuple(as_printed(page, text, *span) for span in spans)
    citation = Citation(
        span=Span(page.path, start, end),
        text=squeezed(page.text[start:end]),
        names=names,
        et_al=any(token.kind == REST for token in printed),
        year=date.year,
        suffix=date.suffix,
        locator=_locator(page, text, date.end),
        narrative=lead == "narrative",
        group=group,
    )
    return Draft(citation, fits, printed, lead, date)


def _group(page: Page, date: Date) -> Span | None:
    return Span(page.path, date.opening, date.closing + 1) if date.opening >= 0 and date.closing >= 0 else None


def _locator(page: Page, text: str, at: int) -> str:
    place = locator_at(text, at)
    return " ".join(page.text[place[0] : place[1]].split()) if place else ""


def squeezed(written: str) -> str:
    """Return what an author wrote on one line: quote marks at line starts gone, blanks squeezed."""
    return _SPACE.sub(" ", _LINE_START.sub(" ", written)).strip()


def as_printed(page: Page, text: str, start: int, end: int) -> str:
    """Return a name as a reader sees it: the page's own characters, without markup."""
    written = page.text[start:end]
    if GONE in text[start:end]:
        written = "".join(sign for sign, plain in zip(written, text[start:end], strict=True) if plain != GONE)
    return squeezed(written)
