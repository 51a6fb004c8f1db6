"""Applies fixes until nothing changes any more, and proves them before anything is written."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wikitools.block.block import BlockState
from wikitools.lint.fix.proof import FixProofError, Key, check_cured, check_edits, new_among
from wikitools.lint.fix.source_blocks import MISSING, STALE, find_dead_links, find_unsettled, regenerate
from wikitools.lint.policy import Policy, UnknownRuleError, select_rules, specificity
from wikitools.lint.rule import load_rules
from wikitools.lint.run import Diagnostic, Outcome, RuleFailure, Skipped, lint, order
from wikitools.lint.suppressions import UnusedSuppression
from wikitools.markdown.page import Problem
from wikitools.text import Edit, EditConflictError, Safety, Span, apply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wikitools.lint.facts import Facts
    from wikitools.lint.rule import Rule
    from wikitools.markdown.page import PageLink
    from wikitools.wiki.engine_fit import Misfit

__all__ = [
    "Diagnostic",
    "FixOutcome",
    "FixProofError",
    "Outcome",
    "Policy",
    "RuleFailure",
    "Skipped",
    "UnknownRuleError",
    "fix",
    "lint",
]

_ROUNDS = 16
"""Chains of fixes that depend on one another are short; fixing that is not done after so many rounds never ends."""
_GROWTH, _GROWTH_ROOM = 8, 20_000
"""A file that grows beyond so many times its size, plus some characters, would grow for ever."""
_ATTEMPTS = 8
"""How often fixing starts again without the fixes that broke something."""


@dataclass(frozen=True, slots=True)
class FixOutcome:
    """The result of fixing; nothing is written yet."""

    texts: Mapping[str, str]
    """The new text of each file that changes."""
    fixed: tuple[Diagnostic, ...]
    """What was fixed, with offsets in the text of its round (in the original text, for the first round)."""
    remaining: Outcome
    withdrawn: tuple[Diagnostic, ...] = ()
    """Findings whose fix was tried and withdrawn, because it would have broken something else, or would never end."""
    refused: Mapping[FixId, str] = field(default_factory=dict)
    """Why fixes were not made, including those that were not tried; the remaining findings no longer offer them."""
    facts: Facts | None = None
    """The facts after the fixes."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Files that keep their texts because their fixes could not be proven, and why: bugs in wikitools."""


def fix(
    facts: Facts,
    policy: Policy,
    *,
    rebuild: Callable[[Mapping[str, str]], Facts],
    unsafe: bool = False,
    rules: Mapping[str, Rule] | None = None,
) -> FixOutcome:
    """Apply fixes, round by round, until none is left, and prove the result. Nothing is written here.

    `rebuild` returns the facts as they would be with new texts (by path) for some files. Safe fixes are applied, with
    `unsafe` the guesses too. A fix that would break something else, or would never end, is withdrawn. A file whose
    fixes do not do what they promise (a bug in wikitools) keeps its text, and the others get theirs. Raises
    `FixProofError` if it is unknown which file that is, and `UnknownRuleError`.
    """
    # Fixes may break something outside PATHS, so the proof looks at the whole wiki.
    job = _Job(policy, load_rules() if rules is None else rules, rebuild, unsafe)
    start = _State(facts, job.lint(facts))
    withdrawn: dict[FixId, str] = {}
    attempts = 0
    while True:
        attempts += 1
        try:
            end, culprits = _fix_all(start, job, withdrawn)
            culprits = culprits or _culprits(start, end, job) or _block_culprits(start, end)
            if not culprits:
                check_cured(end.fixed, _keys(end.outcome), _keys(start.outcome))
                break
            if attempts > _ATTEMPTS:
                raise FixProofError(
                    f"fixes keep breaking something, or never end: {_names(culprits)}",
                    *(path for path, *_ in culprits),
                )
            withdrawn.update(culprits)
        except FixProofError as error:
            fresh = [path for path in error.paths if path not in job.failed]
            if not fresh:
                raise
            job.failed.update(dict.fromkeys(fresh, str(error)))
    before, after = _keys(start.outcome), _keys(end.outcome)
    texts = {path: text for path, text in end.texts.items() if text != facts.text_of(path)}
    gone = Counter(before) - Counter(after)
    remaining = end.outcome if policy.paths is None else lint(end.facts, policy, rules=rules)
    refused = _refusals(remaining, end.facts, job, withdrawn)
    return FixOutcome(
        texts=texts,
        fixed=tuple(each for each in _gone(start.outcome.diagnostics, gone) if _is_reported(policy, each.path)),
        remaining=without_refused(remaining, refused),
        refused=refused,
        withdrawn=tuple(each for each in end.outcome.diagnostics if each.fix and _fix_id(each) in withdrawn),
        failed=dict(sorted(job.failed.items())),
        facts=end.facts,
    )


