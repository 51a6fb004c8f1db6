"""A source in words, for completion and hover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.block.template import address_of, authors_of, escape, squeeze, title_of, year_of

if TYPE_CHECKING:
    from wikitools.sources.source import Source

_IN = ("journal", "journaltitle", "booktitle", "container-title", "publisher", "howpublished", "institution", "school")


def reference_of(source: Source, *, markdown: bool) -> str:
    """Return authors, year, title and container, as plain text or as Markdown that shows the same."""
    shown = escape if markdown else squeeze
    who = shown(authors_of(source))
    year = shown(year_of(source))
    title = shown(title_of(source))
    place = next((shown(source.fields[name]) for name in _IN if source.fields.get(name, "").strip()), "")
    head = f"{who} ({year})" if who and year else who or (f"({year})" if year else "")
    parts = [head, f"**{title}**" if markdown else title, f"*{place}*" if markdown and place else place]
    return ". ".join(part for part in parts if part) + "."


def details_of(source: Source, *, markdown: bool) -> list[str]:
    """Return the lines that describe a source: its reference, its address, its key and where its entry is."""
    shown = escape if markdown else squeeze
    lines = [reference_of(source, markdown=markdown)]
    if address := address_of(source):
        lines.append(f"<{address}>" if markdown and " " not in address and ">" not in address else shown(address))
    lines.append(f"{shown(f'@{source.key}')} in {shown(source.span.path)}")
    return lines
