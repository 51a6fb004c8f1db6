"""Which sources the pages of a wiki cite, and the position of a source in its file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.text import Span
from wikitools.wiki.resolution import Ambiguous, Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page
    from wikitools.sources.source import Bibliography, Source
    from wikitools.sources.verdict import Judged

Identity = tuple["Span", str]
"""The identity of a source: its place and its key."""


def identity(source: Source) -> Identity:
    """Return the identity of a source; the same entry may be read for several pages."""
    return source.span, source.key


def judged(source: Source, facts: Facts) -> Judged | None:
    """Return what registries say about a source; `None` if they were not asked about it."""
    return (facts.verdicts or {}).get(identity(source))


def scopes(facts: Facts) -> Iterator[tuple[Source, ...]]:
    """Yield the sources of each bibliography: the shared one, then those that pages name for themselves."""
    yield facts.bibliography.sources
    seen: set[int] = set()
    for path in sorted(facts.own):
        own = facts.own[path]
        if id(own) not in seen:
            seen.add(id(own))
            yield own.sources


def citing_pages(facts: Facts) -> Mapping[Identity, frozenset[str]]:
    """Return the paths of the pages that use each source that any page uses.

    A page uses the sources that it cites or may cite (an ambiguous citation), those that Pandoc's `nocite` in its front
    matter names, other entries of the same work, and those from which a used entry takes fields (`crossref`, `xref`).
    Sources that no page uses are left out.
    """
    from wikitools.cite.nocite import KIND

    pages: dict[Identity, set[str]] = {}
    for path in facts.wiki.pages:
        listed = False
        seen: set[int] = set()
        for cited in facts.cited.get(path, ()):
            listed = listed or cited.citation.kind == KIND
            resolution = cited.resolution
            if isinstance(resolution, Found):
                pages.setdefault(identity(resolution.target), set()).add(path)
            elif isinstance(resolution, Ambiguous) and id(resolution.candidates) not in seen:
                seen.add(id(resolution.candidates))
                for source in resolution.candidates:
                    pages.setdefault(identity(source), set()).add(path)
        if listed:  # other pages need not be read again
            for source in _listed(facts.wiki.pages[path], facts.own.get(path) or facts.bibliography):
                pages.setdefault(identity(source), set()).add(path)
    for sources in scopes(facts):
        _spread(sources, pages)
    return {source: frozenset(paths) for source, paths in pages.items()}


def _spread(sources: tuple[Source, ...], pages: dict[Identity, set[str]]) -> None:
    """Count other entries of a work, and the entries from which they take fields, as used by the same pages."""
    from wikitools.sources.same_work import group_works

    for group in group_works(sources):
        paths = {path for source in group for path in pages.get(identity(source), ())}
        if paths:
            for source in group:
                pages.setdefault(identity(source), set()).update(paths)
    by_key = {source.key: source for source in reversed(sources)}
    for source in sources:
        paths = pages.get(identity(source), set())
        if paths:
            for name in _PARENTS:
                parent = by_key.get(source.fields.get(name, "").strip())
                if parent is not None:
                    pages.setdefault(identity(parent), set()).update(paths)


_PARENTS = ("crossref", "xref")
_NOCITE = re.compile(r"@(?:\{([^{}\s]+)\}|(\*)|(\w(?:[\w:.#$%&+?<>~/-]*\w)?))")


def _listed(page: Page, bibliography: Bibliography) -> Iterator[Source]:
    """Yield what `nocite` names: keys, or `@*` for the whole bibliography (Pandoc's manual, "Including …")."""
    written = page.front_matter["nocite"].value
    for part in written if isinstance(written, list) else [written]:
        for match in _NOCITE.finditer(str(part)):
            if match[2]:
                yield from bibliography.sources
            else:
                yield from bibliography.by_key(match[1] or match[3])


# Places


def is_note(source: Source, facts: Facts) -> bool:
    """Say whether a source is a page about a work, rather than an entry: of a file, or of BibTeX in a page."""
    span = source.span
    if source.note != span.path:
        return False
    # There is no fence before the first character, so most pages need not be read again to find it.
    return span.start == 0 or not span.of(facts.text_of(source.note)).startswith("@")


def form_of(source: Source, facts: Facts) -> str:
    """Return the form of a source: "note", or the suffix of its file."""
    return "note" if is_note(source, facts) else source.span.path.rpartition(".")[2].lower()


def place_of(source: Source, facts: Facts, *written: str) -> Span:
    """Return where to report a source: at the first of `written` in its entry, else at its key or title.

    The span of an entry in a bibliography is the whole entry, which is too much to underline.
    """
    text = facts.text_of(source.span.path)
    entry = source.span.of(text)
    note = is_note(source, facts)
    for words in (*written, *(() if note else (source.key,)), source.title):
        at = _find(words, entry)
        if at >= 0:
            start = source.span.start + at
            return Span(source.span.path, start, start + len(words))
    # The second line of the front matter: the first is its fence.
    first = entry.find("\n") + 1 if note and entry.startswith("---") else 0
    line = entry[first:].partition("\n")[0].rstrip("\r")
    start = source.span.start + first
    return Span(source.span.path, start, start + len(line))


def _find(words: str, entry: str) -> int:
    if not words.strip():
        return -1
    start = r"(?<!\w)" if words[0].isalnum() else ""
    end = r"(?!\w)" if words[-1].isalnum() else ""
    match = re.search(start + re.escape(words) + end, entry, re.IGNORECASE)
    return match.start() if match else -1
