"""The sections of the HTML report: wanted works and pages, findings, and pages and sources that need work."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wikitools.lint.graph import SOURCE, hubs, orphans
from wikitools.report import wanted
from wikitools.report.groups import grouped, same_said
from wikitools.report.html.document import Link, Places, Section
from wikitools.report.summary import count, places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wikitools.lint.graph import Graph
    from wikitools.lint.run import Diagnostic
    from wikitools.report import citations, sources
    from wikitools.report.html.document import Cell

Key = tuple[str, str, str]
"""Page, rule and subject of a finding."""

_MOST = 2000
"""How many rows a table has at most; its caption says how many there are in all."""
_MOST_HUBS = 50
_OWN_SECTION = frozenset(
    {"unmatched-citation", "ambiguous-citation", "uncited-source", "source-without-url", "orphan-page"}
)
"""The rules whose findings have a section of their own."""
_ORDER = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Data:
    """The data for the report."""

    diagnostics: Sequence[Diagnostic]
    cited: Sequence[citations.Row]
    sources: Sequence[sources.Row]
    graph: Graph
    against: Sequence[Key] | None = None
    """The findings of an earlier report; `None` if there is none to compare with."""
    proposals: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What a look-up proposes for a work, by the name of the work: the best proposal first."""
    addresses: Sequence[Diagnostic] = ()
    """What is wrong with web addresses by the answers that are remembered."""
    answered: str = ""
    """The day of the oldest of these answers; "" if nobody was ever asked."""
    registries: Sequence[Diagnostic] = ()
    """What is wrong with sources by the remembered answers of registries."""


def make_sections(data: Data) -> list[Section]:
    """Return all sections with rows, the most useful work first."""
    works = [_changes, _works, _dead_links, _ambiguous, _addresses, _others, _pages]
    return [make(data) for make in (*works, _registries, _uncited, _without_address, _orphans, _hubs)]


def _table(  # noqa: PLR0917  # in the order in which a reader sees them
    id_: str,
    title: str,
    advice: str,
    command: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    what: Callable[[int], str],
) -> Section:
    most = f"; the first {_MOST:,} are shown" if len(rows) > _MOST else ""
    return Section(id_, title, advice, command, heads, rows[:_MOST], len(rows), what(len(rows)) + most)


def _where(members: Sequence[Diagnostic | citations.Row], thing: str) -> Places:
    often = f"{count(len(members), thing)} on {places(each.path for each in members)}" if members else ""
    return Places(often, [(each.path, each.line, each.column) for each in members])


def _changes(data: Data) -> Section:
    before = Counter(data.against or ())
    after = Counter(each.key for each in data.diagnostics)
    new, gone = after - before, before - after
    rows: list[tuple[Cell, ...]] = []
    if data.against is not None:
        appeared = grouped(_first_of(new, data.diagnostics), lambda each: each.rule)
        numbers = [_by_rule(keys) for keys in (new, gone, after)]
        for rule in {rule for _page, rule, _subject in (*before, *after)}:
            added, lost, now = (each[rule] for each in numbers)
            rows.append((rule, added, lost, now - added, _where(appeared.get(rule, []), "finding")))
        rows.sort(key=lambda row: (-int(str(row[1])), -int(str(row[2])), str(row[0])))
    told = f"{count(new.total(), 'finding')} new, {gone.total():,} gone"
    return _table(
        "changes",
        "What changed",
        "Findings compared with those of the earlier report: by page, rule and subject, not by line.",
        "wikitools lint --new-since REF",
        ("rule", "new", "gone", "same", "where new"),
        rows,
        lambda _number: told,
    )


