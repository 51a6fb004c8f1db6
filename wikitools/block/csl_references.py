"""References in a CSL style: the input of the citation engine, and its output as Markdown.

The engine is pandoc's citeproc, which `pandoc.py` runs. This module turns a source into a CSL item (CSL 1.0.2 data
schema), and the engine's output, the `Inline` elements of pandoc's JSON, into one escaped line of a page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wikitools.block.template import (
    address_of,
    code_span,
    destination,
    escape,
    safe_url,
    title_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wikitools.sources.names import Name
    from wikitools.sources.source import Source

_TYPES = {
    "article": "article-journal",
    "inproceedings": "paper-conference",
    "conference": "paper-conference",
    "proceedings": "book",
    "inbook": "chapter",
    "incollection": "chapter",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "techreport": "report",
    "online": "webpage",
    "misc": "document",
    "unpublished": "manuscript",
}
_VARIABLES = {
    "journal": "container-title",
    "journaltitle": "container-title",
    "booktitle": "container-title",
    "container-title": "container-title",
    "publisher": "publisher",
    "institution": "publisher",
    "school": "publisher",
    "organization": "publisher",
    "address": "publisher-place",
    "location": "publisher-place",
    "publisher-place": "publisher-place",
    "volume": "volume",
    "number": "issue",
    "issue": "issue",
    "pages": "page",
    "page": "page",
    "edition": "edition",
    "series": "collection-title",
    "collection-title": "collection-title",
    "chapter": "chapter-number",
    "version": "version",
    "isbn": "ISBN",
    "issn": "ISSN",
    "genre": "genre",
    "medium": "medium",
    "event-title": "event-title",
    "archive": "archive",
}
"""BibTeX, BibLaTeX and CSL names (lower-case) of fields, and the CSL variable of each. Earlier ones win."""
_YEAR = re.compile(r"\d{1,4}")


def csl_item(source: Source, number: int) -> dict[str, Any]:
    """Return a source as a CSL item with plain text values; its `id` is made from `number`."""
    item: dict[str, Any] = {"id": f"s{number}", "type": _TYPES.get(source.kind, source.kind) or _guess(source)}
    item["title"] = title_of(source)
    if source.names:
        item["author"] = [_person(name) for name in source.names]
    if source.years:
        year = source.years[0]
        item["issued" if _YEAR.fullmatch(year) else "status"] = year
    for name, variable in _VARIABLES.items():
        value = source.fields.get(name, "").strip()
        if value:
            item.setdefault(variable, value.replace("--", "\N{EN DASH}") if variable == "page" else value)
    if source.doi:
        item["DOI"] = source.doi
    if address := address_of(source):
        item["URL"] = address
    return item


def _guess(source: Source) -> str:
    return "article-journal" if source.fields.get("journal") else "document"


def _person(name: Name) -> dict[str, str]:
    if name.literal or not name.given:
        return {"literal": " ".join(part for part in (name.family, name.suffix) if part)}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}


def read_references(blocks: Sequence[Mapping[str, Any]]) -> tuple[tuple[int, str], ...]:
    """Return the references in the blocks of pandoc's JSON, in their order: the number of each and its Markdown."""
    return tuple(_references(blocks))


def _references(blocks: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    for block in blocks:
        if block["t"] != "Div":
            continue
        (name, _classes, _pairs), inner = block["c"]
        if name.startswith("ref-s") and name[len("ref-s") :].isdigit():
            lines = [to_markdown(each["c"]) for each in inner if each["t"] in ("Para", "Plain")]
            yield int(name[len("ref-s") :]), " ".join(line for line in lines if line)
        else:
            yield from _references(inner)


_DROPPED = frozenset({"csl-left-margin"})
"""The number that a numeric style puts before a reference, which is dropped because the list has its own."""
_MARKS = {"Emph": "*", "Strong": "**", "Strikeout": "~~"}


def to_markdown(inlines: Iterable[Mapping[str, Any]]) -> str:
    """Return one line of Markdown that reads like these `Inline` elements; their text is escaped.

    >>> to_markdown([{"t": "Emph", "c": [{"t": "Str", "c": "a*b"}]}, {"t": "Str", "c": "."}])
    '*a\\\\*b*.'
    """
    pieces: list[str] = []
    plain: list[str] = []

    def flush() -> None:
        text = re.sub(r"\s+", " ", "".join(plain))
        plain.clear()
        if text.strip():
            # Escaping squeezes blanks, but those at the ends separate this text from its neighbours.
            blank = (" " if text[0] == " " else "", " " if text[-1] == " " else "")
            pieces.append(f"{blank[0]}{escape(text)}{blank[1]}")
        elif text:
            pieces.append(" ")

    for kind, content in _leaves(inlines):
        if kind == "text":
            plain.append(content)
        else:
            flush()
            pieces.append(content)
    flush()
    return re.sub(r" {2,}", " ", "".join(pieces)).strip()


def _leaves(inlines: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield the pieces as ("text", not escaped yet) and ("markdown", finished)."""
    for inline in inlines:
        kind, content = inline["t"], inline.get("c")
        if kind == "Str":
            yield "text", str(content)
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            yield "text", " "
        elif kind in _MARKS:
            yield from _marked(content or (), _MARKS[kind])
        elif kind == "Link":
            yield from _link(content or ())
        elif kind == "Code":
            yield "markdown", code_span(str((content or ("", ""))[1]))
        elif kind == "Span":
            (_name, classes, _pairs), inner = content or (("", (), ()), ())
            if not _DROPPED.intersection(classes):
                yield from _leaves(inner)
        elif kind == "Quoted":
            marks = "“”" if content and content[0]["t"] == "DoubleQuote" else "‘’"
            yield "text", marks[0]
            yield from _leaves((content or ((), ()))[1])
            yield "text", marks[1]
        elif kind == "Cite":
            yield from _leaves((content or ((), ()))[1])
        elif kind in ("Math", "RawInline"):
            yield "text", str((content or ("", ""))[1])
        elif kind in ("SmallCaps", "Superscript", "Subscript", "Underline"):
            # Markdown has no marks for these that every engine shows.
            yield from _leaves(content or ())


def _marked(inlines: Iterable[Mapping[str, Any]], mark: str) -> Iterator[tuple[str, str]]:
    inner = to_markdown(inlines)
    if inner and not inner.startswith("*") and not inner.endswith("*"):
        yield "markdown", f"{mark}{inner}{mark}"
    else:
        # Adjacent marks of the same kind would be read as different ones.
        yield "markdown", inner


def _link(content: Sequence[Any]) -> Iterator[tuple[str, str]]:
    _attributes, inner, (url, _title) = content
    text = "".join(part for kind, part in _leaves(inner) if kind == "text")
    if not url.lower().startswith(("https://", "http://", "ftp://")):
        yield "text", text
    elif text == url:
        yield "markdown", f"<{safe_url(url)}>"
    else:
        yield "markdown", f"[{to_markdown(inner)}]({destination(url)})"