def find_better_engine(facts: Facts, policy: Policy) -> Misfit | None:
    """Return the engine that would explain most dead links, if repairs would rewrite links for the wrong engine.

    Then nothing should be repaired. Raises `UnknownRuleError`.
    """
    from wikitools.lint.dead_links import DEAD_LINK_RULES
    from wikitools.wiki.engine_fit import find_misfit

    links = any(rule.id in DEAD_LINK_RULES for rule in select_rules(policy, load_rules()))
    return find_misfit(facts.wiki) if links else None


FixId = tuple[str, str, str, str]
"""Page, rule, subject and title of a fix."""


def without_refused(outcome: Outcome, refused: Mapping[FixId, str]) -> Outcome:
    """Return an outcome that says why fixes were refused and no longer offers them."""
    return _without(outcome, lambda diagnostic: refused.get(_fix_id(diagnostic))) if refused else outcome


def without_fixes(outcome: Outcome, paths: Mapping[str, str]) -> Outcome:
    """Return an outcome that offers no fixes for some files, and says why."""

    def why(diagnostic: Diagnostic) -> str | None:
        edited = (edit.span.path for edit in _edits(diagnostic))
        return next((paths[path] for path in (*edited, diagnostic.path) if path in paths), None)

    return _without(outcome, why) if paths else outcome


def _without(outcome: Outcome, why_not: Callable[[Diagnostic], str | None]) -> Outcome:
    def told(diagnostic: Diagnostic) -> Diagnostic:
        why = why_not(diagnostic) if diagnostic.fix is not None else None
        if why is None:
            return diagnostic
        return replace(diagnostic, fix=None, help="; ".join(filter(None, (f"not repaired: {why}", diagnostic.help))))

    return replace(outcome, diagnostics=tuple(map(told, outcome.diagnostics)))


def _refusals(outcome: Outcome, facts: Facts, job: _Job, withdrawn: Mapping[FixId, str]) -> dict[FixId, str]:
    """Return why each remaining fix that was asked for was not made."""
    unreadable = _unreadable(facts)
    refused: dict[FixId, str] = {}
    for diagnostic in outcome.diagnostics:
        if diagnostic.fix is None or (diagnostic.fix.safety is Safety.UNSAFE and not job.unsafe):
            continue
        paths = {edit.span.path for edit in _edits(diagnostic)} | {diagnostic.path}
        others = sorted(path for path in paths if not _is_reported(job.policy, path))
        if _fix_id(diagnostic) in withdrawn:
            why = withdrawn[_fix_id(diagnostic)]
        elif not paths.isdisjoint(job.failed):
            why = "it could not be proven harmless"
        elif not paths.isdisjoint(unreadable):
            why = "the page cannot be read as it is"
        elif others:
            why = f"it changes {others[0]} as well, which you did not name"
        else:
            why = "it changes nothing, or conflicts with another repair"
        refused[_fix_id(diagnostic)] = why
    return refused


def _unreadable(facts: Facts) -> set[str]:
    return {problem.span.path for problem in facts.each(Problem) if problem.kind == "unreadable-page"}


@dataclass(frozen=True, slots=True)
class _Job:
    """What `fix` was asked for."""

    policy: Policy
    rules: Mapping[str, Rule]
    rebuild: Callable[[Mapping[str, str]], Facts]
    unsafe: bool
    failed: dict[str, str] = field(default_factory=dict)
    """Files that must not be changed any more, and why."""

    def lint(self, facts: Facts) -> Outcome:
        return lint(facts, replace(self.policy, paths=None), rules=self.rules)


@dataclass(slots=True)
class _State:
    """The state of fixing: current facts and outcome, new texts, and which fix changed which ranges."""

    facts: Facts
    outcome: Outcome
    texts: dict[str, str] = field(default_factory=dict)
    fixed: list[Key] = field(default_factory=list)
    touched: dict[str, list[tuple[int, int, FixId]]] = field(default_factory=dict)