def _first_of(wanted: Counter[Key], diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield as many findings with each key as are wanted, in order."""
    left = wanted.copy()
    for each in diagnostics:
        if left[each.key] > 0:
            left[each.key] -= 1
            yield each


def _by_rule(keys: Counter[Key]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (_page, rule, _subject), number in keys.items():
        found[rule] += number
    return found


def _works(data: Data) -> Section:
    works = [each for each in wanted.group(data.cited) if each.first.status == "unmatched"]
    advice = "The bibliography lacks these works. Each entry that you add settles all of its citations."
    heads = ["work", "citations", "pages", "nearest", "where"]
    rows: list[list[Cell]] = [
        [each.label, len(each.rows), each.pages, ", ".join(each.near), _where(each.rows, "citation")] for each in works
    ]
    if data.proposals:
        # A column that would be empty takes room from the others.
        heads.insert(4, "proposals")
        for each, row in zip(works, rows, strict=True):
            row.insert(4, "; ".join(data.proposals.get(each.label, ())))
    command = "wikitools bib add --from FILE.toml" if data.proposals else "wikitools cite --unmatched --lookup"
    return _table("wanted", "Works wanted", advice, command, heads, rows, lambda number: count(number, "work"))


def _dead_links(data: Data) -> Section:
    dead = [each for each in data.diagnostics if each.group in ("links", "anchors") and str(each.severity) == "error"]
    return _table(
        "links",
        "Broken links",
        "Write the page, correct the link, or remove it. This command makes safe repairs:",
        "wikitools lint --fix",
        ("what is wrong", "rule", "links", "pages", "repair", "where"),
        [
            (
                members[0].message,
                members[0].rule,
                len(members),
                len({each.path for each in members}),
                _repair(members[0]),
                _where(members, "link"),
            )
            for members in _equal(dead)
        ],
        lambda number: count(number, "different problem"),
    )


def _equal(diagnostics: Iterable[Diagnostic]) -> list[list[Diagnostic]]:
    """Return findings in groups of equal ones, the most frequent first."""
    groups = grouped(diagnostics, same_said).values()
    return sorted(groups, key=lambda members: (-len(members), members[0].message, members[0].key))


def _repair(diagnostic: Diagnostic) -> str:
    if diagnostic.fix is None:
        return diagnostic.help
    return f"{diagnostic.fix.title}{' (unsafe)' if str(diagnostic.fix.safety) == 'unsafe' else ''}"


def _ambiguous(data: Data) -> Section:
    works = [each for each in wanted.group(data.cited) if each.first.status == "ambiguous"]
    return _table(
        "ambiguous",
        "Citations that fit several sources",
        "Add a letter after the year, a co-author, or the key, so that only one source fits.",
        "wikitools cite --ambiguous",
        ("citation", "citations", "fits", "where"),
        [(each.label, len(each.rows), ", ".join(each.near), _where(each.rows, "citation")) for each in works],
        lambda number: count(number, "form"),
    )


_SAID_HEADS = ("what is wrong", "rule", "times", "repair", "where")


def _said_rows(found: Iterable[Diagnostic]) -> list[tuple[Cell, ...]]:
    return [
        (members[0].message, members[0].rule, len(members), _repair(members[0]), _where(members, "place"))
        for members in _equal(found)
    ]


def _addresses(data: Data) -> Section:
    since = f"; the oldest answer is from {data.answered}" if data.answered else ""
    return _table(
        "web",
        "Dead and moved addresses",
        "Readers who follow these addresses find nothing, or are sent on. Link to the new address or an archived copy.",
        "wikitools urls --fix",
        _SAID_HEADS,
        _said_rows(data.addresses),
        lambda number: f"{count(number, 'different finding')}{since}",
    )


def _registries(data: Data) -> Section:
    return _table(
        "registries",
        "Retracted and doubtful sources",
        "Registries say this about works in the bibliography. Pages that cite them may have lost their evidence.",
        "wikitools bib verify --by-page",
        _SAID_HEADS,
        _said_rows(data.registries),
        lambda number: count(number, "different finding"),
    )


def _others(data: Data) -> Section:
    dead = {
        id(each) for each in data.diagnostics if each.group in ("links", "anchors") and str(each.severity) == "error"
    }
    rest = [each for each in data.diagnostics if id(each) not in dead and each.rule not in _OWN_SECTION]
    groups = sorted(_equal(rest), key=lambda members: _ORDER.index(str(members[0].severity)))
    return _table(
        "findings",
        "Other findings",
        "Everything else that lint reports. The page of each rule explains how to configure or silence it.",
        "wikitools explain RULE",
        ("severity", "rule", "message", "times", "where"),
        [
            (str(members[0].severity), members[0].rule, members[0].message, len(members), _where(members, "place"))
            for members in groups
        ],
        lambda number: count(number, "different finding"),
    )


def _pages(data: Data) -> Section:
    by_page = grouped(data.cited, lambda row: row.path)
    block = {each.path: each.rule for each in data.diagnostics if each.rule in ("stale-sources", "missing-sources")}
    rows: list[tuple[Cell, ...]] = []
    for path, cited in by_page.items():
        matched = sum(row.status == "matched" for row in cited)
        state = {"stale-sources": "out of date", "missing-sources": "missing"}.get(block.get(str(path), ""), "")
        if matched < len(cited) or state:
            rows.append((str(path), len(cited), matched, f"{matched / len(cited):.0%}", state))
    rows.sort(key=lambda row: (int(str(row[2])) - int(str(row[1])), str(row[0])))
    return _table(
        "pages",
        "Pages",
        "Pages with open citations, most first, and the state of their list of sources.",
        "wikitools backfill",
        ("page", "citations", "matched", "share", "list of sources"),
        rows,
        lambda number: f"{count(number, 'page')} with open citations or an outdated list",
    )


def _source_rows(rows: Iterable[sources.Row]) -> list[tuple[Cell, ...]]:
    return [
        (
            row.source.key,
            ", ".join(name.family for name in row.source.names[:3]),
            "/".join(row.source.years),
            Link(row.source.title or row.source.key, row.source.url),
            row.pages,
            Places("", [(row.path, row.line, row.column)]),
        )
        for row in rows
    ]


_SOURCE_HEADS = ("key", "authors", "year", "title", "pages", "where")


def _uncited(data: Data) -> Section:
    return _table(
        "uncited",
        "Sources that no page cites",
        "Cite them, or leave them: an unused source does no harm.",
        "wikitools lint --select uncited-source",
        _SOURCE_HEADS,
        _source_rows(row for row in data.sources if not row.pages),
        lambda number: count(number, "source"),
    )


def _without_address(data: Data) -> Section:
    found = [row for row in data.sources if row.pages and not (row.source.url or row.source.doi or row.source.arxiv)]
    found.sort(key=lambda row: (-row.pages, row.source.key))
    return _table(
        "addresses",
        "Cited sources without an address",
        "Readers cannot open these works from the pages that cite them. Add a DOI or an address.",
        "wikitools lint --select source-without-url",
        _SOURCE_HEADS,
        _source_rows(found),
        lambda number: count(number, "source"),
    )


def _orphans(data: Data) -> Section:
    return _table(
        "orphans",
        "Pages that no page links to",
        "Readers find them only by search. Link to them where they belong.",
        "wikitools graph --orphans",
        ("page", "title", "links on it"),
        [(node.id, node.title, node.outgoing) for node in orphans(data.graph)],
        lambda number: count(number, "page"),
    )


def _hubs(data: Data) -> Section:
    found = [node for node in hubs(data.graph) if node.kind != SOURCE][:_MOST_HUBS]
    return _table(
        "hubs",
        "The most linked pages",
        "Mistakes on these pages are read most.",
        "wikitools graph --hubs",
        ("page", "title", "pages that link to it"),
        [(node.id, node.title, node.incoming) for node in found],
        lambda number: f"the first {count(number, 'page')}",
    )
