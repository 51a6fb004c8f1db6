"""Runs rules over facts and turns findings into diagnostics, without those that comments or settings silence."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import field, replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, cast

from wikitools.lint.page_run import Look, checks_of, fail, look, path_of
from wikitools.lint.policy import ALL, Policy, configured_severity, ignored_in, select_rules, specificity
from wikitools.lint.rule import GROUPS, Finding, Severity, load_rules
from wikitools.lint.suppressions import UnusedSuppression, find_suppressions, may_silence
from wikitools.markdown.page import Problem
from wikitools.records import dataclass
from wikitools.sources.source import Source
from wikitools.text import Span, line_and_column, line_starts
from wikitools.wiki.lazy_pages import GoneError
from wikitools.wiki.names_index import compose
from wikitools.wiki.resolution import Reason
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from wikitools.lint.facts import Element, Facts
    from wikitools.lint.fix.proof import Key
    from wikitools.lint.page_run import Place
    from wikitools.lint.rule import Related, Rule
    from wikitools.lint.suppressions import Suppressions
    from wikitools.text import Fix

    _Found = tuple[Rule, Finding, Place | None]


def _position(found: _Found) -> tuple[str, int, int, str]:
    rule, finding, _place = found
    span = finding.span
    return span.path, span.start, span.end, rule.id


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding after configuration. Lines and columns count from 1, columns in code points; the end is exclusive."""

    rule: str
    group: str
    severity: Severity
    path: str
    span: Span
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    subject: str = ""
    help: str = ""
    fix: Fix | None = None
    related: tuple[Related, ...] = ()
    reason: str = ""

    @property
    def key(self) -> Key:
        """Page, rule and subject, which stay the same when lines move."""
        return self.path, self.rule, self.subject


@dataclass(frozen=True, slots=True)
class Skipped:
    """A rule that was asked for and could not run, and why."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class RuleFailure:
    """A bug in wikitools: a rule raised an error. Where it did so first, and how often."""

    rule: str
    path: str
    span: Span | None
    error: str
    traceback: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run. Diagnostics are in order of path, offset, rule."""

    diagnostics: tuple[Diagnostic, ...]
    silenced: tuple[Key, ...] = ()
    """Findings that comments on pages silenced."""
    ignored: int = 0
    """Findings that per-file ignores silenced."""
    skipped: tuple[Skipped, ...] = ()
    failures: tuple[RuleFailure, ...] = ()
    rules: tuple[str, ...] = ()
    """The rules that ran."""
    placeholders: int = 0
    """Links that were skipped as placeholders."""

    @property
    def suppressed(self) -> int:
        """How many findings comments on pages silenced."""
        return len(self.silenced)


def lint(facts: Facts, policy: Policy, *, rules: Mapping[str, Rule] | None = None) -> Outcome:
    """Run the rules of the policy over the facts; `rules` are all rules by id. Raises `UnknownRuleError`."""
    run = Run(facts, policy, rules)
    checks = checks_of(run.rules)
    reported = policy.paths
    for path, page in facts.wiki.pages.items():
        if reported is None or path in reported:
            run.take(path, (look(page, facts, checks),), commented=may_silence(page))
    run.look_at_all()
    return run.outcome()


def able_rules(
    policy: Policy,
    rules: Mapping[str, Rule],
    *,
    web: bool,
    registries: bool,
    tracked: Collection[str] | None,
    pages: Collection[str],
) -> tuple[tuple[Rule, ...], tuple[Skipped, ...]]:
    """Return the rules of the policy that can run, and those that cannot.

    `web` says whether hosts were asked, `registries` whether registries were; `tracked` are git's files, `None` if
    there is no repository.
    """
    selected = select_rules(policy, rules)
    without_git = _without_git(tracked, pages) if any(rule.needs_git for rule in selected) else ""
    hindrances = {
        rule.id: _hindrance(rule, web=web, registries=registries, without_git=without_git) for rule in selected
    }
    skipped = tuple(Skipped(rule.id, why) for rule in selected if (why := hindrances[rule.id]))
    return tuple(rule for rule in selected if not hindrances[rule.id]), skipped


def _hindrance(rule: Rule, *, web: bool, registries: bool, without_git: str) -> str:
    """Return why a rule cannot run; "" if it can."""
    if rule.needs_web and not web:
        return 'needs the web: run "wikitools urls"'
    if rule.needs_registries and not registries:
        return 'needs the web: run "wikitools bib verify"'
    return without_git if rule.needs_git else ""


