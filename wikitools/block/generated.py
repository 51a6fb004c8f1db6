"""Recognises generated lines in a list of sources, up to their end; all other lines were written by people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.block.template import DOI_FORM, address_of, readable, safe_url, squeeze, title_of
from wikitools.block.unformatted import ITEM
from wikitools.sources.names import words
from wikitools.sources.questions import finds_sources
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wikitools.markdown.page import Page
    from wikitools.sources.source import Bibliography, Source

REFERENCED_AS = " — referenced as "

_LINE = re.compile(r"[^\r\n]*")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_TARGET = re.compile(r"(`?)\[\[([^\[\]|#`]{1,500})\]\]\1")
_NAMED_NOTE = re.compile(r"\[\[([^\[\]|#`]{1,500})")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_BETWEEN_FORMS = re.compile(r", (?=[(\[`])")


@dataclass(frozen=True, slots=True)
class ListedSource:
    """The content of a list line in the form that generators write; it is generated if all of it is known elsewhere."""

    span: Span
    title: str
    """As a reader sees it."""
    url: str
    """"" for a source without a link."""
    forms: tuple[str, ...]
    """The ways in which, according to the line, the page refers to it, as written; never empty."""

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets of wikilinks among the forms."""
        found = (_TARGET.fullmatch(form) for form in self.forms)
        return tuple(match[2].strip() for match in found if match is not None)


@dataclass(frozen=True, slots=True)
class OldList:
    """A list of sources without a hash."""

    end: int
    """Where its last line ends, line end excluded; -1 if it has no line."""
    listed: tuple[ListedSource, ...] = ()
    stray: Span | None = None
    """The first line that was not generated."""


def read_list(page: Page, start: int, end: int, *, closed: bool) -> OldList:
    """Read the list from `start`, the start of a line, to `end` at most.

    A `closed` list is between markers, and every line must belong to it. Otherwise a paragraph after an empty line ends
    it, unless the list continues after that.
    """
    text = page.text
    listed: list[ListedSource] = []
    entry: list[tuple[int, int]] = []
    marks: tuple[str, str] | None = None
    stray: tuple[int, int] | None = None
    last, blank = -1, True

    def finish() -> None:
        nonlocal stray
        if entry:
            found = _read_entry(page.path, text, entry)
            if found is None:
                stray = stray or entry[0]
            else:
                listed.append(found)
            entry.clear()

    for first, stop in lines(text, start, end):
        line = text[first:stop]
        item = ITEM.match(line)
        if not line.strip():
            finish()
            blank = True
            continue
        if item is not None and marks in (None, (item[1] or "", item[3] or "")):
            finish()
            marks = (item[1] or "", item[3] or "")
            entry.append((first, stop))
        elif entry and line[:1] in (" ", "\t") and not blank:
            entry.append((first, stop))
        else:
            finish()
            if closed or line[:1] in (" ", "\t") or _is_lazy(line, after_item=not blank) or _goes_on(text, first, end):
                stray = stray or (first, stop)
            if not closed:
                break
        last, blank = first + len(line.rstrip()), False
    finish()
    return OldList(last, tuple(listed), None if stray is None else Span(page.path, *stray))


def _is_lazy(line: str, *, after_item: bool) -> bool:
    """Say whether an unindented line right after an entry belongs to it."""
    return after_item and not line.startswith("<!--") and _HEADING.match(line) is None


def _goes_on(text: str, start: int, end: int) -> bool:
    """Say whether lines of the list follow in the same section."""
    for first, stop in lines(text, start, end):
        line = text[first:stop]
        if _HEADING.match(line) is not None:
            return False
        if ITEM.match(line) is not None and REFERENCED_AS.strip() in line:
            return True
    return False


