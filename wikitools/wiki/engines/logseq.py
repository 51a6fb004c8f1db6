"""Logseq: pages by name, `title::` and `alias::`; everything between the brackets is the name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.wiki.anchors import find_fragment_or_heading, find_heading_or_slug
from wikitools.wiki.engines.engine import Engine, resolve_relative
from wikitools.wiki.engines.missing import explain_missing, is_address, is_asset_path
from wikitools.wiki.names_index import FilesByName, fold
from wikitools.wiki.paths import base_name, without_suffix
from wikitools.wiki.placeholders import is_placeholder
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wikitools.markdown.page import Page, Wikilink
    from wikitools.wiki.lazy_pages import PageNames
    from wikitools.wiki.names_index import Index

_PROPERTY = re.compile(r"(?:- )?([A-Za-z_-]{1,40})::[ \t]*(.*)")
_REACH, _LINES = 8_000, 40
"""Page properties are in the first block: only this many characters and lines of a page are searched."""
_BLOCK_ID = re.compile(r"^[ \t]*+(?:[-*] )?id::[ \t]*+([0-9A-Fa-f-]{36})[ \t]*+\r?$", re.MULTILINE)
_REFERENCE = re.compile(r"\s*(?:\[\[([^\[\]]*)\]\]|([^,]+))")
_MONTHS = "january february march april may june july august september october november december".split()
_DAY = re.compile(
    r"(?:[a-z]{3,9}, )?(?:(?P<month>[a-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?, (?P<year>\d{4})"
    r"|(?P<y>\d{4})[-/_](?P<m>\d{2})[-/_](?P<d>\d{2})(?: [a-z]{2,9})?)"
)


def logseq_properties(page: Page) -> Mapping[str, str]:
    """Return the page's `key:: value` properties, by key in lower case.

    The first of each key counts. Ignores front matter.
    """
    start = page.front_matter_span.end if page.front_matter_span is not None else 0
    found: dict[str, str] = {}
    for number, line in enumerate(page.text[start : start + _REACH].lstrip("\ufeff\r\n").splitlines()[:_LINES]):
        match = _PROPERTY.fullmatch(line.strip() if number else line)
        if match is None:
            break
        found.setdefault(match[1].lower(), match[2].strip())
    return found


def logseq_name(name: str) -> str:
    """Return a page name as Logseq compares it: lower case, NFC, no slash at either end."""
    return fold(name).strip().removeprefix("/").removesuffix("/")


def _tell(page: Page) -> tuple[str, ...]:
    """Return the page's title, its aliases as written in a property, and the ids of its blocks.

    "" means that there is none.
    """
    properties = logseq_properties(page)
    title = page.front_matter.get("title")
    given = properties.get("title") or (str(title.value) if title is not None and title.value is not None else "")
    alias = properties.get("alias", "")
    ids = [match[1].lower() for match in _BLOCK_ID.finditer(page.text)] if "id::" in page.text else []
    return (given, alias, *ids) if given or alias or ids else ()


def _names(page: Page | PageNames, told: Sequence[str]) -> Iterator[str]:
    given, alias = told[:2] or ("", "")
    # A journal is found by its date, whatever its title; the folder of the journals is a setting.
    names = tuple(_names_of_file(without_suffix(page.path)))
    yield from (given, *(each for each in names if _is_day(each))) if given else names
    yield from page.aliases
    for match in _REFERENCE.finditer(alias):
        yield (match[1] if match[1] is not None else match[2]).strip().removeprefix("#")


def _names_of_file(path: str) -> Iterator[str]:
    """Yield the names that a file may give its page, from the path without its suffix, the usual one first.

    Each graph has a setting for file names: the page "a/b" is in `a___b` or, in older graphs, in `a.b` or `a%2Fb`.
    """
    stem = base_name(path)
    name = unquote(stem.replace("___", "/"))
    yield name
    if "." in stem:
        yield unquote(stem.replace(".", "/"))
    day = _day(fold(name))
    if day is not None:
        yield day


def _is_day(name: str) -> bool:
    return _day(name) == name


@FilesByName
def _pages(index: Index, path: str) -> Iterator[str]:
    if path.startswith(_OWN_FOLDER):
        return
    names: Iterable[str] = ()
    if path in index.pages:
        names = _names(index.pages[path], index.told_of(path, _tell))
    elif path.lower().endswith(_ORG):
        # Pages in Org mode are pages too, although their content is not read.
        names = _names_of_file(path[: -len(_ORG)])
    yield from (logseq_name(name) for name in names if name)


_OWN_FOLDER = "logseq/"
"""Contains old copies of pages."""
_ORG = ".org"


def _day(name: str) -> str | None:
    """Return the day that a folded name means, in one spelling: journal titles can have several formats."""
    match = _DAY.fullmatch(name[:40])
    if match is None:
        return None
    if match["y"]:
        return f"{match['y']}-{match['m']}-{match['d']}"
    month = next((number for number, word in enumerate(_MONTHS, 1) if word.startswith(match["month"])), 0)
    return f"{match['year']}-{month:02}-{int(match['day']):02}" if month else None


def resolve_logseq(index: Index, target: str, folder: str) -> Resolution[str]:
    """Return the file of the page with that name, title or alias.

    A file's name gives the name of its page: `a___b` is the page "a/b", `%3A` a colon. Folders do not matter. A date in
    any of the usual formats leads to its journal. Logseq also shows a page for every other name, with everything that
    refers to it: such a page is unwritten, and a link to it is not a mistake.
    """
    pages = index.table(_pages)
    name = logseq_name(target)
    found = pages.get(name, ())
    if not found and (day := _day(name)) is not None:
        found = pages.get(day, ())
        if not found:
            return Missing(why=Reason.PLACEHOLDER)
    if found:
        return Found(found[0], "page name") if len(found) == 1 else Ambiguous(found)
    if is_address(target) or is_placeholder(target, index.placeholders):
        return Missing()
    if "/" in target and is_asset_path(target):
        file = _resolve_file(index, target, folder)
        if isinstance(file, Found) or _ASSET.match(target):
            return file
    return Missing(lambda: explain_missing(index, LOGSEQ, target, folder).near, Reason.UNWRITTEN)


@FilesByName
def _blocks(index: Index, path: str) -> Sequence[str]:
    return index.told_of(path, _tell)[2:] if path in index.pages and not path.startswith(_OWN_FOLDER) else ()


def resolve_block(index: Index, block: str) -> Resolution[str]:
    """Return the first page that has a block with this `id::`."""
    found = index.table(_blocks).get(block.strip().lower(), ())
    return Found(found[0], "block id") if found else Missing(why=Reason.NO_SUCH_BLOCK)


def resolve_logseq_path(index: Index, path: str, folder: str) -> Resolution[str]:
    """Return what a Markdown link leads to: a page (`[label]([[page]])`), a block (`[label](((id)))`) or a file."""
    if path.startswith("[[") and path.endswith("]]"):
        name = path[2:-2]
        found = resolve_logseq(index, name, folder)
        if isinstance(found, Missing) and found.why not in (Reason.PLACEHOLDER, Reason.UNWRITTEN):
            missing = explain_missing(index, LOGSEQ, name, folder)
            return Missing(lambda: tuple(f"[[{near}]]" for near in missing.near), missing.why)
        return found
    if path.startswith("((") and path.endswith("))"):
        return resolve_block(index, path[2:-2])
    return _resolve_file(index, path, folder)


_ASSET = re.compile(r"[./]*+assets/")


def _resolve_file(index: Index, path: str, folder: str) -> Resolution[str]:
    """Return the file at a path; assets are searched in the folder of the graph, however many `../` the path has."""
    found = resolve_relative(index, path, folder)
    asset = _ASSET.match(path)
    if not isinstance(found, Missing) or asset is None:
        return found
    graph = next((each for each in index.table(_graphs) if f"{folder}/".startswith(each)), "")
    inside = resolve_relative(index, f"/{graph}assets/{path[asset.end() :]}", "")
    return Found(inside.target, "path in the graph") if isinstance(inside, Found) else found


def _graphs(index: Index) -> tuple[str, ...]:
    """Return the folders of the graphs, with a slash at the end, the deepest first; the root is ""."""
    marks = (path[: -len(_MARK)] for path in index.attachments if f"/{path}".endswith(f"/{_MARK}"))
    return tuple(sorted(marks, key=len, reverse=True))


_MARK = "logseq/config.edn"


def read_logseq(link: Wikilink) -> tuple[str, str | None]:
    """Return the whole text between the brackets: `#` and `|` are part of the name."""
    anchor = "" if link.anchor is None else f"#{link.anchor}"
    return (link.whole or f"{link.target}{anchor}") + ("" if link.label is None else f"|{link.label}"), None


def write_logseq(index: Index, path: str, _folder: str) -> str:
    """Return the page's name."""
    page = index.pages.get(path)
    if page is None:
        return next(_names_of_file(path[: -len(_ORG)])) if path.lower().endswith(_ORG) else path
    return next(_names(page, index.told_of(path, _tell)))


LOGSEQ = Engine(
    name="logseq",
    shows_unwritten=True,
    summary="pages by name, title:: and alias::, case-insensitive; ___ in a file's name is a /",
    resolve=resolve_logseq,
    resolve_path=resolve_logseq_path,
    find_anchor=find_heading_or_slug,
    find_fragment=find_fragment_or_heading,
    write=write_logseq,
    read=read_logseq,
    told=_tell,
)