def _without_git(tracked: Collection[str] | None, pages: Collection[str]) -> str:
    """Return why git's files cannot be used; "" if they can."""
    if tracked is None:
        return "there is no git repository"
    known = sum(path in tracked or compose(path) in tracked for path in pages)
    if known == len(pages) or known > len(pages) * _NEXT_TO_NOTHING:
        return ""
    # Every link would be reported for the same reason.
    return f"git tracks {known or 'none'} of the {len(pages):,} pages; add them first"


_NEXT_TO_NOTHING = 0.05
"""If git tracks at most this share of the pages, the wiki is taken to be not added yet."""


def order(diagnostic: Diagnostic) -> tuple[str, int, int, str, str, str]:
    """Return the sort key of diagnostics: path, offset, rule. Comparing spans themselves takes three times as long."""
    span = diagnostic.span
    return span.path, span.start, span.end, diagnostic.rule, diagnostic.message, diagnostic.subject


def configured(finding: Finding, rule: str, group: str, severity: Severity, place: Place) -> Diagnostic:
    """Return a finding as a diagnostic, with the configuration of its rule, and lines and columns."""
    line, column, end_line, end_column = place
    return Diagnostic(
        rule=rule,
        group=group,
        severity=severity,
        path=finding.span.path,
        span=finding.span,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        message=finding.message,
        subject=finding.subject,
        help=finding.help,
        fix=finding.fix,
        related=finding.related,
        reason=str(finding.reason),
    )


EVERYWHERE = (Wiki, Problem, Source)
"""The kinds of elements that are not on a page; problems of pages are checked with them."""


class Asked(NamedTuple):
    """A check of one element that is not on a page by one rule."""

    kind: int
    thing: int
    rule: int


