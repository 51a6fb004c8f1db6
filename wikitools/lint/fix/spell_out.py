"""Citations that fit several sources, rewritten so that they mean one: by a letter, a key or a link."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools.block.manner import pointers_in
from wikitools.block.template import address_of
from wikitools.lint.facts import cite
from wikitools.markdown.reads_alike import reads_alike
from wikitools.text import Edit, apply
from wikitools.wiki.resolution import Ambiguous, Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wikitools.cite.citation import Citation, Cited
    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page
    from wikitools.sources.source import Source
    from wikitools.wiki.wiki import Wiki

_FOLLOWERS = frozenset({"mention", "footnote"})
"""Kinds of citations that mean what another one means."""


def spell_out(
    page: Page,
    cited: Cited,
    source: Source,
    facts: Facts,
    read: Callable[[str, str], Page],
    *,
    usual: Callable[[], list[str]],
) -> tuple[Page, Edit] | None:
    """Return the page on which a citation means this source alone, and the edit that makes it so.

    Written in the page's own manner, else in the wiki's: a letter if the sources have letters; a key or a link to the
    source's note if other citations are written so; else a link to the source's address. The first of these is taken
    that changes what this citation means, and nothing else. `None` if there is none. `read` parses a text by its path,
    `usual` gives the manners of the wiki.
    """
    before = cite(page, facts)
    for edit in _edits(page, cited, source, facts, usual):
        new = read(page.path, apply(page.text, (edit,)))
        after = cite(new, facts)
        if _only_settles(before, after, cited.citation, source) and reads_alike(page, new, (edit,)):
            return new, edit
    return None


def _only_settles(before: Iterable[Cited], after: Iterable[Cited], citation: Citation, source: Source) -> bool:
    """Say whether a citation means a source now, and all others what they meant before.

    Others that were open may mean the source, too: what a page says once counts for what it says again.
    """
    was, now = ([each for each in cited if each.citation.kind not in _FOLLOWERS] for cited in (before, after))
    if len(was) != len(now):
        return False
    for old, new in zip(was, now, strict=True):
        may_change = old.citation == citation or _is_open(old, source)
        kept = old.citation != citation and _meaning(old) == _meaning(new)
        if not kept and not (may_change and means(new, source)):
            return False
    return True


def means(cited: Cited, source: Source) -> bool:
    """Say whether a citation means this source for certain."""
    return isinstance(cited.resolution, Found) and cited.resolution.target.key == source.key


def _is_open(cited: Cited, source: Source) -> bool:
    return isinstance(cited.resolution, Ambiguous) and any(
        each.key == source.key for each in cited.resolution.candidates
    )


def _meaning(cited: Cited) -> tuple[str, ...]:
    match cited.resolution:
        case Found(target=source):
            return ("found", source.key)
        case Ambiguous(candidates=sources):
            return ("ambiguous", *(source.key for source in sources))
        case _:
            return ("missing", cited.citation.text)


def _edits(page: Page, cited: Cited, source: Source, facts: Facts, usual: Callable[[], list[str]]) -> Iterator[Edit]:
    """Yield the edits that may do, those in the manner of the page first."""
    citation = cited.citation
    if source.suffix and not citation.suffix:
        yield from _letter(page, citation, source)
    for kind in pointers_in(facts.cited.get(page.path, ())) or usual():
        if kind == "key":
            yield from _key(page, citation, source)
        elif source.note:
            yield from _wikilinks(page, citation, source, facts.wiki)
    if address := address_of(source):
        yield Edit(citation.span, f"[{citation.span.of(page.text)}]({address})")


def _letter(page: Page, citation: Citation, source: Source) -> Iterator[Edit]:
    span = citation.span
    at = page.text.rfind(citation.year, span.start, span.end)
    if at >= 0:
        end = at + len(citation.year)
        yield Edit(replace(span, start=end, end=end), source.suffix)


def _key(page: Page, citation: Citation, source: Source) -> Iterator[Edit]:
    """Yield the citation by key, as Pandoc reads it: in place of a whole bracket, or within the sentence."""
    if citation.narrative:
        yield Edit(citation.span, f"@{source.key}")
    elif citation.group is not None:
        group, span = citation.group, citation.span
        before, after = page.text[group.start + 1 : span.start], page.text[span.end : group.end - 1]
        yield Edit(group, f"[{before}@{source.key}{after}]")


def _wikilinks(page: Page, citation: Citation, source: Source, wiki: Wiki) -> Iterator[Edit]:
    target = wiki.name_of(source.note, page.path)
    label = citation.span.of(page.text)
    if not set("[]|\n\r") & {*label, *target}:
        # Some engines read the label first.
        for first, second in ((target, label), (label, target)):
            yield Edit(citation.span, f"[[{first}|{second}]]")
