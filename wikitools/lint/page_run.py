"""Runs the rules on one page: first with only the page and the list of files, later with all pages."""

from __future__ import annotations

import traceback
from dataclasses import field, replace
from typing import TYPE_CHECKING, NamedTuple

from wikitools.lint.facts import KINDS
from wikitools.lint.rule import Finding, Related, Severity
from wikitools.markdown.page import MarkdownLink, Page, WebLink, Wikilink
from wikitools.records import dataclass
from wikitools.text import Edit, Fix, Safety, Span, line_and_column, line_starts
from wikitools.wiki.lazy_pages import GoneError, UnknownError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wikitools.lint.facts import Element, Facts, OnPage
    from wikitools.lint.rule import Rule

Place = tuple[int, int, int, int]
"""Line and column of the start and of the end, counted from 1; the end is exclusive."""
Checks = dict[str, tuple["Rule", ...]]
"""The rules that check each kind of element, by the name of the kind."""

_LINKS = (Wikilink, MarkdownLink, WebLink)


class Waiting(NamedTuple):
    """An element of a page that deferred rules must check when more is known."""

    kind: str
    number: int
    """Its number among the elements of its kind; a negative number means all of them."""
    rules: tuple[str, ...]


class Failure(NamedTuple):
    """A bug in wikitools: a rule raised an error."""

    rule: str
    path: str
    span: Span | None
    error: str
    traceback: str
    times: int = 1