def _read_entry(path: str, text: str, places: Sequence[tuple[int, int]]) -> ListedSource | None:
    """Return the content of an entry if it has exactly the form that generators write."""
    joined = " ".join(text[first:stop].strip() for first, stop in places)
    item = ITEM.match(joined)
    head, mark, tail = joined[item.end() if item is not None else 0 :].strip().rpartition(REFERENCED_AS)
    head, forms = head.strip(), tuple(form.strip() for form in _BETWEEN_FORMS.split(tail))
    if not mark or not head or not all(forms):
        return None
    title, url = head, ""
    if head.startswith("[") and head.endswith(")") and "](" in head:
        title, _between, url = head[1:-1].rpartition("](")
        url = url[1:-1] if url.startswith("<") and url.endswith(">") else url
        if not url or any(char.isspace() for char in url):
            return None
    span = Span(path, places[0][0], places[-1][1])
    return ListedSource(span, squeeze(_ESCAPED.sub(r"\1", title)), url, forms)


def is_known(listed: ListedSource, sources: Iterable[Source], notes: Iterable[Page], prose: str) -> bool:
    """Say whether everything in a line of an old list is known elsewhere, so that nothing is lost if it is removed.

    `sources` are those that the line may mean, `notes` the pages that its wikilinks lead to, `prose` is the page
    `outside` of the list. Title and address must be exactly theirs; a form must occur on the page, be a link to a note,
    or name a source's authors and year.
    """
    known, pages = tuple(sources), tuple(notes)
    titles = {squeeze(name) for one in known for name in (title_of(one), one.title, *one.aliases)}
    titles |= {squeeze(name) for page in pages for name in (page.title, page.name, *page.aliases)}
    if listed.title not in titles:
        return False
    addresses = {address for one in known for address in (one.url, address_of(one), safe_url(address_of(one)))}
    if listed.url and listed.url not in addresses and not any(_holds(page.text, listed.url) for page in pages):
        return False
    return all(_is_known_form(form, known, prose) for form in listed.forms)


def _is_known_form(form: str, sources: Iterable[Source], prose: str) -> bool:
    plain = _ESCAPED.sub(r"\1", form).strip("`")
    # Words that also occur on the page may still be hand-written here; a citation has a year or a key.
    cited = plain in prose and (plain.startswith("@") or any(char.isdigit() for char in plain))
    told = form == DOI_FORM or _TARGET.fullmatch(form) is not None
    return told or cited or any(_names(plain, one) for one in sources)


def _names(form: str, source: Source) -> bool:
    """Say whether a form consists of the first authors of a source, maybe "et al.", and one of its years."""
    said = [word for word in words(form) if word != "and"]
    for name in source.names:
        family = list(words(name.family))
        if said[: len(family)] != family:
            break
        del said[: len(family)]
    if said[:2] == ["et", "al"]:
        del said[:2]
    return said in ([], *([*words(year + letter)] for year in source.years for letter in ("", source.suffix)))


def _holds(text: str, address: str) -> bool:
    """Say whether a text contains an address as a whole."""
    return re.search(rf"(?<![\w/]){re.escape(address)}(?![\w/%?&=#-])", text) is not None


def notes_in(block_text: str) -> tuple[str, ...]:
    """Return the targets of the wikilinks in a block's text: the notes by which it says that sources are cited.

    >>> notes_in("- [A](https://a.example) — referenced as `[[notes/a|A]]`, [[b#part]]")
    ('notes/a', 'b')
    """
    return tuple(dict.fromkeys(match[1].strip() for match in _NAMED_NOTE.finditer(block_text)))


def outside(page: Page, span: Span) -> str:
    """Return a page's text outside of a list, as written and as a reader sees it, blanks squeezed."""
    rest = page.text[: span.start] + " " + page.text[span.end :]
    return f"{squeeze(rest)}\n{readable(rest)}"


@finds_sources
def _title_as_shown(source: Source) -> tuple[str, ...]:
    return (title_of(source),)


def titled(bibliography: Bibliography, title: str) -> tuple[Source, ...]:
    """Return the sources with exactly this title, blanks squeezed."""
    found: list[Source] = []
    for layer in bibliography.layers:
        found += layer.find(_title_as_shown, title)
    return tuple(found)


def lines(text: str, position: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield start and end (line end excluded) of each line from `position`, which starts one, up to `end`."""
    while position < end:
        match = _LINE.match(text, position, end)
        stop = match.end() if match is not None else position
        yield position, stop
        position = stop + (2 if text.startswith("\r\n", stop) else 1)
