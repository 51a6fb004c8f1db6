"""`wikitools cite "Hubinger 2019"`: which sources fit a citation or have a key, and which citations mean them."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools.cli.startup import open_wiki
from wikitools.cli.terminal import columns, output_style, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wikitools.cite.citation import Cited
    from wikitools.cli.request import Request
    from wikitools.cli.startup import AskedWiki
    from wikitools.report.citations import Row
    from wikitools.sources.source import Source


def query_in(paths: Sequence[str] | None) -> str:
    """Return the citation or key that PATHS are: no file has such a name, and none looks like a file's; else "".

    Several PATHS are a citation without quotes if they end with a year.

    >>> query_in(["orr2018"]), query_in(["notes/a.md"]), query_in(["Orr", "&", "Pim", "2018"]), query_in(["a", "b"])
    ('orr2018', '', 'Orr & Pim 2018', '')
    """
    query = " ".join(paths or ()).strip()
    if not paths or (len(paths) > 1 and not _ENDS_WITH_YEAR.search(query)) or any(map(os.path.lexists, paths)):
        return ""
    is_path = "/" in query or os.sep in query or os.path.splitext(query)[1][1:].isalpha()
    return "" if is_path else query


_ENDS_WITH_YEAR = re.compile(r"\b[12][0-9]{3}[a-z]?\)?$")


def answer(asked: Request, query: str, output_format: str) -> bool:
    """Print the sources that fit and the citations that mean them; return false if there are neither."""
    from wikitools.report import citations

    wiki = open_wiki(replace(asked.on([]), summarises=True))
    sources = find_sources(query, wiki)
    keys = frozenset(source.key for source in sources)
    rows = [row for row in _rows(wiki) if keys & {*row.keys} or _reads_alike(row, query)]
    match output_format:
        case "json":
            write(citations.render_json(rows), exact=True)
        case "json-lines":
            write(citations.render_json_lines(rows), exact=True)
        case "csv":
            write(citations.render_csv(rows), exact=True)
        case _:
            write(_told(query, sources, rows, wiki))
    return bool(sources or rows)


def find_sources(query: str, wiki: AskedWiki) -> tuple[Source, ...]:
    """Return the sources with this key, or else those by an author of this name, or that this citation would mean."""
    from wikitools.wiki.resolution import Ambiguous, Found

    bibliography = wiki.workspace.facts.bibliography
    if by_key := bibliography.by_key(query.removeprefix("@").strip("[]@")):
        return by_key
    name = _family_name(query)
    if by_author := [each for layer in bibliography.layers for each in layer.by_author(name)] if name else []:
        return tuple(by_author)
    for cited in _cited_as(query, wiki):
        match cited.resolution:
            case Found(target=source):
                return (source,)
            case Ambiguous(candidates=sources):
                return tuple(sources)
    return ()


def _near(query: str, wiki: AskedWiki) -> tuple[str, ...]:
    """Return what may be meant by a citation or a key that fits no source: similar works, or similar keys."""
    from wikitools.report.citations import rows_of
    from wikitools.wiki.resolution import nearest

    cited = _cited_as(query, wiki)
    if works := [name for row in rows_of("", _sentence(query), cited) for name in row.near]:
        return tuple(works[:_NAMES])
    keys = (source.key for source in wiki.workspace.facts.bibliography.sources)
    return tuple(nearest(query.removeprefix("@").strip("[]@"), tuple(dict.fromkeys(keys)), limit=_NAMES, cutoff=70.0))


def _sentence(query: str) -> str:
    return f"Some claim ({query.strip('() ')}).\n"


def _cited_as(query: str, wiki: AskedWiki) -> tuple[Cited, ...]:
    """Return what a page cites that consists of this citation."""
    from wikitools.lint.facts import cite
    from wikitools.markdown.parse import parse

    facts = wiki.workspace.facts
    page = parse("", _sentence(query))
    return cite(page, facts)


def _rows(wiki: AskedWiki) -> Iterator[Row]:
    from wikitools.report.citations import rows_of

    for path in wiki.pages():
        yield from rows_of(path, wiki.workspace.text_of(path), wiki.workspace.facts.cited.get(path, ()))


def _reads_alike(row: Row, query: str) -> bool:
    """Say whether a citation is printed like the query, or begins with the author that it names."""
    from wikitools.sources.names import words

    name = _family_name(query)
    return words(row.text) == words(query) or bool(name and row.names and name in words(row.names[0]))


def _family_name(query: str) -> str:
    """Return the folded name if the query is a family name alone, else ""."""
    from wikitools.sources.names import words

    found = words(query)
    return found[0] if len(found) == 1 and found[0].isalpha() else ""


_NAMES = 3


def described(source: Source) -> str:
    """Return authors, year and title of a source, in a line."""
    names = ", ".join(f"{each.family} {each.given[:1]}".strip() for each in source.names[:_NAMES])
    more = " et al." if len(source.names) > _NAMES else ""
    return " · ".join(part for part in (names + more, "/".join(source.years), source.title) if part)


def _told(query: str, sources: Sequence[Source], rows: Sequence[Row], wiki: AskedWiki) -> Iterator[str]:
    from wikitools.report import citations
    from wikitools.report.screen import visible
    from wikitools.report.summary import count
    from wikitools.wiki.resolution import Found

    style = output_style()
    if sources:
        yield style.paint("bold", f"{count(len(sources), 'source')} for {visible(query)}") + "\n"
        for source in sources:
            yield f"  {visible(source.key)}  {visible(described(source))}\n"
    else:
        near = _near(query, wiki)
        guess = f"; the nearest: {visible(', '.join(near))}" if near else ""
        yield f"No source fits {visible(query)}{guess}.\n"
    if rows:
        yield "\n"
        yield from citations.render_table(rows, shown=wiki.shown, style=style, columns=columns(0), every=True)
    elif isinstance(page := wiki.workspace.facts.wiki.resolve_name(query, ""), Found):
        yield f'{visible(query)} is a page: "wikitools cite {visible(wiki.shown(page.target))}" lists what it cites.\n'
    else:
        yield f"No page cites {visible(query) if not sources else 'it' if len(sources) == 1 else 'them'}.\n"