def _fix_all(start: _State, job: _Job, withdrawn: dict[FixId, str]) -> tuple[_State, dict[FixId, str]]:
    """Return the state with nothing left to fix; or the one after too many rounds, and the fixes that do not end."""
    state = _State(start.facts, start.outcome)
    for _ in range(_ROUNDS):
        chosen = [each for each in _choose(state, job, withdrawn) if _is_harmless(each, state.facts, withdrawn)]
        if not chosen:
            return state, {}
        edits: dict[str, list[tuple[Edit, FixId]]] = {}
        for diagnostic in chosen:
            for edit in _edits(diagnostic):
                edits.setdefault(edit.span.path, []).append((edit, _fix_id(diagnostic)))
        texts = dict(state.texts)
        for path in sorted(edits):
            old = state.facts.text_of(path)
            made = [edit for edit, _ in edits[path]]
            texts[path] = _apply(old, made)
            check_edits(path, old, texts[path], made)
            if len(texts[path]) > _GROWTH * (len(start.facts.text_of(path)) + _GROWTH_ROOM):
                return state, dict.fromkeys((fix_id for _, fix_id in edits[path]), "the file would grow without end")
            state.touched[path] = _move(state.touched.get(path, []), edits[path])
        facts = job.rebuild(texts)
        fixed = [*state.fixed, *(diagnostic.key for diagnostic in chosen)]
        state = _State(facts, job.lint(facts), texts, fixed, state.touched)
    return state, dict.fromkeys(map(_fix_id, chosen), "other repairs keep undoing it")


def _apply(text: str, edits: Sequence[Edit]) -> str:
    try:
        return apply(text, edits)
    except EditConflictError as error:
        # Different fixes do not overlap, so a fix overlaps itself.
        raise FixProofError(str(error), *{edit.span.path for edit in edits}) from error


def _choose(state: _State, job: _Job, withdrawn: Mapping[FixId, str]) -> list[Diagnostic]:
    """Return the diagnostics whose fixes this round makes: in their order, each unless it overlaps an earlier one."""
    unreadable = _unreadable(state.facts)
    taken: dict[str, list[tuple[int, int]]] = {}
    chosen: list[Diagnostic] = []
    for diagnostic in state.outcome.diagnostics:
        if diagnostic.fix is None or (diagnostic.fix.safety is Safety.UNSAFE and not job.unsafe):
            continue
        if not specificity(job.rules[diagnostic.rule], job.policy.fixable) or _fix_id(diagnostic) in withdrawn:
            continue
        edits = _edits(diagnostic)
        paths = {edit.span.path for edit in edits} | {diagnostic.path}
        if not all(
            path not in unreadable and path not in job.failed and _is_reported(job.policy, path) for path in paths
        ):
            continue
        spans = [(edit.span.path, edit.span.start, edit.span.end) for edit in edits]
        if not all(_is_free(taken.get(path, []), start, end) for path, start, end in spans):
            continue
        if any(edit.text != edit.span.of(state.facts.text_of(edit.span.path)) for edit in edits):
            chosen.append(diagnostic)
            for path, start, end in spans:
                insort(taken.setdefault(path, []), (start, end))
    return chosen


def _is_harmless(diagnostic: Diagnostic, facts: Facts, withdrawn: dict[FixId, str]) -> bool:
    """Say whether the rest of a page with a new block is read as before, as in `backfill`.

    Otherwise withdraw the fix.
    """
    if diagnostic.rule not in (STALE, MISSING):
        return True
    made = regenerate(facts, diagnostic.path, init=diagnostic.rule == MISSING)
    if made.plan.state is BlockState.NOT_PROVEN:
        raise FixProofError(made.plan.places[0].message, diagnostic.path)
    if made.page is None:
        problem = next((each.message for each in made.plan.places), "")
        withdrawn[_fix_id(diagnostic)] = problem or "it would change how the rest of the page is read"
    return made.page is not None


