"""Renames pages and headings with all links to them: planned in memory and proven before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.markdown.links import is_web_address, reference_key
from wikitools.markdown.page import MarkdownLink, Wikilink
from wikitools.text import Edit, EditConflictError, Span, apply, line_and_column, line_starts
from wikitools.wiki.engines.engine import DEFINITION, FROM_PAGE
from wikitools.wiki.link_writer import HeadingNames, InnerLink, Journey, heading_names, respell
from wikitools.wiki.names_index import fold, loosen
from wikitools.wiki.paths import base_name, folder_of, without_suffix
from wikitools.wiki.resolution import Ambiguous, Found, Missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wikitools.markdown.page import Heading, Page
    from wikitools.wiki.resolution import Resolution
    from wikitools.wiki.wiki import Wiki

_ROUNDS = 8
"""Changing a link in a heading changes the heading's anchor, which other links name, and so on. Two rounds are
usual."""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class LinkPlace:
    """Where a link was before the renaming, for messages."""

    path: str
    line: int
    written: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.written}"


class RenameError(Exception):
    """No change of the wiki keeps the meaning of all links; the message is one line for the user."""

    def __init__(self, message: str, links: tuple[LinkPlace, ...] = ()) -> None:
        more = f" and {len(links) - _SHOWN} more" if len(links) > _SHOWN else ""
        listed = ", ".join(map(str, links[:_SHOWN]))
        super().__init__(f"{message}: {listed}{more}" if links else message)
        self.links = links


@dataclass(frozen=True, slots=True)
class Renaming:
    """What to rename: files by path, and headings by page and index with their new Markdown text."""

    moves: Mapping[str, str] = field(default_factory=dict)
    headings: Mapping[tuple[str, int], str] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    """Folders of which all files are among `moves`, so that links to the folder follow."""

    def new_path(self, path: str) -> str:
        """Return the path of a file or folder (whose path ends with `/`) after the renaming."""
        if path.endswith("/"):
            for old, new in self.folders.items():
                if path.startswith(f"{old}/"):
                    return f"{new}{path[len(old) :]}"
        return self.moves.get(path, path)


@dataclass(frozen=True, slots=True)
class RenamePlan:
    """The effects of a renaming. All paths are those before it."""

    moves: Mapping[str, str]
    texts: Mapping[str, str]
    """The new texts of the pages that change."""
    rewritten: tuple[LinkPlace, ...]
    """The links that are rewritten, in page order."""
    revived: tuple[LinkPlace, ...]
    """Links that led nowhere and now lead somewhere, because they had the new name already."""
    wiki: Wiki
    """The wiki as it will be."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """Where a link leads: the file, and one element on it for each name in the anchor. `None` means nowhere."""

    path: str
    places: tuple[tuple[str, int] | None, ...]
    ambiguous: bool
    from_page: bool
    """The link was found by its path from the page, which works in every program, not only in this engine."""
    defined: bool
    """A reference definition on the page decided where the wikilink leads."""


class _View:
    """A state of the wiki, and where its links lead in it."""

    def __init__(self, wiki: Wiki) -> None:
        self.wiki = wiki
        self._places: dict[str, dict[Span, tuple[str, int]]] = {}
        self._names: dict[tuple[str, int], HeadingNames] = {}

    def answer(self, link: InnerLink) -> _Answer | None:
        wiki = self.wiki
        places: tuple[Resolution[Span] | None, ...] = (None,)
        if isinstance(link, Wikilink):
            found = wiki.resolve(link)
            anchor = None if isinstance(found, Missing) else wiki.read(link)[1]
        else:
            found = wiki.resolve_link(link)
            anchor = link.url.partition("#")[2]
        if isinstance(found, Missing):
            return None
        path = found.target if isinstance(found, Found) else found.candidates[0]
        if anchor and isinstance(link, Wikilink):
            anchors = wiki.anchors_of(path)
            names = wiki.engine.anchor_parts(anchor)[::2]
            if anchors is None or len(names) == 1:
                places = (wiki.resolve_anchor(link, path),)
            else:
                places = tuple(wiki.engine.find_anchor(anchors, name) for name in names)
        elif anchor:
            places = (wiki.resolve_fragment(anchor, path),)
        how = found.how if isinstance(found, Found) else ""
        return _Answer(
            path,
            tuple(self._place(place, path) for place in places),
            isinstance(found, Ambiguous),
            from_page=how == FROM_PAGE,
            defined=how == DEFINITION,
        )

    def _place(self, place: Resolution[Span] | None, path: str) -> tuple[str, int] | None:
        if place is None:
            return _TOP
        if isinstance(place, Missing):
            return None
        span = place.target if isinstance(place, Found) else place.candidates[0]
        page = self.wiki.pages.get(path)
        if page is None:
            return _TOP
        known = self._places.get(path)
        if known is None:
            known = self._places[path] = _places(page)
        return known.get(span, _TOP)

    def names(self, path: str, place: tuple[str, int] | None) -> HeadingNames | None:
        """Return the names of the heading at a place; `None` if it is not a heading."""
        if place is None or place[0] != _HEADING:
            return None
        known = self._names.get((path, place[1]))
        if known is None:
            anchors = self.wiki.anchors_of(path)
            if anchors is None:
                return None
            known = self._names[path, place[1]] = heading_names(anchors, place[1])
        return known


_TOP = ("top", 0)
_HEADING = "heading"


def _places(page: Page) -> dict[Span, tuple[str, int]]:
    """Return the places on a page by their spans. Their numbers stay the same when texts change."""
    kinds = (
        ("id", [each.span for each in page.html_ids]),
        ("block", [each.span for each in page.block_ids]),
        (_HEADING, [each.span for each in page.headings]),
    )
    return {span: (kind, index) for kind, spans in kinds for index, span in enumerate(spans)}


def inner_links(page: Page) -> tuple[InnerLink, ...]:
    """Return the links of a page that stay in the wiki, and its reference definitions as if they were links."""
    links = [link for link in page.links if isinstance(link, Wikilink | MarkdownLink)]
    definitions = [
        MarkdownLink(each.span, each.url, each.label, each.url_span, syntax="definition")
        for each in page.definitions
        if not is_web_address(each.url)
    ]
    return (*links, *definitions)


def plan_rename(wiki: Wiki, renaming: Renaming) -> RenamePlan:
    """Return what must be written so that files and headings have their new names and all links keep their meaning.

    A link that leads to a file or heading leads to the same one afterwards, and keeps its author's style. That includes
    the links on moved pages, and links that would otherwise lead to a new name. Links that led nowhere stay as they
    are. Raises `RenameError`, naming the links, if no spelling of some link leads to its target, or if a page would be
    read differently than before.
    """
    before = _View(wiki)
    expected = {
        page.path: tuple((link, before.answer(link)) for link in inner_links(page)) for page in wiki.pages.values()
    }
    pages = {path: _moved(page, renaming) for path, page in wiki.pages.items()}
    attachments = frozenset(renaming.moves.get(path, path) for path in wiki.attachments)
    touched: set[tuple[str, int]] = set()
    for _round in range(_ROUNDS):
        after = _View(wiki.with_files(pages.values(), attachments))
        wrong = _definitions_first(list(_wrong_links(before, after, pages, expected, renaming)), renaming)
        if not wrong:
            relabelled = {path: edits for path in pages if (edits := _label_edits(wiki.pages[path], pages[path]))}
            if not relabelled:
                return _plan(before, after, expected, touched, renaming)
            for path, edits in relabelled.items():
                pages[path] = _rewritten(pages[path], edits, path, wiki)
            continue
        touched |= {(each.page, each.index) for each in wrong}
        for path, edits in _respell_all(before, after, pages, wrong, renaming).items():
            pages[path] = _rewritten(pages[path], edits, path, wiki)
    raise RenameError("links would not keep their meaning", tuple(_place_of(wiki, each) for each in wrong))


def _moved(page: Page, renaming: Renaming) -> Page:
    """Return a page with its new path and headings, and its old links."""
    from wikitools.markdown.parse import parse

    edits = [heading_edit(page, index, text) for (path, index), text in renaming.headings.items() if path == page.path]
    new_path = renaming.moves.get(page.path, page.path)
    if not edits and new_path == page.path:
        return page
    moved = parse(new_path, apply(page.text, edits), page.dialect)
    for path, index in renaming.headings:
        if path == page.path and _shape(moved) != _shape(page):
            wanted = renaming.headings[path, index]
            raise RenameError(f'"{wanted}" is not the plain text of one heading: the page would be read differently')
    return moved


def heading_edit(page: Page, index: int, wanted: str) -> Edit:
    """Return the edit that gives a heading its text; marks, identifiers and block ids around the text stay."""
    heading = page.headings[index]
    end = min([heading.span.end, *(each.span.start for each in page.block_ids if heading.span.contains(each.span))])
    span = Span(page.path, heading.span.start, end)
    raw = span.of(page.text).rstrip()
    span = replace(span, end=span.start + len(raw))
    if heading.text and raw.count(heading.text) == 1:
        start = span.start + raw.index(heading.text)
        return Edit(Span(page.path, start, start + len(heading.text)), wanted)
    inside = next((each for each in (*page.links, *page.html_ids) if span.contains(each.span)), None)
    if inside is not None:
        raise RenameError(f'the heading "{heading.text}" has a link or an anchor in it: reword it by hand')
    return Edit(span, wanted)


def _shape(page: Page) -> tuple[int, ...]:
    """Return how many elements of each kind a page has: rewriting links does not change that."""
    return (
        *(heading.level for heading in page.headings),
        -1,
        len(inner_links(page)),
        len(page.links),
        len(page.definitions),
        len(page.undefined),
        len(page.block_ids),
        len(page.html_ids),
        len(page.html_headings),
        len(page.comments),
        len(page.footnotes),
        len(page.front_matter),
        len(page.problems),
    )


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A link that does not lead where it should; `page` is the path before the renaming."""

    page: str
    index: int
    was: InnerLink
    now: InnerLink
    led: _Answer


