"""Pages by what is doubtful in them: sources that registries contradict, and citations that fit no source."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wikitools import __version__
from wikitools.lint.usage import citing_pages, identity
from wikitools.report.citations import rows_of
from wikitools.report.json import dumps
from wikitools.report.screen import visible, width
from wikitools.report.summary import count
from wikitools.report.wanted import group
from wikitools.sources.verdict import Undetermined, identifiers_of
from wikitools.wiki.resolution import Found, Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from wikitools.lint.facts import Facts
    from wikitools.lint.run import Diagnostic
    from wikitools.lint.usage import Identity
    from wikitools.report.wanted import Wanted
    from wikitools.sources.source import Source

VERSION = 1
RULES = (
    *("retracted-source", "unknown-identifier", "wrong-identifier", "source-not-found", "source-differs"),
    "source-concern",
)
"""The rules whose findings make a source doubtful, the gravest first."""
_NO_SOURCE, _NO_ANSWER = "no source", "no answer"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a source that a page cites is doubtful."""

    rule: str
    """The rule that says so; "" if there was no answer about the source."""
    key: str
    title: str
    message: str
    places: tuple[tuple[int, int], ...]
    """Line and column of each citation on the page; none if it is only listed, or one of several that may be meant."""


@dataclass(frozen=True, slots=True)
class PageDoubts:
    """What is doubtful on one page."""

    path: str
    sources: int
    """How many sources it cites."""
    doubts: tuple[Doubt, ...]
    """The gravest first."""
    unanswered: tuple[Doubt, ...]
    """Sources about which there was no answer: no doubt, but not verified either."""
    without_identifier: int
    """How many of its sources were not looked up, because they have no DOI, arXiv id or PubMed id."""
    without_source: tuple[Wanted, ...]
    """What it cites and the bibliography lacks."""


def pages_by_doubt(
    facts: Facts, sources: Sequence[Source], found: Iterable[Diagnostic], only: Collection[str] | None = None
) -> list[PageDoubts]:
    """Return the pages with something doubtful, the most doubtful first; of all pages, or `only` of these.

    `sources` were verified, and `found` are the findings about them. Pages are in the order of their gravest findings:
    first those that rest on most retracted works, then on most identifiers that do not exist, and so on. That is an
    order for reading, and no measure of guilt.
    """
    said = _findings_by_source(sources, found)
    on_pages: dict[str, list[Source]] = {}
    citing = citing_pages(facts)
    for source in sources:
        for path in citing.get(identity(source), ()):
            on_pages.setdefault(path, []).append(source)
    pages = [
        _page(path, facts, on_pages.get(path, ()), said) for path in facts.wiki.pages if only is None or path in only
    ]
    return sorted((each for each in pages if each.doubts or each.unanswered or each.without_source), key=_order)


def _order(page: PageDoubts) -> tuple[object, ...]:
    often = Counter(each.rule for each in page.doubts)
    return (*(-often[rule] for rule in RULES), -len(page.without_source), -len(page.unanswered), page.path)


def _findings_by_source(
    sources: Iterable[Source], found: Iterable[Diagnostic]
) -> Mapping[Identity, Sequence[Diagnostic]]:
    """Return the findings that make sources doubtful, each for the smallest entry around it."""
    in_file: dict[str, list[Source]] = {}
    for source in sources:
        in_file.setdefault(source.span.path, []).append(source)
    said: dict[Identity, list[Diagnostic]] = {}
    for each in found:
        around = [
            source
            for source in in_file.get(each.span.path, ())
            if each.rule in RULES and source.span.start <= each.span.start and each.span.end <= source.span.end
        ]
        if around:
            nearest = min(around, key=lambda source: source.span.end - source.span.start)
            said.setdefault(identity(nearest), []).append(each)
    return said


