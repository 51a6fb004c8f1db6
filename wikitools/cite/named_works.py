"""Works known by a name, and their chapters: "Atlas Ch.7.6", "Atlas Ch.7 — Goal-Directedness"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.cite import prefilter
from wikitools.cite.citation import Citation
from wikitools.sources.names import words
from wikitools.sources.questions import ALL, finds_sources, table_of
from wikitools.sources.vocabulary import LOCATORS, NOT_AUTHORS, SENTENCE_WORDS
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wikitools.cite.prose import Prose
    from wikitools.markdown.page import Page
    from wikitools.sources.source import Bibliography, Layer, Source

# The first character is searched for separately, which takes a third of the time on long texts.
_CHAPTER_WORD = (
    r"[CcKkSsPpVv§](?:(?<=[Cc])h(?:ap(?:ter|\.)?|\.)?|(?<=[Kk])ap(?:itel|\.)|(?<=[Cc])ap(?:ítulo|\.)"
    r"|(?<=[Ss])ec(?:tion|t?\.)|(?<=[Pp])art|(?<=[Vv])ol(?:ume|\.)|(?<=§))"
)
"""It starts with one set of characters, which is quick to search for."""
_NUMBER = r"[ \x01]*(\d+(?:\.\d+)*|[IVXL]+\b)"
_CHAPTER = re.compile(_CHAPTER_WORD + _NUMBER)
_SHORT_CHAPTER = re.compile(r"(?:[Cc]h(?:ap(?:ter|\.)?|\.)?|§)" + _NUMBER)
"""The only parts of a work that an unknown name can be cited with; quick to search for."""
_HOLDER_FIELDS = ("booktitle", "container-title", "book", "part_of", "part-of", "partof", "parent")


@dataclass(frozen=True, slots=True)
class NamedPart:
    """What a name says: "AI Safety Atlas Ch.7 — Goal-Directedness" is a work, a chapter of it, the chapter's title."""

    work: tuple[str, ...]
    chapter: str = ""
    title: tuple[str, ...] = ()


def read_name(name: str) -> NamedPart:
    """Split a name at its chapter, if it has one.

    >>> read_name("Atlas Ch.7 — Goal-Directedness")
    NamedPart(work=('atlas',), chapter='7', title=('goal', 'directedness'))
    """
    match = _CHAPTER.search(name)
    if match is None:
        return NamedPart(words(name))
    return NamedPart(words(name[: match.start()]), match[1], words(name[match.end() :]))


@dataclass(frozen=True, slots=True)
class _Names:
    """The named works of one bibliography: their names, and the parts of each work."""

    whole: dict[tuple[str, ...], list[Source]]
    """Works by each of their names (aliases and titles)."""
    parts: dict[tuple[str, ...], list[tuple[NamedPart, Source]]]
    """Chapters by the name of their work."""
    aliases: frozenset[tuple[str, ...]]
    """Names that are aliases: an alias alone is enough to cite a work, "(Atlas)"."""
    longest: int
    """The most words a name has."""
    lasts: frozenset[str]
    """The last words of all names."""


def _names_of(layer: Layer) -> _Names | None:
    """Return the named works of a layer, or `None` if it has none; cached.

    Whoever looks for a name there notes that with `_note_name`.
    """
    layer.note(table_of(_last_words))
    names = layer.remember("named", lambda: _names_in(layer.all_sources))
    return names if names.aliases or names.parts else None


@finds_sources
def _last_words(source: Source) -> Iterator[str]:
    """Yield the last word of each name that a source has or belongs to, and `ALL` if it alone makes names matter.

    A name may be cited without its first words, so its last one stands for all its forms.
    """
    names = _names_in((source,))
    if names.aliases or names.parts:
        yield ALL
    yield from names.lasts


def _note_name(bibliography: Bibliography, form: tuple[str, ...], known: Iterable[_Names] = ()) -> None:
    """Note that works of this name were looked for, and, if they are `known`, that all their other names were."""
    lasts = {*form[-1:]}
    for names in known:
        for source in names.whole.get(form, ()):
            lasts.update(word for name in (*source.aliases, source.title) for word in words(name)[-1:])
    for layer in bibliography.layers:
        for last in lasts:
            layer.note(table_of(_last_words), last)