@dataclass(slots=True)
class _Summed:
    """The diagnostics of one page, and what was silenced there."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    silenced: list[Key] = field(default_factory=list)
    silenced_after: list[Key] = field(default_factory=list)
    """Findings about unused comments that other comments silenced."""
    ignored: int = 0
    placeholders: int = 0
    failures: list[RuleFailure] = field(default_factory=list)


class Run:
    """The findings of all rules, kept by page, so that after a change only the affected pages are summed up again."""

    def __init__(self, facts: Facts, policy: Policy, known: Mapping[str, Rule] | None = None) -> None:
        self.facts = facts
        self.policy = policy
        self.known = load_rules() if known is None else known
        self.rules, self.skipped = able_rules(
            policy,
            self.known,
            web=facts.web is not None,
            registries=facts.verdicts is not None,
            tracked=facts.tracked,
            pages=facts.wiki.pages,
        )
        self._places = _Places(facts)
        self._ignored_in = ignored_in(policy, self.rules)
        self._severity = {rule.id: configured_severity(rule, policy) for rule in self.rules}
        self._on_pages: dict[str, list[_Found]] = {}
        self._page_failures: dict[str, list[RuleFailure]] = {}
        self._commented: set[str] = set()
        self._things: list[Sequence[Element]] = [() for _kind in EVERYWHERE]
        self._everywhere: dict[Asked, list[_Found]] = {}
        self._at: dict[str, set[Asked]] = {}
        """For each file, the checks of elements outside of pages that found something in it."""
        self._other_failures: dict[Asked, RuleFailure] = {}
        self._changed: set[str] = set()
        self._summed: dict[str, _Summed] = {}
        self._failing: set[str] = set()

    def turn_to(self, facts: Facts) -> None:
        """Continue with other facts about what is not on a page; the caller runs the rules on what differs."""
        self.facts = facts
        self._places = _Places(facts)

    def take(self, path: str, looks: Iterable[Look], *, commented: bool) -> None:
        """Add the findings on a page; `commented` says whether comments on it may silence something."""
        found: list[_Found] = []
        failures: list[RuleFailure] = []
        for each in looks:
            if each.waiting:
                raise RuntimeError(f"a rule is still deferred: {each.waiting[0]}")
            found += [(self.known[rule], finding, place) for rule, finding, place in each.findings]
            failures += [RuleFailure(*failure) for failure in each.failures]
        self._on_pages.pop(path, None)
        self._page_failures.pop(path, None)
        if found:
            self._on_pages[path] = found
        if failures:
            self._page_failures[path] = failures
        self._places.forget(path)
        (self._commented.add if commented else self._commented.discard)(path)
        self._changed.add(path)

    def look_at_all(self) -> None:
        """Run the rules about the wiki, its sources, and other elements that are not on a page."""
        for kind in EVERYWHERE:
            for asked in self.find_things(kind):
                self.look_again(asked)

    def find_things(self, kind: type[Wiki | Problem | Source]) -> list[Asked]:
        """Find the elements of one kind that are not on a page, and return the checks to run; forget earlier ones."""
        facts, reported = self.facts, self.policy.paths
        number = EVERYWHERE.index(kind)
        for asked in [*self._everywhere, *self._other_failures]:
            if asked.kind == number:
                self._drop(asked)
        self._things[number] = things = [
            thing
            for thing in (facts.problems if kind is Problem else facts.each(kind, reported))
            if reported is None or path_of(thing) in reported or not path_of(thing)
        ]
        rules = [place for place, rule in enumerate(self.rules) if kind in rule.looks_at]
        return [Asked(number, thing, rule) for thing in range(len(things)) for rule in rules]

    @property
    def sources(self) -> Sequence[Source]:
        """The sources, as they were found last."""
        return cast("Sequence[Source]", self._things[EVERYWHERE.index(Source)])

    def has_result(self, asked: Asked) -> bool:
        """Say whether a rule found something on an element that is not on a page, or failed."""
        return asked in self._everywhere or asked in self._other_failures

    def look_again(self, asked: Asked) -> None:
        """Run a rule again on an element that is not on a page."""
        self._drop(asked)
        found, failure = self._check(self._things[asked.kind][asked.thing], self.rules[asked.rule])
        if found:
            self._everywhere[asked] = found
            for _rule, finding, _place in found:
                self._at.setdefault(finding.span.path, set()).add(asked)
                self._changed.add(finding.span.path)
        if failure is not None:
            self._other_failures[asked] = failure

    def _drop(self, asked: Asked) -> None:
        self._other_failures.pop(asked, None)
        for _rule, finding, _place in self._everywhere.pop(asked, ()):
            self._at[finding.span.path].discard(asked)
            self._changed.add(finding.span.path)

    def _check(self, thing: Element, rule: Rule) -> tuple[list[_Found], RuleFailure | None]:
        found: list[_Found] = []
        try:
            for finding in rule.check(thing, self.facts):
                found.append((rule, finding, None))  # what it found before it failed counts
        except GoneError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a rule raises, the others go on and the run says so
            failed = Look()
            fail(failed, rule, thing, error)
            return found, RuleFailure(*failed.failures[0])
        return found, None

    def outcome(self) -> Outcome:
        """Return the outcome, without silenced findings."""
        failing = {each.rule for failures in self._page_failures.values() for each in failures}
        failing.update(each.rule for each in self._other_failures.values())
        if failing != self._failing:
            # If a rule failed, no comment that names it is reported as unused.
            self._changed |= self._commented
            self._failing = failing
        for path in self._changed:
            self._summed.pop(path, None)
            if self.policy.paths is None or path in self.policy.paths:
                self._sum_up(path)
        self._changed.clear()
        summed = [self._summed[path] for path in sorted(self._summed)]
        failures: dict[str, RuleFailure] = {}
        for failure in (
            *(each for path in sorted(self._page_failures) for each in self._page_failures[path]),
            *(self._other_failures[asked] for asked in sorted(self._other_failures)),
            *(each for page in summed for each in page.failures),
        ):
            known = failures.get(failure.rule)
            times = failure.times if known is None else known.times + failure.times
            failures[failure.rule] = replace(known or failure, times=times)
        return Outcome(
            diagnostics=_without_recurring([each for page in summed for each in page.diagnostics], self.rules),
            silenced=(
                *(each for page in summed for each in page.silenced),
                *(each for page in summed for each in page.silenced_after),
            ),
            ignored=sum(page.ignored for page in summed),
            skipped=self.skipped,
            failures=tuple(failures[rule] for rule in sorted(failures)),
            rules=tuple(rule.id for rule in self.rules),
            placeholders=sum(page.placeholders for page in summed),
        )

    def _sum_up(self, path: str) -> None:
        """Turn the findings in one file into diagnostics, except silenced ones."""
        found = [*self._on_pages.get(path, ())]
        for asked in sorted(self._at.get(path, ())):
            found += (each for each in self._everywhere[asked] if _position(each)[0] == path)
        if not found and path not in self._commented:
            return
        summed = _Summed()
        suppressions = None
        if path in self._commented:
            suppressions = find_suppressions(
                self.facts.wiki.pages[path], self._places.starts(path), (*self.known, *GROUPS, ALL)
            )
            for problem in suppressions.problems:
                found += self._check_comment(problem, Problem, summed)
        summed.silenced += self._silence(path, found, suppressions, summed)
        if suppressions is not None:
            unused: list[_Found] = []
            unreadable = self.facts.wiki.pages[path].is_unreadable
            for comment in suppressions.unused(self._judges(path)):
                judged = replace(comment, fix=None) if unreadable else comment
                unused += self._check_comment(judged, UnusedSuppression, summed)
            summed.silenced_after += self._silence(path, unused, suppressions, summed)
        summed.diagnostics.sort(key=order)
        if summed != _Summed():
            self._summed[path] = summed

    def _check_comment(
        self, thing: Problem | UnusedSuppression, kind: type[Element], summed: _Summed
    ) -> Iterator[_Found]:
        for rule in self.rules:
            if kind in rule.looks_at:
                found, failure = self._check(thing, rule)
                summed.failures += [failure] if failure is not None else []
                yield from found

    def _silence(
        self, path: str, found: Sequence[_Found], suppressions: Suppressions | None, summed: _Summed
    ) -> Iterator[Key]:
        """Add findings that are not silenced to the diagnostics, and yield the others."""
        ignored = self._ignored_in(path)
        heard: list[_Found] = []
        for each in found:
            rule, finding, _place = each
            if finding.reason == Reason.PLACEHOLDER:
                summed.placeholders += 1
            elif rule.id in ignored:
                summed.ignored += 1
            else:
                heard.append(each)
        heard.sort(key=_position)
        silenced: Iterable[bool] = (False for _ in heard)
        if suppressions is not None:
            silenced = suppressions.silences((finding.span.start, rule.id, rule.group) for rule, finding, _ in heard)
        for (rule, finding, place), silent in zip(heard, silenced, strict=True):
            if silent:
                yield path, rule.id, finding.subject
            else:
                summed.diagnostics.append(self._diagnostic(rule, finding, place))

    def _judges(self, path: str) -> Callable[[str], bool]:
        """Return a function that says whether a suppressed name can be unused on a page: all its rules ran there."""
        ran = {rule.id for rule in self.rules} - self._ignored_in(path) - self._failing
        rules = {rule.id: rule for rule in self.known.values() if UnusedSuppression not in rule.looks_at}

        @cache
        def judged(name: str) -> bool:
            if name in self.known:
                return name in rules and name in ran
            # A rule that is off by default, or needs the web, does not make a comment for its whole group useful.
            meant = [each for each in rules.values() if specificity(each, (name,)) and each.default]
            return all(each.id in ran or each.needs_web or each.needs_registries for each in meant)

        return judged

    def _diagnostic(self, rule: Rule, finding: Finding, place: Place | None) -> Diagnostic:
        if finding.fix is not None and not _can_be_written(finding.fix):
            finding = replace(finding, fix=None)
        where = place or self._places.locate(finding.span)
        severity = self._severity[rule.id] or finding.severity or rule.severity
        return configured(finding, rule.id, rule.group, severity, where)


def _without_recurring(diagnostics: Sequence[Diagnostic], rules: Iterable[Rule]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics, without the repairs of those that recur: see `Rule.recurring`."""
    doubtful = {rule.id: rule for rule in rules if rule.recurring}
    often = Counter((each.rule, each.message) for each in diagnostics if each.rule in doubtful)
    many = {said for said, times in often.items() if times >= doubtful[said[0]].told_once}
    return tuple(
        replace(each, fix=None, help=doubtful[each.rule].recurring)
        if (each.rule, each.message) in many and each.fix is not None
        else each
        for each in diagnostics
    )


def _can_be_written(fix: Fix) -> bool:
    """Say whether a page can hold what a fix writes: not the name of a file that is no UTF-8."""
    return not any(_SURROGATE.search(edit.text) for edit in fix.edits)


_SURROGATE = re.compile("[\ud800-\udfff]")


class _Places:
    """Lines and columns in the files of a wiki, each file counted through once."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._starts: dict[str, list[int]] = {}

    def forget(self, path: str) -> None:
        self._starts.pop(path, None)

    def starts(self, path: str) -> list[int]:
        if path not in self._starts:
            self._starts[path] = line_starts(self._facts.text_of(path))
        return self._starts[path]

    def locate(self, span: Span) -> tuple[int, int, int, int]:
        starts = self.starts(span.path)
        return *line_and_column(starts, span.start), *line_and_column(starts, span.end)