def _page(
    path: str, facts: Facts, sources: Sequence[Source], said: Mapping[Identity, Sequence[Diagnostic]]
) -> PageDoubts:
    cited = facts.cited.get(path, ())
    missing = [each for each in cited if each.convincing and isinstance(each.resolution, Missing)]
    doubtful = [(source, each) for source in sources for each in said.get(identity(source), ())]
    silent = [(source, why) for source in sources if (why := _silence(source, facts))]
    places: dict[Identity, list[tuple[int, int]]] = {}
    if doubtful or silent:
        matched = [each for each in cited if isinstance(each.resolution, Found)]
        for each, row in zip(matched, rows_of(path, facts.text_of(path), matched), strict=True):
            if isinstance(each.resolution, Found):
                places.setdefault(identity(each.resolution.target), []).append((row.line, row.column))

    def doubt(source: Source, rule: str, message: str) -> Doubt:
        return Doubt(rule, source.key, source.title, message, tuple(places.get(identity(source), ())))

    doubts = [doubt(source, each.rule, each.message) for source, each in doubtful]
    return PageDoubts(
        path,
        len(sources),
        tuple(sorted(doubts, key=lambda each: (RULES.index(each.rule), each.places or ((0, 0),), each.key))),
        tuple(doubt(source, "", why) for source, why in silent),
        sum(not identifiers_of(source) and identity(source) not in (facts.verdicts or {}) for source in sources),
        group(rows_of(path, facts.text_of(path), missing)) if missing else (),
    )


def _silence(source: Source, facts: Facts) -> str:
    """Return why nothing can be said about a source that was looked up; "" if something can."""
    judged = (facts.verdicts or {}).get(identity(source))
    return judged.verdict.why if judged is not None and isinstance(judged.verdict, Undetermined) else ""


# Text


def render(pages: Sequence[PageDoubts], *, shown: Callable[[str], str]) -> Iterator[str]:
    """Yield for each page a line with counts, and a line for each source or citation in doubt."""
    for page in pages:
        yield f"{visible(shown(page.path))}: {'; '.join(_counts(page))}\n"
        lines = [(each.rule, _about(each)) for each in page.doubts]
        lines += [(_NO_SOURCE, f"{each.label}{_at(_places(each))}") for each in page.without_source]
        lines += [(_NO_ANSWER, _about(each)) for each in page.unanswered]
        room = max((width(word) for word, _line in lines), default=0)
        yield from (f"  {word:<{room}}  {visible(line)}\n" for word, line in lines)
    if not pages:
        yield "Nothing doubtful was found on any page.\n"


def _counts(page: PageDoubts) -> Iterator[str]:
    doubtful = len({each.key for each in page.doubts})
    if page.sources:
        yield f"{doubtful} of {count(page.sources, 'source')} doubtful"
    if page.without_source:
        yield f"{count(len(page.without_source), 'work')} cited that the bibliography lacks"
    if page.unanswered:
        yield f"no answer about {count(len(page.unanswered), 'source')}"
    if page.without_identifier:
        yield f"{count(page.without_identifier, 'source')} without DOI, arXiv id or PubMed id"


def _about(doubt: Doubt) -> str:
    return f"{doubt.key}{_at(doubt.places)}: {doubt.message}"


def _places(wanted: Wanted) -> tuple[tuple[int, int], ...]:
    return tuple((row.line, row.column) for row in wanted.rows)


_MOST_PLACES = 5


def _at(places: Sequence[tuple[int, int]]) -> str:
    """Return where something is cited, as a phrase: " at 3:5, 9:1"."""
    if not places:
        return ""
    named = ", ".join(f"{line}:{column}" for line, column in places[:_MOST_PLACES])
    return f" at {named}{f' and {len(places) - _MOST_PLACES} more' if len(places) > _MOST_PLACES else ''}"


# JSON


def render_json(pages: Sequence[PageDoubts]) -> str:
    """Return the pages in a versioned envelope."""
    envelope = {
        "version": VERSION,
        "tool": {"name": "wikitools", "version": __version__},
        "pages": [_data(page) for page in pages],
        "summary": {"pages": len(pages), "doubtful": sum(bool(page.doubts) for page in pages)},
    }
    return dumps(envelope, indent=2) + "\n"


def _data(page: PageDoubts) -> dict[str, Any]:
    return {
        "path": page.path,
        "sources": page.sources,
        "doubts": [{"rule": each.rule, **_as_data(each)} for each in page.doubts],
        "unanswered": [_as_data(each) for each in page.unanswered],
        "without_identifier": page.without_identifier,
        "without_source": [
            {"label": each.label, "address": each.address, "citations": _citations(_places(each))}
            for each in page.without_source
        ],
    }


def _as_data(doubt: Doubt) -> dict[str, Any]:
    return {
        "key": doubt.key,
        "title": doubt.title,
        "message": doubt.message,
        "citations": _citations(doubt.places),
    }


def _citations(places: Iterable[tuple[int, int]]) -> list[dict[str, int]]:
    return [{"line": line, "column": column} for line, column in places]