def _names_in(sources: Iterable[Source]) -> _Names:
    whole: dict[tuple[str, ...], list[Source]] = {}
    parts: dict[tuple[str, ...], list[tuple[NamedPart, Source]]] = {}
    aliases: set[tuple[str, ...]] = set()
    # "Atlas" may be the AI Safety Atlas, if no other name ends like this.
    tails: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for source in sources:
        chapter = str(source.fields.get("chapter", ""))
        holder = next((source.fields[name] for name in _HOLDER_FIELDS if source.fields.get(name)), "")
        if chapter and holder:
            parts.setdefault(words(holder), []).append((NamedPart(words(holder), chapter, words(source.title)), source))
        if not source.aliases and not source.note:
            continue
        for name in dict.fromkeys((*source.aliases, source.title)):
            part = read_name(name)
            if part.chapter and part.work:
                parts.setdefault(part.work, []).append((part, source))
            elif part.work and not part.chapter:
                whole.setdefault(part.work, []).append(source)
                if name in source.aliases:
                    aliases.add(part.work)
    for form in [form for form in parts if len(form) > 1]:
        for start in range(1, len(form)):
            tails.setdefault(form[start:], set()).add(form)
    for tail, (form, *others) in tails.items():
        if not others and tail not in whole and tail not in parts:
            parts[tail] = parts[form]
            if form in whole:
                whole[tail] = whole[form]
    forms = (*whole, *parts)
    lasts = frozenset(form[-1] for form in forms if form)
    return _Names(whole, parts, frozenset(aliases), max(map(len, forms), default=0), lasts)


@dataclass(frozen=True, slots=True)
class Named:
    """A citation by name, and the sources it may mean."""

    citation: Citation
    sources: tuple[Source, ...]
    evidence: str


_ITEM_END = re.compile(r"[;\n)\]]|[ \x01]*(?:,|\bsee\b|\band\b)")
_WINDOW = 120
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def named_citations(prose: Prose, bibliography: Bibliography) -> list[Named]:
    """Return the citations of works by name in prose: a name before a chapter, or an alias alone in brackets."""
    found: list[Named] = []
    page = prose.page
    known = [names for layer in bibliography.layers if (names := _names_of(layer)) is not None]
    taken: set[int] = set()
    # Most bibliographies have no named works; if one has, a name may be anywhere.
    places = () if known else prefilter.chapters(prose)
    if not known and not places:
        return found
    excerpt = prose.whole() if known else prose.around(places)
    text = excerpt.text
    chapter = _CHAPTER if known else _SHORT_CHAPTER
    for match in (match for part in excerpt.parts for match in chapter.finditer(text, *part)):
        named = _before_chapter(page, text, match, known, bibliography) or _in_brackets(page, text, match, bibliography)
        if named is not None:
            taken.add(named.citation.span.start)
            found.append(named)
    lasts = frozenset[str]().union(*(names.lasts for names in known))
    looked_for: set[str] = set()
    for match in _ITEM.finditer(text) if any(names.aliases for names in known) else ():
        # Hardly any item ends like a name, so most are read no further.
        last = words(match[1].rpartition(" ")[2])[-1:] or words(match[1])[-1:]
        if lasts.isdisjoint(last):
            looked_for.update(last)
            continue
        start, end = match.span(1)
        form = words(match[1])
        _note_name(bibliography, form, known)
        for names in known:
            if start not in taken and form in names.aliases and names.whole.get(form):
                found.append(_named(page, (start, end), NamedPart(form), names))
                break
    for last_word in looked_for:
        _note_name(bibliography, (last_word,))
    return sorted(found, key=lambda named: named.citation.span)


_ITEM = re.compile(
    r"[(\[;][ \x01]{0,3}(?:(?:see also|see|cf\.|e\.g\.,?|also)[ \x01])?([^\W\d_][^()\[\];,\n]{0,80})(?=[)\];,])"
)


_NAME_IN_BRACKETS = re.compile(
    r"[(\[;][ \x01]{0,3}([A-Z][\w'-]*(?:[ \x01](?:of|the|and|for|on|in|to|[A-Z][\w'-]*)){0,8})"
    r"(?:,[ \x01]{0,3}|[ \x01]{1,3})\Z"
)
_OPENING = re.compile(r"[(\[;]")


def _in_brackets(page: Page, text: str, match: re.Match[str], bibliography: Bibliography) -> Named | None:
    """Return the citation that is a capitalised name and a chapter in brackets: "(AI Safety Atlas, Ch. 7)".

    It means the works with that title or short title; if there are none, it is a citation that fits nothing.
    """
    low = max(0, match.start() - _WINDOW)
    opening = max((found.start() for found in _OPENING.finditer(text, low, match.start())), default=-1)
    name = _NAME_IN_BRACKETS.match(text, opening, match.start()) if opening >= 0 else None
    if (
        name is None
        or not match[0].lower().startswith(("ch", "§"))
        or not text[match.end() : match.end() + 1].strip(" ")
    ):
        return None
    form = words(name[1])
    if not form or any(word in LOCATORS or word in NOT_AUTHORS for word in form) or form[0] in SENTENCE_WORDS:
        return None
    sources = next((known for layer in bibliography.layers if (known := layer.find(titles_of, form))), ())
    if not sources and (bibliography.is_empty or any(layer.has_author(form[0]) for layer in bibliography.layers)):
        return None
    if not sources and match[0].startswith("§") and not near_titles(name[1], bibliography):
        return None  # laws have paragraphs, too: "(Clean Air Act §9)"
    citation = Citation(
        span=Span(page.path, name.start(1), match.end()),
        text=" ".join(page.text[name.start(1) : match.end()].split()),
        title=" ".join(page.text[name.start(1) : name.end(1)].split()),
        locator=" ".join(page.text[match.start() : match.end()].split()),
        kind="named",
    )
    return Named(citation, _distinct(sources), "title")