def _wrong_links(
    before: _View,
    after: _View,
    pages: Mapping[str, Page],
    expected: Mapping[str, tuple[tuple[InnerLink, _Answer | None], ...]],
    renaming: Renaming,
) -> Iterator[_Wrong]:
    for path, answers in expected.items():
        if not answers:
            continue
        page = pages[path]
        links = inner_links(page) if page is not before.wiki.pages[path] else tuple(link for link, _answer in answers)
        for index, ((was, led), now) in enumerate(zip(answers, links, strict=True)):
            if led is None:
                continue
            if not _is_right(after.answer(now), led, renaming) or _is_in_old_case(now, led, after.wiki, renaming):
                yield _Wrong(path, index, was, now, led)


def _definitions_first(wrong: list[_Wrong], renaming: Renaming) -> list[_Wrong]:
    """Leave out wikilinks that are wrong because of a definition, except those with the old name of their file.

    Once the definition is repaired they are right again, and keep their names.
    """
    pages = {each.page for each in wrong if isinstance(each.was, MarkdownLink) and each.was.syntax == "definition"}

    def waits(each: _Wrong) -> bool:
        if not each.led.defined or each.page not in pages or not isinstance(each.was, Wikilink):
            return False
        old, new = (base_name(without_suffix(path)) for path in (each.led.path, renaming.new_path(each.led.path)))
        return old == new or loosen(old) != loosen(base_name(without_suffix(each.was.target)))

    return [each for each in wrong if not waits(each)]


