"""One run of rules over facts: findings, what comments and configuration silence of them, and so the diagnostics."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from wikitools.lint.page_run import (
    Look,
    checks_of,
    fail,
    look,
    pack_finding,
    path_of,
    unpack_finding,
)
from wikitools.lint.policy import ALL, Policy, configured_severity, ignored_in, select_rules, specificity
from wikitools.lint.rule import GROUPS, Finding, Severity, load_rules
from wikitools.lint.suppressions import Suppressions, UnusedSuppression, find_suppressions, may_silence
from wikitools.markdown.page import Problem
from wikitools.sources.source import Source
from wikitools.text import Span, line_and_column, line_starts
from wikitools.wiki.lazy_pages import GoneError
from wikitools.wiki.names_index import compose
from wikitools.wiki.resolution import Reason
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from wikitools.lint.facts import Facts
    from wikitools.lint.fix.proof import Key
    from wikitools.lint.page_run import Place
    from wikitools.lint.rule import Related, Rule
    from wikitools.text import Fix

    _Found = tuple[Rule, Finding, Place | None]


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
        """What stays the same when lines move: page, rule and subject."""
        return self.path, self.rule, self.subject


@dataclass(frozen=True, slots=True)
class Skipped:
    """A rule that was asked for and could not run, and why."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class RuleFailure:
    """A bug of ours: a rule raised an error. The first place where it did, and how often it did."""

    rule: str
    path: str
    span: Span | None
    error: str
    traceback: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found. Diagnostics are in order of path, place, rule."""

    diagnostics: tuple[Diagnostic, ...]
    silenced: tuple[Key, ...] = ()
    """What comments on pages silenced."""
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


def lint(
    facts: Facts,
    policy: Policy,
    *,
    rules: Mapping[str, Rule] | None = None,
    looks: Mapping[str, Iterable[Look]] | None = None,
    commented: Iterable[str] | None = None,
) -> Outcome:
    """Run the rules of the policy over the facts; `rules` are all there are, by id. Raises `UnknownRuleError`.

    `looks` are what was found on each page before, then complete for all pages that the policy reports on; `commented`
    are the pages with comments that may silence something, where that is known.
    """
    known = load_rules() if rules is None else rules
    able, skipped = able_rules(policy, known, web=facts.web is not None, tracked=facts.tracked, pages=facts.wiki.pages)
    run = _Run(facts, policy, known, able, commented)
    if looks is None:
        run.look()
    else:
        run.take(looks)
    run.look_at_all()
    run.silence()
    diagnostics = tuple(sorted(run.diagnostics, key=order))
    return Outcome(
        diagnostics=diagnostics,
        silenced=tuple(run.silenced),
        ignored=run.ignored,
        skipped=skipped,
        failures=tuple(run.failures[rule] for rule in sorted(run.failures)),
        rules=tuple(rule.id for rule in able),
        placeholders=run.placeholders,
    )


def able_rules(
    policy: Policy,
    rules: Mapping[str, Rule],
    *,
    web: bool,
    tracked: Collection[str] | None,
    pages: Collection[str],
) -> tuple[tuple[Rule, ...], tuple[Skipped, ...]]:
    """Return the rules of the policy that can run, and those that cannot.

    `web` says whether the web is at hand, `tracked` which files git tracks, `None` where there is no repository.
    """
    selected = select_rules(policy, rules)
    without_git = _without_git(tracked, pages) if any(rule.needs_git for rule in selected) else ""
    hindrances = {rule.id: _hindrance(rule, web=web, without_git=without_git) for rule in selected}
    skipped = tuple(Skipped(rule.id, why) for rule in selected if (why := hindrances[rule.id]))
    return tuple(rule for rule in selected if not hindrances[rule.id]), skipped


def _hindrance(rule: Rule, *, web: bool, without_git: str) -> str:
    """Return why a rule cannot run; "" when it can."""
    if rule.needs_web and not web:
        return "it needs the web"
    return without_git if rule.needs_git else ""


def _without_git(tracked: Collection[str] | None, pages: Collection[str]) -> str:
    """Return why there is nothing to compare with in git; "" when there is."""
    if tracked is None:
        return "there is no git repository"
    known = sum(path in tracked or compose(path) in tracked for path in pages)
    if known == len(pages) or known > len(pages) * _NEXT_TO_NOTHING:
        return ""
    # Every link would be reported, and all for the same reason.
    return f"git tracks {known or 'none'} of the {len(pages):,} pages; add them first"


_NEXT_TO_NOTHING = 0.05
"""Up to which share of the pages git is taken to know the wiki not yet."""


def order(diagnostic: Diagnostic) -> tuple[Any, ...]:
    """Return what diagnostics are sorted by: path, place, rule."""
    return diagnostic.span, diagnostic.rule, diagnostic.message, diagnostic.subject


def pack_outcome(outcome: Outcome) -> list[Any]:
    """Return an outcome without failures as plain data."""
    if outcome.failures:
        raise ValueError("a run in which a rule failed is not worth keeping")
    return [
        [
            (each.rule, each.group, str(each.severity), each.path, each.line, each.column, each.end_line,
             each.end_column, *pack_finding(_finding_of(each)))
            for each in outcome.diagnostics
        ],
        outcome.silenced,
        outcome.ignored,
        [(each.rule, each.reason) for each in outcome.skipped],
        outcome.rules,
        outcome.placeholders,
    ]  # fmt: skip


def _finding_of(diagnostic: Diagnostic) -> Finding:
    return Finding(
        span=diagnostic.span,
        message=diagnostic.message,
        subject=diagnostic.subject,
        help=diagnostic.help,
        fix=diagnostic.fix,
        related=diagnostic.related,
        reason=diagnostic.reason,
    )


def unpack_outcome(data: Sequence[Any]) -> Outcome:
    """Return the outcome that was packed."""
    diagnostics, silenced, ignored, skipped, rules, placeholders = data
    return Outcome(
        diagnostics=tuple(map(_unpack_diagnostic, diagnostics)),
        silenced=tuple((path, rule, subject) for path, rule, subject in silenced),
        ignored=ignored,
        skipped=tuple(Skipped(rule, reason) for rule, reason in skipped),
        rules=tuple(rules),
        placeholders=placeholders,
    )


def _unpack_diagnostic(data: Sequence[Any]) -> Diagnostic:
    rule, group, severity, path, line, column, end_line, end_column, *rest = data
    place = line, column, end_line, end_column
    return _configured(unpack_finding(path, rest), rule, group, Severity(severity), place)


def _configured(finding: Finding, rule: str, group: str, severity: Severity, place: Place) -> Diagnostic:
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


class _Run:
    """One run: what rules find on pages, then what they find in all of them."""

    def __init__(
        self,
        facts: Facts,
        policy: Policy,
        known: Mapping[str, Rule],
        rules: Sequence[Rule],
        commented: Iterable[str] | None,
    ) -> None:
        self.facts = facts
        self.policy = policy
        self.known = known
        self.rules = rules
        self.places = _Places(facts)
        self.found: dict[str, list[_Found]] = {}
        self.diagnostics: list[Diagnostic] = []
        self.failures: dict[str, RuleFailure] = {}
        self.silenced: list[Key] = []
        self.ignored = 0
        self.placeholders = 0
        self.ignored_in = ignored_in(policy, rules)
        self.severity = {rule.id: configured_severity(rule, policy) for rule in rules}
        self.suppressions = self._read_suppressions(commented)

    def _read_suppressions(self, commented: Iterable[str] | None) -> dict[str, Suppressions]:
        names = (*self.known, *GROUPS, ALL)
        pages, reported = self.facts.wiki.pages, self.policy.paths
        return {
            path: find_suppressions(pages[path], self.places.starts(path), names)
            for path in (pages if commented is None else commented)
            if (reported is None or path in reported) and may_silence(pages[path])
        }

    def look(self) -> None:
        """Collect the findings on pages."""
        checks = checks_of(self.rules)
        reported = self.policy.paths
        for path, page in self.facts.wiki.pages.items():
            if reported is None or path in reported:
                self._take(look(page, self.facts, checks))

    def take(self, looks: Mapping[str, Iterable[Look]]) -> None:
        """Take over what was found on pages."""
        for path in sorted(looks):
            for each in looks[path]:
                self._take(each)

    def _take(self, found: Look) -> None:
        if found.waiting:
            raise RuntimeError(f"a rule waits for what is known: {found.waiting[0]}")
        for rule, finding, place in found.findings:
            self.found.setdefault(finding.span.path, []).append((self.known[rule], finding, place))
        for rule, path, span, error, trace, times in found.failures:
            self._fail(RuleFailure(rule, path, span, error, trace, times))

    def look_at_all(self) -> None:
        """Collect the findings of rules about the wiki and its sources, and those about what is on no page."""
        for kind in (Wiki, Problem, Source):
            checks = [rule for rule in self.rules if kind in rule.looks_at]
            if checks:
                for thing in self._things(kind):
                    self._check(thing, checks)

    def _things(self, kind: type) -> Iterator[Any]:
        reported = self.policy.paths
        # The problems that stand on pages were looked at there.
        for thing in self.facts.problems if kind is Problem else self.facts.each(kind, reported):
            if reported is None or path_of(thing) in reported or not path_of(thing):
                yield thing
        if kind is Problem:
            for path, suppressions in self.suppressions.items():
                if reported is None or path in reported:
                    yield from suppressions.problems

    def _check(self, thing: Any, rules: Iterable[Rule]) -> None:
        for rule in rules:
            try:
                for finding in rule.check(thing, self.facts):
                    self.found.setdefault(finding.span.path, []).append((rule, finding, None))
            except GoneError:
                raise
            except Exception as error:  # noqa: BLE001  # whatever a rule raises, the others go on and the run says so
                failed = Look()
                fail(failed, rule, thing, error)
                self._fail(RuleFailure(*failed.failures[0]))

    def _fail(self, failure: RuleFailure) -> None:
        known = self.failures.get(failure.rule)
        self.failures[failure.rule] = failure if known is None else replace(known, times=known.times + failure.times)

    def silence(self) -> None:
        """Turn findings into diagnostics, except those that somebody does not want to hear of."""
        found, self.found = self.found, {}
        for path in sorted(found):
            self._silence_page(path, found[path])
        checks = [rule for rule in self.rules if UnusedSuppression in rule.looks_at]
        reported = self.policy.paths
        for path, suppressions in self.suppressions.items():
            if checks and (reported is None or path in reported):
                unreadable = self.facts.wiki.pages[path].is_unreadable
                for unused in suppressions.unused(self._judges(path)):
                    self._check(replace(unused, fix=None) if unreadable else unused, checks)
        for path in sorted(self.found):
            self._silence_page(path, self.found[path])

    def _silence_page(self, path: str, found: list[_Found]) -> None:
        if self.policy.paths is not None and path not in self.policy.paths:
            return
        links = len(found)
        found = [each for each in found if each[1].reason != Reason.PLACEHOLDER]
        self.placeholders += links - len(found)
        ignored = self.ignored_in(path)
        heard = [each for each in found if each[0].id not in ignored]
        self.ignored += len(found) - len(heard)
        heard.sort(key=lambda each: (each[1].span, each[0].id))
        suppressions = self.suppressions.get(path)
        if suppressions is None:
            silenced: Iterable[bool] = (False for _ in heard)
        else:
            silenced = suppressions.silences(
                (finding.span.start, rule.id, rule.group) for rule, finding, _place in heard
            )
        for (rule, finding, place), silent in zip(heard, silenced, strict=True):
            if silent:
                self.silenced.append((path, rule.id, finding.subject))
            else:
                self.diagnostics.append(self._diagnostic(rule, finding, place))

    def _judges(self, path: str) -> Callable[[str], bool]:
        """Return whether a suppressed name can be called unused on a page: all rules it means ran there, in full."""
        ran = {rule.id for rule in self.rules} - self.ignored_in(path) - self.failures.keys()
        rules = {rule.id: rule for rule in self.known.values() if UnusedSuppression not in rule.looks_at}

        @cache
        def judged(name: str) -> bool:
            if name in self.known:
                return name in rules and name in ran
            # A rule that is off by default, or waits for the web, does not make a whole group's comment useful.
            meant = [each for each in rules.values() if specificity(each, (name,)) and each.default]
            return all(each.id in ran or each.needs_web for each in meant)

        return judged

    def _diagnostic(self, rule: Rule, finding: Finding, place: Place | None) -> Diagnostic:
        if finding.fix is not None and not _can_be_written(finding.fix):
            finding = replace(finding, fix=None)
        where = place or self.places.locate(finding.span)
        severity = self.severity[rule.id] or finding.severity or rule.severity
        return _configured(finding, rule.id, rule.group, severity, where)


def _can_be_written(fix: Fix) -> bool:
    """Say whether a page can hold what a fix writes: not the name of a file that is no UTF-8."""
    return not any(_SURROGATE.search(edit.text) for edit in fix.edits)


_SURROGATE = re.compile("[\ud800-\udfff]")


class _Places:
    """Lines and columns in the files of a wiki, each file counted through once."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._starts: dict[str, list[int]] = {}

    def starts(self, path: str) -> list[int]:
        if path not in self._starts:
            self._starts[path] = line_starts(self._facts.text_of(path))
        return self._starts[path]

    def locate(self, span: Span) -> tuple[int, int, int, int]:
        starts = self.starts(span.path)
        return *line_and_column(starts, span.start), *line_and_column(starts, span.end)
