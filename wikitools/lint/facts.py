"""The facts that rules use, and the pure steps from the texts of a wiki to them."""

from __future__ import annotations

from dataclasses import field, replace
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar, cast

from wikitools.block.style import BlockStyle
from wikitools.cite.citation import Cited
from wikitools.lint.outside_files import LeftOut, WhyLeftOut
from wikitools.lint.rule_settings import RuleSettings
from wikitools.lint.suppressions import UnusedSuppression
from wikitools.markdown.dialects import dialect_of
from wikitools.markdown.page import (
    MARKS,
    Heading,
    Mark,
    MarkdownLink,
    Page,
    PageLink,
    Problem,
    WebLink,
    Wikilink,
)
from wikitools.records import dataclass
from wikitools.sources.joined import TitledPage, join_notes
from wikitools.sources.source import Bibliography, Source
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.paths import folder_of, join
from wikitools.wiki.resolution import Found
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wikitools.lint.url_status import UrlStatus
    from wikitools.sources.verdict import Judged
    from wikitools.text import Span

OnPage = Page | Heading | PageLink | Mark | Problem | Cited
"""An element of a page that rules can look at."""
Element = OnPage | Wiki | Source | UnusedSuppression
"""What rules can look at."""
Kind = TypeVar("Kind", bound=Element)

_ON_PAGE: Mapping[type[Element], Callable[[Page], Iterable[Heading | PageLink | Mark]]] = MappingProxyType(
    {
        Heading: attrgetter("headings"),
        **dict.fromkeys((Wikilink, MarkdownLink, WebLink), attrgetter("links")),
        **{kind: attrgetter(name) for name, kind in MARKS.items()},
    }
)

KINDS: Mapping[str, type[Element]] = MappingProxyType(
    {kind.__name__: kind for kind in (Wiki, Page, *_ON_PAGE, Problem, Source, Cited, UnusedSuppression)}
)
"""What rules can look at, by the name they annotate it with. `UnusedSuppression` is known only after all others ran."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known when rules run."""

    wiki: Wiki
    bibliography: Bibliography
    """The bibliography that all pages share."""
    own: Mapping[str, Bibliography] = field(default_factory=dict)
    """The bibliographies that pages name in their own front matter, by the page's path."""
    cited: Mapping[str, tuple[Cited, ...]] = field(default_factory=dict)
    """The citations of each page with their sources, by the page's path, in order."""
    style: BlockStyle = field(default_factory=BlockStyle)
    problems: tuple[Problem, ...] = ()
    """Problems with reading bibliographies and source notes (a page's own problems are in the page)."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The texts of bibliography files, by path."""
    settings: RuleSettings = field(default_factory=RuleSettings)
    """The settings of rules."""
    left_out: LeftOut = field(default_factory=LeftOut)
    """Files that exist and are not part of the wiki."""
    tracked: frozenset[str] | None = None
    """The files in the wiki that git tracks; `None` if that is unknown."""
    web: Mapping[str, UrlStatus] | None = None
    """What is known about web addresses, as they are written; `None` if they were not requested, so that rules that
    need it are skipped."""
    verdicts: Mapping[tuple[Span, str], Judged] | None = None
    """What registries say about the sources that have an identifier, by place and key; `None` if they were not asked,
    so that rules that need it are skipped."""

    @property
    def has_sources(self) -> bool:
        """Whether any bibliography of the wiki, or of a page, has a source."""
        return bool(self.bibliography.sources) or any(own.sources for own in self.own.values())

    def each(self, kind: type[Kind], paths: frozenset[str] | None = None) -> Iterator[Kind]:
        """Yield all elements of one of `KINDS`, always in the same order: by path, then by offset.

        With `paths`, elements of pages are only those on these pages.
        """
        return cast("Iterator[Kind]", self._each(cast("type[Element]", kind), paths))

    def _each(self, kind: type[Element], paths: frozenset[str] | None) -> Iterator[Element]:
        pages = self.wiki.pages
        if paths is not None:
            pages = {path: pages[path] for path in sorted(paths) if path in pages}
        if kind is Wiki:
            yield self.wiki
        elif kind is Page:
            yield from pages.values()
        elif kind is Cited:
            for path in pages:
                yield from self.cited.get(path, ())
        elif kind is Problem:
            for page in pages.values():
                yield from page.problems
            yield from self.problems
        elif kind is Source:
            shared = self.bibliography.sources
            own = (source for path in sorted(self.own) for source in self.own[path].sources)
            yield from {(source.span, source.key): source for source in (*shared, *own)}.values()
        elif kind is not UnusedSuppression:
            things = _ON_PAGE[kind]
            for page in pages.values():
                for thing in things(page):
                    if type(thing) is kind:
                        yield thing

    def on_page(self, page: Page, kind: type[Element]) -> Sequence[OnPage]:
        """Return the elements of one of `KINDS` on a page, in their order; for `Page`, the page itself."""
        if kind is Page:
            return (page,)
        if kind is Cited:
            return self.cited.get(page.path, ())
        if kind is Problem:
            return page.problems
        if kind not in _ON_PAGE:
            return ()
        return [thing for thing in _ON_PAGE[kind](page) if type(thing) is kind]

    def text_of(self, path: str) -> str:
        """Return the text of a page or bibliography file, as it is on disk; "" for a file that was not read."""
        page = self.wiki.pages.get(path)
        return page.text if page is not None else self.texts.get(path, "")

    def bibliography_of(self, path: str) -> Bibliography:
        """Return the bibliography of a page's citations: its own one before the shared one."""
        own = self.own.get(path)
        return self.bibliography if own is None else self.bibliography.joined(own)