def _is_right(now: _Answer | None, led: _Answer, renaming: Renaming) -> bool:
    if now is None or (now.ambiguous and not led.ambiguous) or (led.from_page and not now.from_page):
        return False
    wanted = renaming.new_path(led.path)
    if led.path.endswith("/"):
        # A folder may get an index page, which links to the folder then lead to.
        index = base_name(now.path).lower() in ("index.md", "readme.md", "_index.md")
        return now.path == wanted or (index and f"{folder_of(now.path)}/" == wanted)
    return (
        now.path == wanted
        and len(now.places) == len(led.places)
        and all(place is None or place == here for place, here in zip(led.places, now.places, strict=True))
    )


def _is_in_old_case(link: InnerLink, led: _Answer, wiki: Wiki, renaming: Renaming) -> bool:
    """Say whether a link has the old name of a file whose name changes only in case, which the engine still accepts."""
    old, new = led.path.rstrip("/"), renaming.new_path(led.path).rstrip("/")
    if old == new or fold(old) != fold(new):
        return False
    written = wiki.read(link)[0] if isinstance(link, Wikilink) else unquote(link.url.partition("#")[0])
    steps = [step for step in without_suffix(written).split("/") if step not in ("", ".", "..")]
    return bool(steps) and steps == _last(old, len(steps)) != _last(new, len(steps))


