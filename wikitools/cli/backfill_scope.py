"""The pages whose blocks `wikitools backfill PATHS` updates: also those that cite a bibliography among PATHS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wikitools.block.block import find_block
from wikitools.block.generated import notes_in
from wikitools.markdown.page import Wikilink, link_row, links_of
from wikitools.project.page_rows import say_of_pages
from wikitools.sources.source import Source
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from wikitools.cli.startup import AskedWiki
    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import LinkRow


def asked_pages(wiki: AskedWiki) -> tuple[str, ...]:
    """Return the pages whose blocks to update, sorted.

    A bibliography or source note among PATHS has presumably changed. It stands for the pages that cite one of its
    sources, and for pages with a block and a citation that fits no source, because the file may have lost that source.
    A page that is no longer a source note stands for the pages whose blocks still list it.
    """
    facts, pages = wiki.workspace.facts, wiki.workspace.inventory.pages
    named = wiki.named_files()
    if not named:
        return wiki.pages()
    sources = {place for source in facts.each(Source) for place in (source.span.path, source.note)}
    known = frozenset(pages)
    # A bibliography may have lost its last source. A page without a source may never have had one.
    homes = {path for path in named if path in sources or path not in known}
    found = set(wiki.pages())
    told = say_of_pages(
        wiki.workspace.keeper, _Sources(facts), pages, phase="looking for blocks", jobs=wiki.request.jobs
    )
    for path, each in told.items():
        if path not in found and (_lists(facts, path, each, named - homes) or _cites(facts, each, homes)):
            found.add(path)
    return tuple(path for path in pages if path in found)


def _lists(facts: Facts, path: str, told: _Told, notes: frozenset[str]) -> bool:
    answers = (facts.wiki.resolve_name(name, path) for name in told.listed) if notes else ()
    return any(isinstance(answer, Found) and answer.target in notes for answer in answers)


def _cites(facts: Facts, told: _Told, homes: set[str]) -> bool:
    if not homes.isdisjoint(told.cited):
        return True
    return (
        told.has_block
        and bool(homes)
        and (told.is_open or any(facts.wiki.target_of(link) in homes for link in told.embedded))
    )


class _Told(NamedTuple):
    """Which sources a page cites and lists."""

    cited: tuple[str, ...]
    """The bibliographies and source notes that hold what it cites."""
    has_block: bool = False
    is_open: bool = False
    """Whether a citation fits no source, or several. This and the following fields are set only if there is a block."""
    listed: tuple[str, ...] = ()
    """The names of the notes that its block lists."""
    embedded: tuple[Wikilink, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sources:
    """Finds out which sources each page cites and lists."""

    facts: Facts
    kind: str = "sources of a page"

    def __call__(self, path: str) -> _Told:
        """Return which sources a page cites and lists."""
        facts = self.facts
        cited = facts.cited.get(path, ())
        sources = [each.resolution.target for each in cited if isinstance(each.resolution, Found)]
        homes = {place for source in sources for place in (source.span.path, source.note) if place}
        page = facts.wiki.pages[path]
        block = find_block(page, facts.style)
        if block is None:
            return _Told(tuple(sorted(homes)))
        return _Told(
            tuple(sorted(homes)),
            has_block=True,
            is_open=any(each.convincing and not isinstance(each.resolution, Found) for each in cited),
            listed=notes_in(block.span.of(page.text)),
            embedded=tuple(link for link in page.links if isinstance(link, Wikilink) and link.embed),
        )

    def pack(self, value: _Told) -> _PackedTold:
        """Return it as plain data."""
        return value._replace(embedded=()), tuple((link.span.path, link_row(link)) for link in value.embedded)

    def unpack(self, packed: _PackedTold) -> _Told:
        """Return what was packed."""
        told, links = packed
        made = (links_of(path, [row])[0] for path, row in links)
        return _Told._make(told)._replace(embedded=tuple(link for link in made if isinstance(link, Wikilink)))


_PackedTold = tuple[_Told, tuple[tuple[str, "LinkRow"], ...]]
"""The same without the embedded links; then these, each with the path of its page."""