def named_bibliographies(page: Page) -> tuple[tuple[str, str], ...]:
    """Return the bibliographies that a page names in its front matter, as written and as paths, in its order.

    This is Pandoc's `bibliography:`, a path or a list of them, relative to the page, or to the root if it starts with
    `/`. The path is "" if it leads out of the root; web addresses are left out.
    """
    entry = page.front_matter.get("bibliography")
    if entry is None:
        return ()
    values = entry.value if isinstance(entry.value, list) else [entry.value]
    names = (value.strip() for value in values if isinstance(value, str) and "://" not in value)
    return tuple((name, join(folder_of(page.path), name) or "") for name in dict.fromkeys(names) if name)


def own_bibliography_paths(page: Page) -> tuple[str, ...]:
    """Return the paths of the bibliographies inside the root that a page names in its front matter, in its order."""
    return tuple(dict.fromkeys(path for _name, path in named_bibliographies(page) if path))


def read_bibliographies(texts: Mapping[str, str]) -> tuple[dict[str, tuple[Source, ...]], tuple[Problem, ...]]:
    """Return the sources of each bibliography file by its path, and the problems in all of them."""
    from wikitools.sources.readers import read_bibliography

    sources: dict[str, tuple[Source, ...]] = {}
    problems: list[Problem] = []
    for path in sorted(texts):
        sources[path], found = read_bibliography(path, texts[path])
        problems += found
    return sources, tuple(problems)


def read_notes(pages: Iterable[Page]) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the sources that pages are themselves (source notes), and the problems in them."""
    from wikitools.sources.readers.notes import read_note

    sources: list[Source] = []
    problems: list[Problem] = []
    for page in pages:
        found, broken = read_note(page)
        sources += found
        problems += broken
    return tuple(sources), tuple(problems)


def own_bibliographies(pages: Iterable[Page], sources: Mapping[str, tuple[Source, ...]]) -> dict[str, Bibliography]:
    """Return the bibliography of each page that names its own, by the page's path; `sources` are those of each file."""
    own: dict[str, Bibliography] = {}
    known: dict[tuple[str, ...], Bibliography] = {}
    for page in pages:
        paths = tuple(path for path in own_bibliography_paths(page) if path in sources)
        if paths:
            if paths not in known:
                known[paths] = Bibliography(source for path in paths for source in sources[path])
            own[page.path] = known[paths]
    return own


def cite(page: Page, facts: Facts, *, runners_up: bool = True) -> tuple[Cited, ...]:
    """Return the citations of a page with their sources, those of its front matter (`nocite`) first.

    Its generated block does not count. For `runners_up`, see `cite_page`.
    """
    # Imported here, because checks of links alone do not need it.
    from wikitools.block.block import generated_ranges
    from wikitools.cite.match import cite_page
    from wikitools.cite.nocite import find_nocite

    def note_of(link: Wikilink) -> str | None:
        found = facts.wiki.reach(link)
        return found.target if isinstance(found, Found) else None

    bibliography = facts.bibliography_of(page.path)
    cited = cite_page(
        page,
        bibliography,
        note_of=note_of,
        hidden=generated_ranges(page, facts.style),
        means=facts.settings.citations.means,
        runners_up=runners_up,
    )
    return (*find_nocite(page, bibliography), *cited)


def facts_of(
    files: Mapping[str, str],
    *,
    bibliographies: Iterable[str] | None = None,
    engine: str = "obsidian",
    anchors: str | None = None,
    style: BlockStyle | None = None,
    left_out: Mapping[str, WhyLeftOut] | None = None,
    tracked: frozenset[str] | None = None,
    web: Mapping[str, UrlStatus] | None = None,
) -> Facts:
    """Return the facts of a wiki in memory: `files` are texts by path.

    `.md` files are pages; `bibliographies` are the files with sources (by default all whose suffix says so), shared by
    all pages; the rest are attachments.
    """
    from wikitools.markdown.parse import parse
    from wikitools.sources.readers import BIBLIOGRAPHY_SUFFIXES

    dialect = dialect_of(ENGINES[engine].slugger, anchors, links_first=ENGINES[engine].links_first)
    pages = [parse(path, text, dialect) for path, text in sorted(files.items()) if path.lower().endswith(".md")]
    if bibliographies is None:
        bibliographies = (path for path in files if path.lower().endswith(tuple(BIBLIOGRAPHY_SUFFIXES)))
    texts = {path: files[path] for path in sorted(bibliographies)}
    paths = {page.path for page in pages}
    attachments = [path for path in sorted(files) if path not in paths]
    wiki = Wiki(pages, attachments=attachments, engine=engine, anchors=anchors)
    sources, problems = read_bibliographies(texts)
    notes, note_problems = read_notes(pages)
    known = Facts(
        wiki=wiki,
        bibliography=Bibliography(
            join_notes(
                [source for path in sources for source in sources[path]],
                notes,
                lambda: (TitledPage(page.path, page.title, page.aliases) for page in pages),
            )
        ),
        own=own_bibliographies(pages, sources),
        style=BlockStyle() if style is None else style,
        problems=(*problems, *note_problems),
        texts=texts,
        left_out=LeftOut(left_out),
        tracked=tracked,
        web=web,
    )
    cited = {page.path: cite(page, known) for page in pages}
    return replace(known, cited=cited)