def _last(path: str, count: int) -> list[str]:
    return without_suffix(path).split("/")[-count:]


def _respell_all(
    before: _View, after: _View, pages: Mapping[str, Page], wrong: list[_Wrong], renaming: Renaming
) -> dict[str, dict[Span, Edit]]:
    """Return the edits of each page; raises `RenameError` with all links that no spelling can repair."""
    edits: dict[str, dict[Span, Edit]] = {}
    stuck: list[LinkPlace] = []
    for each in wrong:
        journey = _journey(before, after, each, renaming)

        def leads(link: InnerLink, led: _Answer = each.led) -> bool:
            right = _is_right(after.answer(link), led, renaming)
            return right and not _is_in_old_case(link, led, after.wiki, renaming)

        edit = respell(each.now, pages[each.page].text, journey, after.wiki, leads)
        if edit is None:
            stuck.append(_place_of(before.wiki, each))
        else:
            # Several links may share a definition; those that it does not repair are handled in the next round.
            edits.setdefault(each.page, {}).setdefault(edit.span, edit)
    if stuck:
        raise RenameError(f"{_count(len(stuck))} would lead elsewhere, however written", tuple(stuck))
    return edits


def _journey(before: _View, after: _View, wrong: _Wrong, renaming: Renaming) -> Journey:
    old = wrong.led.path
    new = renaming.new_path(old)
    reworded: tuple[tuple[Heading, Heading], ...] = ()
    places = wrong.led.places
    if old in before.wiki.pages and any(place is not None and place[0] == _HEADING for place in places):
        pairs = zip(before.wiki.pages[old].headings, after.wiki.pages[new].headings, strict=True)
        reworded = tuple((one, other) for one, other in pairs if one.text != other.text)
    return Journey(
        was=wrong.was,
        old=old.rstrip("/"),
        old_from=wrong.page,
        new=new.rstrip("/"),
        new_from=renaming.moves.get(wrong.page, wrong.page),
        old_read=before.wiki.read(wrong.was) if isinstance(wrong.was, Wikilink) else ("", None),
        headings=tuple(
            (one, other) if one is not None and other is not None else None
            for one, other in ((before.names(old, place), after.names(new, place)) for place in places)
        ),
        reworded=reworded,
    )


