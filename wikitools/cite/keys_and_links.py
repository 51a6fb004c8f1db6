"""Citations that need no grammar of names: keys, links to source notes, URLs, DOIs and arXiv ids, footnotes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.cite import prefilter
from wikitools.cite.citation import Citation
from wikitools.markdown.page import END, KIND, START, TARGET, URL, WEB, WIKILINK, WebLink, Wikilink, rows_of
from wikitools.sources.identifiers import identifiers_in, url_key
from wikitools.sources.locators import locator_at
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wikitools.cite.prose import Prose
    from wikitools.markdown.page import Page
    from wikitools.sources.source import Bibliography, Source


@dataclass(frozen=True, slots=True)
class Pointer:
    """A citation that names its source outright; `sources` are those it may mean (none: no such key)."""

    citation: Citation
    sources: tuple[Source, ...]
    evidence: str
    convincing: bool = True


_KEY = re.compile(
    r"(?<![^\W_])(?<![.@/\\])(?<![^\W_]_)(?<![^\W_]__)-?@(?:\{([^{}\s]+)\}|(\w(?:[\w:.#$%&+?<>~/-]*\w)?))"
)
"""A key, perhaps with text after it: only the bibliography shows whether `a---b` is one key. Underscores before it are
emphasis."""
_PANDOCS_KEY = re.compile(r"\w+(?:[:.#$%&+?<>~/-]\w+)*")
"""A key ends at the first punctuation that is not followed by a letter or digit (Pandoc's manual, "Citation
syntax")."""
_GROUP = re.compile(r"\[[^\[\]]{1,2000}\]")
_SHAPED = re.compile(r"[^\W\d_]{2}[^#]*?(?:1[6-9]\d|20[0-4])\d[^#]*\Z")
_KEY_LOCATOR = re.compile(r"[ \n]?\[([^\[\]@]{1,80})\](?![(\[])")
_CROSS_REFERENCES = ("fig", "tbl", "tab", "sec", "eq", "lst", "thm", "lem", "cor", "prp", "def", "exm", "exr")
_ROLE = re.compile(r"\{cite(?::[a-z]+)?\}`([^`\n]+)`|\{(?:p|t|ps|ts)?cite[a-z]*\}`([^`\n]+)`")
_ROLE_KEY = re.compile(r"(?:\{[^{}]*\}|[^{},;\s])+")
_ROLE_AFFIX = re.compile(r"\{[^{}]*\}")


def keyed(prose: Prose, bibliography: Bibliography) -> list[Pointer]:
    """Return the citations by key: Pandoc's `[@key, p. 3; see @other]`, `@key [p. 3]`, `[-@key]`, and MyST's roles.

    Outside of brackets an unknown `@word` is a handle, unless it has the shape of a key (letters, then a year).
    See Pandoc's manual, "Citation syntax", and MyST's guide, "Citations and bibliography".
    """
    page = prose.page
    found: list[Pointer] = []
    if "@" in page.text and prefilter.keys(prose):
        text = prose.masked
        groups = [match.span() for match in _GROUP.finditer(text) if "@" in match[0] and "\n\n" not in match[0]]
        rows = rows_of(page.links)
        wikilinks = [(row[START], row[END]) for row in rows if row[KIND] == WIKILINK]
        links = [(row[START], row[END]) for row in rows if row[KIND] != WIKILINK]
        for match in _KEY.finditer(text):
            if _around(match.start(), wikilinks) is None and _around(match.start(), links) is None:
                pointer = _pandoc_key(page, text, match, _around(match.start(), groups), bibliography)
                if pointer is not None:
                    found.append(pointer)
    if "{" in page.text and "}`" in page.text and "cite" in page.text:
        found += _roles(page, prose.masked, bibliography)
    return found


def _around(at: int, ranges: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Return the range that holds `at`; ranges are sorted and do not overlap."""
    low, high = 0, len(ranges)
    while low < high:
        middle = (low + high) // 2
        if ranges[middle][1] <= at:
            low = middle + 1
        else:
            high = middle
    return ranges[low] if low < len(ranges) and ranges[low][0] <= at else None


def _pandoc_key(
    page: Page, prose: str, match: re.Match[str], group: tuple[int, int] | None, bibliography: Bibliography
) -> Pointer | None:
    key, end = match[1] or match[2], match.end()
    sources = bibliography.by_key(key)
    if not sources and match[2]:
        before = prose[max(0, match.start() - 2) : match.start()]
        emphasis = len(before) - len(before.rstrip("_"))
        found = _PANDOCS_KEY.match(key)
        assert found is not None  # a key begins with a letter or digit
        key = found[0][: len(found[0].rstrip("_"))] if emphasis else found[0]
        end = match.start(2) + len(key)
        sources = bibliography.by_key(key)
    shaped = _SHAPED.match(key) is not None
    if not sources:
        if re.split(r"[:\-]", key, maxsplit=1)[0].lower() in _CROSS_REFERENCES and len(key) > 3:
            return None
        if group is None and not shaped:
            return None
    locator = ""
    if group is not None:
        place = locator_at(prose, end)
        locator = prose[place[0] : place[1]] if place else ""
        if not locator and (rest := re.match(r",[ \n]*([^;\]@]+)", prose[end : group[1]])):
            locator = rest[1]
    elif bracket := _KEY_LOCATOR.match(prose, end):
        locator = bracket[1]
    citation = Citation(
        span=Span(page.path, match.start(), end),
        text=prose[match.start() : end],
        locator=" ".join(locator.split()),
        narrative=group is None,
        group=Span(page.path, *group) if group else None,
        key=key,
        kind="key",
    )
    return Pointer(citation, sources, "citation key", shaped or group is not None)


def _roles(page: Page, prose: str, bibliography: Bibliography) -> list[Pointer]:
    """Return the keys in MyST roles; their keys are code spans, so they are read from the page's text."""
    found: list[Pointer] = []
    for role in _ROLE.finditer(page.text):
        if prose[role.start()] != "{":
            continue
        body = 1 if role[1] else 2
        for match in _ROLE_KEY.finditer(page.text, role.start(body), role.end(body)):
            affixes = _ROLE_AFFIX.findall(match[0])
            key = _ROLE_AFFIX.sub("", match[0])
            if not key:
                continue
            start = match.start() + match[0].index(key)
            citation = Citation(
                span=Span(page.path, start, start + len(key)),
                text=key,
                locator=affixes[-1][1:-1] if affixes and match[0].endswith("}") else "",
                narrative=":t}" in role[0],
                group=Span(page.path, role.start(), role.end()),
                key=key,
                kind="key",
            )
            found.append(Pointer(citation, bibliography.by_key(key), "citation key"))
    return found


def noted(
    page: Page, bibliography: Bibliography, note_of: Callable[[Wikilink], str | None], hidden: Sequence[tuple[int, int]]
) -> list[Pointer]:
    """Return the citations that wikilinks make: to a source note, or `[[@key]]`."""
    found: list[Pointer] = []
    has_notes = bibliography.has_notes
    for number, row in enumerate(rows_of(page.links)):
        # Where no source has a note, it does not matter where links lead, which may depend on all pages.
        may_cite = row[KIND] == WIKILINK and (has_notes or row[TARGET].rpartition("/")[2].startswith("@"))
        link = page.links[number] if may_cite else None
        if not isinstance(link, Wikilink) or link.embed or _inside(link.span, hidden):
            continue
        path = note_of(link)
        sources = bibliography.by_note(path) if path is not None else ()
        name = link.target.rpartition("/")[2]
        key = name[1:] if name.startswith("@") else ""
        if not sources and key:
            sources = bibliography.by_key(key)
        if not sources and not (key and path is None):
            continue
        if path is not None and path == page.path:
            continue
        anchor = (link.anchor or "").lstrip("^")
        citation = Citation(
            span=link.span,
            text=link.label or link.target,
            locator=anchor,
            key=key,
            note=link.target,
            kind="key" if key and not bibliography.by_note(path or "") else "note",
        )
        found.append(Pointer(citation, sources, "link to its note" if not key else "citation key"))
    return found


def addressed(prose: Prose, bibliography: Bibliography) -> list[Pointer]:
    """Return the citations by address: links to a source's URL, and all DOIs and arXiv ids."""
    found: list[Pointer] = []
    page, hidden = prose.page, prose.hidden
    for number, row in enumerate(rows_of(page.links)):
        # Most links do not lead to a source, so no objects are made of them.
        if row[KIND] != WEB:
            continue
        sources = bibliography.by_url(row[URL])
        if not sources and (not _names_work(row[URL]) or _labels_its_text(page.text, row[START], row[END])):
            continue
        if _is_own(page, sources):
            continue
        link = page.links[number]
        if isinstance(link, WebLink) and not (
            link.image or link.syntax == "front-matter" or _inside(link.span, hidden)
        ):
            citation = Citation(span=link.span, text=" ".join(link.text.split()) or link.url, url=link.url, kind="url")
            # The destination of a label is not shown: it is evidence for the citation in the label.
            shown = bool(sources) or link.syntax in ("bare", "autolink")
            found.append(Pointer(citation, sources, _kind_of_address(link.url) + " in the link", shown))
    places = prefilter.identifiers(prose)
    links = [(row[START], row[END]) for row in rows_of(page.links) if row[KIND] != WIKILINK] if places else []
    for begin, line in prose.lines(places):
        for start, end, key in identifiers_in(line):
            if _around(begin + start, links) is None:
                sources = bibliography.by_url(key)
                if _is_own(page, sources):
                    continue
                if not sources and _labels_its_text(page.text, begin + start, begin + end):
                    continue
                written = line[start:end]
                span = Span(page.path, begin + start, begin + end)
                citation = Citation(span=span, text=written, url=written, kind="url")
                found.append(Pointer(citation, sources, _kind_of_address(key)))
    return found


def _is_own(page: Page, sources: Sequence[Source]) -> bool:
    """Say whether a page is the note on these works: the address of its own work is not a citation."""
    return bool(sources) and all(source.note == page.path for source in sources)


def _names_work(address: str) -> bool:
    """Say whether an address is just the DOI or arXiv id of a work, not a publisher's page with more in its address."""
    return _RESOLVER.match(address) is not None and url_key(address).startswith(("doi:", "arxiv:"))


_RESOLVER = re.compile(r"(?:https?://)?(?:www\.|dx\.)?(?:doi|arxiv)\.org/", re.IGNORECASE)
_LABEL_BEFORE = re.compile(
    r"(?:(?:\A|\n)[\s>*_]*(?:doi|arxiv):?|[.:!?)][\s*_]*(?:doi|arxiv)?:?)[\s*_<]*\Z", re.IGNORECASE
)
_LINE_ENDS = re.compile(r"[>*_.]{0,4}[ \t]*(?:\r?\n|\Z)")
_LABEL_ROOM = 40


def _labels_its_text(text: str, start: int, end: int) -> bool:
    """Say whether an unknown identifier only ends the figure, abstract or reference above it.

    It is a sentence of its own at a line's end, "… in mice. DOI: 10.1000/182", or a line that begins with "DOI:".
    """
    before = text[max(0, start - _LABEL_ROOM) : start]
    return _LINE_ENDS.match(text, end) is not None and _LABEL_BEFORE.search(before) is not None


def _kind_of_address(url: str) -> str:
    key = url_key(url)
    return "DOI" if key.startswith("doi:") else "arXiv id" if key.startswith("arxiv:") else "URL"


def _inside(span: Span, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(start <= span.start and span.end <= end for start, end in ranges)