def _is_free(taken: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Say whether an edit overlaps none of those that were chosen, which are sorted and do not overlap."""
    place = bisect_left(taken, (start, end))
    if place < len(taken) and (taken[place] == (start, end) or taken[place][0] < end):
        return False
    return place == 0 or taken[place - 1][1] <= start


def _edits(diagnostic: Diagnostic) -> tuple[Edit, ...]:
    return diagnostic.fix.edits if diagnostic.fix is not None else ()


def _fix_id(diagnostic: Diagnostic) -> FixId:
    return (*diagnostic.key, diagnostic.fix.title if diagnostic.fix is not None else "")


def _is_reported(policy: Policy, path: str) -> bool:
    return policy.paths is None or path in policy.paths


def _keys(outcome: Outcome) -> list[Key]:
    # Silenced findings count: they would seem to be new if a fix removes an unused comment.
    return [*(diagnostic.key for diagnostic in outcome.diagnostics), *outcome.silenced]


def _names(fixes: Iterable[FixId]) -> str:
    shown = sorted({f"{rule} in {path}" for path, rule, _, _ in fixes})
    return ", ".join(shown[:3]) + (" …" if len(shown) > 3 else "")


def _move(
    touched: Sequence[tuple[int, int, FixId]], edits: Iterable[tuple[Edit, FixId]]
) -> list[tuple[int, int, FixId]]:
    """Return the changed ranges with their offsets after the edits, including those of the edits."""
    moved: list[tuple[int, int, FixId]] = []
    waiting = sorted(touched, reverse=True)
    shift = 0
    for edit, fix_id in sorted(edits, key=lambda pair: pair[0].span):
        start = edit.span.start + shift
        while waiting and waiting[-1][0] < edit.span.start:
            first, last, known = waiting.pop()
            moved.append((first + shift, max(last, first) + shift, known))
        shift += len(edit.text) - (edit.span.end - edit.span.start)
        moved.append((start, start + len(edit.text), fix_id))
    moved += [(first + shift, last + shift, known) for first, last, known in reversed(waiting)]
    return moved


def _revealed(end: _State, rules: Mapping[str, Rule]) -> Counter[Key]:
    """Return the findings about links that fixes made from text: they were wrong before, but could not be reported."""
    found: Counter[Key] = Counter()
    for diagnostic in end.outcome.diagnostics:
        if diagnostic.group in _OF_LINKS:
            at = diagnostic.span
            touched = end.touched.get(at.path, [])
            found[diagnostic.key] += any(
                first < at.end and at.start < last and rules[fix_id[1]].reveals_links for first, last, fix_id in touched
            )
    return found


_OF_LINKS = ("links", "anchors")


def _culprits(start: _State, end: _State, job: _Job) -> dict[FixId, str]:
    """Return the fixes that caused new findings, each with its finding.

    Raises `FixProofError` if the cause is unknown.
    """
    new = new_among(_keys(end.outcome), _keys(start.outcome)) - _revealed(end, job.rules)
    fresh = _gone(end.outcome.diagnostics, new)
    # A repaired citation may be the first one of its source: findings about that source are new, but not damage. The
    # same holds for links.
    known = job.rules
    wrong = [
        (each.path, each.span, each.rule)
        for each in fresh
        if not (
            known[each.rule].counts_citations
            or known[each.rule].counts_links
            # A comment that no longer silences anything is left to the author.
            or UnusedSuppression in known[each.rule].looks_at
        )
    ]
    changed = end.texts.keys()
    # A problem with reading a page counts even if the rule that reports it was not selected.
    had = Counter(_problem_keys(start.facts, changed))
    for path, kind in Counter(_problem_keys(end.facts, changed)) - had:
        wrong.append((path, Span(path, 0, 0), kind))
    culprits: dict[FixId, str] = {}
    for path, span, rule in wrong:
        touched = end.touched.get(path, [])
        # A range that only touches the new finding counts too: an edit may end where the finding starts.
        near = {fix_id for first, last, fix_id in touched if first <= span.end and span.start <= last}
        found = near or {fix_id for _, _, fix_id in touched}
        if not found:
            targets = {start.facts.wiki.target_of(link) for link in _links_at(start.facts, path)}
            found = {fix_id for target in targets for _, _, fix_id in end.touched.get(target or "", [])}
        if not found:
            raise FixProofError(f"{path}: fixes elsewhere cause a new finding, {rule}", *sorted(changed))
        culprits.update(dict.fromkeys(found, f"it would cause a new finding, {rule} in {path}"))
    return culprits


def _links_at(facts: Facts, path: str) -> Sequence[PageLink]:
    return facts.wiki.pages[path].links if path in facts.wiki.pages else ()


def _block_culprits(start: _State, end: _State) -> dict[FixId, str]:
    """Return the fixes of blocks that break anchors of links elsewhere. Raises `FixProofError` as `backfill` does.

    The proof is that of `backfill`, without findings, which were compared already.
    """
    blocks = {
        path: {fix_id for _, _, fix_id in touched if fix_id[1] in (STALE, MISSING)}
        for path, touched in sorted(end.touched.items())
    }
    paths = [path for path, fixes in blocks.items() if fixes]
    unsettled = list(find_unsettled(end.facts, paths))
    if unsettled:
        words = "; ".join(f"{each.path}: {each.problem.message}" for each in unsettled)
        raise FixProofError(words, *(each.path for each in unsettled))
    why = "links to the page would lose their place"
    dead = find_dead_links(start.facts, end.facts, paths)
    return dict.fromkeys((fix_id for refusal in dead for fix_id in blocks[refusal.path]), why)


def _problem_keys(facts: Facts, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    return (
        (path, problem.kind)
        for path in paths
        if path in facts.wiki.pages
        for problem in facts.wiki.pages[path].problems
    )


def _gone(diagnostics: Iterable[Diagnostic], counts: Mapping[Key, int]) -> list[Diagnostic]:
    """Return as many diagnostics of each key as `counts` says: those with a fix first, in their order."""
    left = Counter(counts)
    found: list[Diagnostic] = []
    for diagnostic in sorted(diagnostics, key=lambda each: each.fix is None):
        if left[diagnostic.key] > 0:
            left[diagnostic.key] -= 1
            found.append(diagnostic)
    return sorted(found, key=order)