@dataclass(slots=True)
class Look:
    """The findings on one page, and the deferred elements."""

    findings: list[tuple[str, Finding, Place]] = field(default_factory=list)
    """The rule, the finding, and where that is."""
    waiting: list[Waiting] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def checks_of(rules: Iterable[Rule]) -> Checks:
    """Return the rules by the kinds of elements that they check."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        for kind in rule.looks_at:
            found.setdefault(kind.__name__, []).append(rule)
    return {name: tuple(found[name]) for name in KINDS if name in found and name not in _NOT_ON_PAGES}


_NOT_ON_PAGES = ("Wiki", "Source", "UnusedSuppression")


def look(page: Page, facts: Facts, checks: Checks) -> Look:
    """Run rules on all elements of a page; those that need more than `facts` know are deferred."""
    view = _View(page, facts)
    for name, rules in checks.items():
        kind = KINDS[name]
        if kind in _LINKS:
            # Links are by far the most frequent elements: no list of them is made, and nearly all are plain.
            _look_at_links(page, view, name, rules)
            continue
        try:
            things = facts.on_page(page, kind)
        except UnknownError:
            view.found.waiting.append(Waiting(name, -1, tuple(rule.id for rule in rules)))
            continue
        for number, thing in enumerate(things):
            view.check(thing, number, name, rules)
    view.place()
    return view.found


def _look_at_links(page: Page, view: _View, name: str, rules: tuple[Rule, ...]) -> None:
    kind = KINDS[name]
    always = tuple(rule for rule in rules if not rule.passes_plain_links)
    if kind is WebLink:
        for number, link in enumerate(page.links):
            if type(link) is kind:
                view.check(link, number, name, rules)
        return
    targets, doubtful = view.facts.wiki.plain_targets(page)
    for number in range(len(page.links)) if always else doubtful:
        link = page.links[number]
        if type(link) is kind:
            view.check(link, number, name, rules if targets[number] is None else always)


def look_again(page: Page, facts: Facts, rules: Mapping[str, Rule], waiting: Sequence[Waiting]) -> Look:
    """Run the deferred rules, now that everything is known."""
    view = _View(page, facts)
    for name, number, ids in waiting:
        kind = KINDS[name]
        chosen = tuple(rules[each] for each in ids)
        things: Sequence[OnPage] = page.links if kind in _LINKS else facts.on_page(page, kind)
        for each in range(len(things)) if number < 0 else (number,):
            view.check(things[each], each, name, chosen)
    if view.found.waiting:
        raise RuntimeError(f"{page.path}: a rule is still deferred: {view.found.waiting[0]}")
    view.place()
    return view.found


class _View:
    """One page while rules check it."""

    def __init__(self, page: Page, facts: Facts) -> None:
        self.page = page
        self.facts = facts
        self.found = Look()
        self.raw: list[tuple[str, Finding]] = []

    def check(self, thing: OnPage, number: int, kind: str, rules: tuple[Rule, ...]) -> None:
        waiting: list[str] = []
        raw = self.raw
        for rule in rules:
            before = len(raw)
            try:
                for finding in rule.check(thing, self.facts):
                    raw.append((rule.id, finding))
            except UnknownError:
                # A rule that is deferred halfway reports nothing until it runs again.
                del raw[before:]
                waiting.append(rule.id)
            except GoneError:
                raise
            except Exception as error:  # noqa: BLE001  # whatever a rule raises, the others go on and the run says so
                fail(self.found, rule, thing, error)
        if waiting:
            self.found.waiting.append(Waiting(kind, number, tuple(waiting)))

    def place(self) -> None:
        """Compute where the findings are."""
        starts = line_starts(self.page.text) if self.raw else []
        unreadable = self.page.is_unreadable
        for rule, finding in self.raw:
            if finding.fix is not None and (unreadable or self._changes_nothing(finding.fix)):
                finding = replace(finding, fix=None)  # noqa: PLW2901
            span = finding.span
            if span.path != self.page.path:
                raise RuntimeError(f"{rule}: rules about elements of a page report on that page, not on {span.path}")
            place = (*line_and_column(starts, span.start), *line_and_column(starts, span.end))
            self.found.findings.append((rule, finding, place))

    def _changes_nothing(self, fix: Fix) -> bool:
        page = self.page
        return all(edit.span.path == page.path and edit.text == edit.span.of(page.text) for edit in fix.edits)


def fail(found: Look, rule: Rule, thing: Element, error: Exception) -> None:
    """Record that a rule raised an error."""
    for place, known in enumerate(found.failures):
        if known.rule == rule.id:
            found.failures[place] = known._replace(times=known.times + 1)
            return
    words = "".join(traceback.format_exception_only(error)).strip()
    trace = "".join(traceback.format_exception(error))
    found.failures.append(Failure(rule.id, path_of(thing), span_of(thing), words, trace))


def path_of(thing: Element) -> str:
    """Return the path of the file that contains an element; "" for the wiki as a whole."""
    span = span_of(thing)
    return span.path if span is not None else getattr(thing, "path", "")


def span_of(thing: Element) -> Span | None:
    """Return the span of an element; `None` if it has none."""
    citation = getattr(thing, "citation", thing)
    span = getattr(citation, "span", None)
    return span if isinstance(span, Span) else None


# As plain data


class FindingRow(NamedTuple):
    """A finding, without the path of its page."""

    start: int
    end: int
    message: str
    subject: str
    help: str
    fix: tuple[str, Sequence[EditRow], str] | None
    """Title, edits, safety."""
    related: Sequence[RelatedRow]
    reason: str
    severity: str | None


EditRow = tuple[str, int, int, str]
"""Path, start and end of the span, and the new text."""
RelatedRow = tuple[str, int, int, str]
"""Path, start and end of the span, and the message."""
LookRows = tuple["Sequence[tuple[str, FindingRow, Place]]", "Sequence[Waiting]"]
"""The findings, each with its rule and place, and what was deferred; failures are left out."""


def pack_look(look: Look) -> LookRows:
    """Return what was found as tuples, numbers and strings."""
    return [(rule, pack_finding(finding), place) for rule, finding, place in look.findings], look.waiting


def unpack_look(path: str, rows: LookRows) -> Look:
    """Return what was packed of the page at `path`."""
    findings, waiting = rows
    return Look(
        findings=[(rule, unpack_finding(path, finding), place) for rule, finding, place in findings],
        waiting=list(map(Waiting._make, waiting)),
    )


def pack_finding(finding: Finding) -> FindingRow:
    """Return a finding as plain data."""
    span, fix = finding.span, finding.fix
    return FindingRow(
        span.start,
        span.end,
        finding.message,
        finding.subject,
        finding.help,
        None if fix is None else (fix.title, [(*_pack_span(each.span), each.text) for each in fix.edits], fix.safety),
        [(*_pack_span(each.span), each.message) for each in finding.related],
        finding.reason,
        None if finding.severity is None else str(finding.severity),
    )


def _unpack_fix(title: str, edits: Sequence[EditRow], safety: str) -> Fix:
    made = tuple([Edit(Span(path, start, end), text) for path, start, end, text in edits])
    return Fix(title, made, Safety(safety))


def unpack_finding(path: str, row: FindingRow) -> Finding:
    """Return the finding that was packed on the page at `path`."""
    start, end, message, subject, help_, fix, related, reason, severity = row
    return Finding(
        span=Span(path, start, end),
        message=message,
        subject=subject,
        help=help_,
        fix=None if fix is None else _unpack_fix(*fix),
        related=tuple([Related(Span(where, first, last), text) for where, first, last, text in related]),
        reason=reason,
        severity=None if severity is None else Severity(severity),
    )


def _pack_span(span: Span) -> tuple[str, int, int]:
    return span.path, span.start, span.end