def near_titles(name: str, bibliography: Bibliography) -> tuple[str, ...]:
    """Return the titles that end like the name of a work that no source has: "Atlas", "AI Safety Atlas"."""
    last = words(name)[-1:]
    found = [source for layer in bibliography.layers for source in layer.find(_ends_of_titles, last)] if last else []
    return tuple(dict.fromkeys(source.title for source in found))[:_MOST_NEAR]


@finds_sources
def _ends_of_titles(source: Source) -> Iterator[tuple[str, ...]]:
    yield words(source.title)[-1:]


_MOST_NEAR = 3


@finds_sources
def titles_of(source: Source) -> Iterator[tuple[str, ...]]:
    """Yield the words of the title and the short titles of a source."""
    for title in (source.title, source.fields.get("shorttitle", ""), *source.fields.get("ids", "").split(",")):
        if form := words(title):
            yield form


def _before_chapter(
    page: Page, text: str, match: re.Match[str], known: list[_Names], bibliography: Bibliography
) -> Named | None:
    """Return the citation whose name is right before the chapter that `match` found."""
    before = list(_WORD.finditer(text, max(0, match.start() - _WINDOW), match.start())) if known else []
    if not before or text[before[-1].end() : match.start()].strip(" \x01,"):
        return None
    window = text[before[0].start() : match.start()]
    # What a name can end with, unless folding joins two words of the text into one.
    last = words(before[-1][0])[-1:] if window.isascii() and "''" not in window and "`" not in window else ()
    _note_name(bibliography, words(window))
    for names in known:
        if last and last[0] not in names.lasts:
            continue
        for count in range(min(len(before), names.longest), 0, -1):
            start = before[-count].start()
            if "\n" in text[start : match.start()]:
                continue
            form = words(text[start : match.start()])
            if form not in names.whole and form not in names.parts:
                continue
            _note_name(bibliography, form, known)
            stop = _ITEM_END.search(text, match.end())
            rest_end = min(stop.start() if stop else len(text), match.end() + _WINDOW)
            rest = text[match.end() : rest_end]
            dashed = rest.lstrip(" \x01")[:1] in ("-", ":")
            title = words(rest) if dashed else ()
            end = rest_end if dashed and _part(names, form, match[1], title) else match.end()
            part = NamedPart(form, match[1], title if end == rest_end else ())
            return _named(page, (start, end), part, names)
    return None


def _synonyms(names: _Names, form: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return all names of the works called `form`."""
    found = [form]
    for source in names.whole.get(form, ()):
        for name in (*source.aliases, source.title):
            other = words(name)
            if other not in found and other in (*names.whole, *names.parts):
                found.append(other)
    return found


def _part(names: _Names, form: tuple[str, ...], chapter: str, title: tuple[str, ...]) -> tuple[Source, ...]:
    """Return the sources that are this chapter, by number and title, or that represent the whole chapter."""
    parts = [
        part for name in _synonyms(names, form) for part in names.parts.get(name, ()) if part[0].chapter == chapter
    ]
    if title:
        fitting = [source for part, source in parts if part.title == title]
    else:
        fitting = [source for part, source in parts if not part.title]
        if not fitting:
            fitting = [
                source
                for part, source in parts
                if source.fields.get("chapter") == chapter and not source.fields.get("section")
            ]
    return _distinct(fitting)


def _distinct(sources: Iterable[Source]) -> tuple[Source, ...]:
    found: list[Source] = []
    for source in sources:
        if not any(source is other for other in found):
            found.append(source)
    return tuple(found)


def _named(page: Page, place: tuple[int, int], part: NamedPart, names: _Names) -> Named:
    """Return the citation from `start` to `end`: of the chapter's own source if there is one, or else of the work."""
    start, end = place
    form, chapter, title = part.work, part.chapter, part.title
    sources: tuple[Source, ...] = ()
    evidence = "name"
    if chapter:
        sources = _part(names, form, chapter, title)
        evidence = "name and chapter"
        if not sources and title:
            sources = _part(names, form, chapter, ())
        if not sources and "." in chapter:
            sources = _part(names, form, chapter.partition(".")[0], ())
    if not sources:
        sources = _distinct(source for name in _synonyms(names, form) for source in names.whole.get(name, ()))
        evidence = "name"
    printed = page.text[start:end]
    at = _CHAPTER.search(printed)
    citation = Citation(
        span=Span(page.path, start, end),
        text=" ".join(printed.split()),
        title=" ".join((printed[: at.start()] if at else printed).split()).rstrip(" ,"),
        locator=" ".join(printed[at.start() :].split()) if at else "",
        kind="named",
    )
    return Named(citation, sources, evidence)