def _rewritten(page: Page, edits: Mapping[Span, Edit], old_path: str, wiki: Wiki) -> Page:
    """Return the page with the edits made; raises `RenameError` if it would be read differently than intended."""
    from wikitools.markdown.parse import parse

    try:
        changed = parse(page.path, apply(page.text, edits.values()), page.dialect)
    except EditConflictError as error:
        raise RenameError(f"links of {old_path} stand inside each other: {error}") from error
    if _shape(changed) != _shape(page):
        old = wiki.pages[old_path]
        lines = line_starts(old.text)
        first = min(edits.values(), key=lambda edit: edit.span)
        line = line_and_column(lines, min(first.span.start, len(old.text)))[0]
        raise RenameError(f'{old_path}:{line}: the page would be read differently with "{first.text}" in it')
    return changed


def _label_edits(before: Page, now: Page) -> dict[Span, Edit]:
    """Return the edits that give definitions the names of their wikilinks, as Foam writes and needs them.

    `[[a]]` with `[a]: a.md` on the same page is a link for every program that reads Markdown.
    """
    if before is now or not before.definitions:
        return {}
    labels = {definition.key for definition in before.definitions}
    renamed: dict[str, set[str]] = {}
    for was, link in zip(inner_links(before), inner_links(now), strict=True):
        if isinstance(was, Wikilink) and isinstance(link, Wikilink):
            for old, new in zip(_label_forms(was), _label_forms(link), strict=True):
                if (key := reference_key(old)) in labels:
                    renamed.setdefault(key, set()).add(new)
    used = {link.url_span for link in before.links if isinstance(link, MarkdownLink)}
    edits: dict[Span, Edit] = {}
    for definition, current in zip(before.definitions, now.definitions, strict=True):
        new_labels = renamed.get(definition.key, set())
        if len(new_labels) == 1 and definition.url_span not in used:
            (label,) = new_labels
            # Only definitions that still have their old label, so that the next round finds nothing to do.
            if current.label == definition.label and reference_key(label) != definition.key:
                start = current.span.start + 1
                span = Span(current.span.path, start, start + len(current.label))
                edits[span] = Edit(span, label)
    return edits


def _label_forms(link: Wikilink) -> tuple[str, ...]:
    anchor = "" if link.anchor is None else f"#{link.anchor}"
    return link.target, f"{link.target}{anchor}", f"{link.target}{anchor}|{link.label}"


def _plan(
    before: _View,
    after: _View,
    expected: Mapping[str, tuple[tuple[InnerLink, _Answer | None], ...]],
    touched: set[tuple[str, int]],
    renaming: Renaming,
) -> RenamePlan:
    old_pages = before.wiki.pages
    pages = {path: after.wiki.pages[renaming.moves.get(path, path)] for path in old_pages}
    texts = {path: page.text for path, page in pages.items() if page.text != old_pages[path].text}
    revived = []
    for path, answers in expected.items():
        dead = [index for index, (_link, led) in enumerate(answers) if led is None]
        links = inner_links(pages[path]) if dead else ()
        for index in dead:
            if after.answer(links[index]) is not None:
                revived.append(_link_place(old_pages[path], answers[index][0]))
    return RenamePlan(
        moves=MappingProxyType(dict(renaming.moves)),
        texts=MappingProxyType(texts),
        rewritten=tuple(
            _link_place(old_pages[path], expected[path][index][0])
            for path, index in sorted(touched)
            if not _is_shared(expected[path][index][0])
        ),
        revived=tuple(revived),
        wiki=after.wiki,
    )


def _is_shared(link: InnerLink) -> bool:
    """Say whether a link is a definition; the links that use it are counted instead."""
    return isinstance(link, MarkdownLink) and link.syntax == "definition"


def _place_of(wiki: Wiki, wrong: _Wrong) -> LinkPlace:
    return _link_place(wiki.pages[wrong.page], wrong.was)


def _link_place(page: Page, link: InnerLink) -> LinkPlace:
    line = line_and_column(line_starts(page.text), link.span.start)[0]
    return LinkPlace(page.path, line, link.span.of(page.text))


def _count(number: int) -> str:
    return "1 link" if number == 1 else f"{number} links"
