"""A self-contained HTML page: its tables work without scripts, and its policy forbids loading anything."""

from __future__ import annotations

import base64
import hashlib
import html
import importlib.resources
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SHOWN_PLACES = 200
"""A cell has at most so many locations, and then the number of the others."""
Place = tuple[str, int, int]
"""A file, and line and column there, which count from 1."""
_SCHEMES = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Link:
    """A text with an address; only http and https addresses become links."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Places:
    """The locations of something, in order, folded, with a summary."""

    summary: str
    places: Sequence[Place]


Cell = str | int | Link | Places
"""The content of a cell; numbers are aligned to the right."""


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of work: what to do about it, and a table, the most useful work first."""

    id: str
    title: str
    advice: str
    command: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    """The rows that are shown."""
    total: int
    """How many there are."""
    caption: str


def escape(text: str) -> str:
    """Return page text as HTML that shows it literally, with control characters and changes of direction visible."""
    return html.escape(visible(text), quote=True)


def render(title: str, facts: Sequence[str], sections: Sequence[Section]) -> Iterator[str]:
    """Yield the page in pieces; `facts` are sentences below its title. The same input gives the same bytes."""
    style, script = _resource("style.css"), _resource("script.js")
    policy = (
        f"default-src 'none'; style-src 'sha256-{_hash(style)}'; script-src 'sha256-{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy, quote=True)}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="referrer" content="no-referrer">\n'
    yield f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n"
    yield f"<body>\n<header>\n<h1>{escape(title)}</h1>\n"
    yield from (f"<p>{escape(fact)}</p>\n" for fact in facts)
    yield "</header>\n"
    shown = [section for section in sections if section.rows]
    if shown:
        yield '<nav aria-label="Sections">\n<ul>\n'
        for section in shown:
            yield f'<li><a href="#{section.id}">{escape(section.title)}</a> ({section.total:,})</li>\n'
        yield "</ul>\n</nav>\n"
    yield "<main>\n"
    for section in shown:
        yield from _section(section)
    yield f"</main>\n<script>{script}</script>\n</body>\n</html>\n"


def _section(section: Section) -> Iterator[str]:
    command = f" <code>{escape(section.command)}</code>" if section.command else ""
    yield f'<section>\n<h2 id="{section.id}">{escape(section.title)}</h2>\n'
    yield f"<p>{escape(section.advice)}{command}</p>\n"
    yield f'<div class="scroll" role="region" aria-label="{escape(section.title)}" tabindex="0">\n'
    yield f'<table id="table-{section.id}">\n<caption>{escape(section.caption)}</caption>\n<thead><tr>'
    numbers = {column for column, cell in enumerate(section.rows[0]) if isinstance(cell, int)}
    for column, head in enumerate(section.heads):
        kind = ' class="number"' if column in numbers else ""
        yield f'<th scope="col"{kind}>{escape(head)}</th>'
    yield "</tr></thead>\n<tbody>\n"
    for row in section.rows:
        yield f"<tr>{''.join(map(_cell, row))}</tr>\n"
    yield "</tbody>\n</table>\n</div>\n</section>\n"


def _cell(cell: Cell) -> str:
    match cell:
        case int():
            return f'<td class="number">{cell:,}</td>'
        case Link(text, address) if address.lower().startswith(_SCHEMES):
            return f'<td><a href="{escape(address)}" rel="noreferrer">{escape(text)}</a></td>'
        case Link(text, _address):
            return f"<td>{escape(text)}</td>"
        case Places(summary, places) if len(places) > 1:
            listed = "".join(f"<li>{escape(each)}</li>" for each in _by_file(places[:_SHOWN_PLACES]))
            more = len(places) - _SHOWN_PLACES
            listed += f"<li>and {more:,} more</li>" if more > 0 else ""
            return f'<td class="where"><details><summary>{escape(summary)}</summary><ul>{listed}</ul></details></td>'
        case Places(_summary, places):
            return f'<td class="where">{escape("".join(_by_file(places)))}</td>'
    return f"<td>{escape(str(cell))}</td>"


def _by_file(places: Iterable[Place]) -> Iterator[str]:
    """Yield a text for each file, with the places in it.

    >>> list(_by_file([("a.md", 1, 2), ("a.md", 3, 4), ("b.md", 5, 6)]))
    ['a.md:1:2, 3:4', 'b.md:5:6']
    """
    for path, inside in groupby(places, key=itemgetter(0)):
        yield f"{path}:{', '.join(f'{line}:{column}' for _path, line, column in inside)}"


def _resource(name: str) -> str:
    return importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
