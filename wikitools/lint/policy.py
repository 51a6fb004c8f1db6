"""Which rules run where, and how much their findings matter: what configuration and command line decide."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from wikitools.lint.rule import GROUPS
from wikitools.wiki.resolution import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wikitools.lint.rule import Rule, Severity

ALL = "ALL"
"""The name that stands for every rule."""


class UnknownRuleError(ValueError):
    """A name is neither a rule, nor a group, nor `ALL`; `near` are names that look like it, best first."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        guess = f'; did you mean "{near[0]}"?' if near else ""
        super().__init__(f'no rule or group is named "{name}"{guess}')
        self.name = name
        self.near = near


@dataclass(frozen=True, slots=True)
class Policy:
    """What to look for. Every name is a rule, a group or `ALL`.

    A more exact name wins over a less exact one (rule over group over `ALL`), at the same level `ignore` wins: with
    `ignore=("links",)` and `extend_select=("broken-wikilink",)` only that one rule of the links runs.
    """

    select: tuple[str, ...] = ()
    """What runs; empty means the rules that are on by default."""
    extend_select: tuple[str, ...] = ()
    """What runs besides."""
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    """Severities that differ from the rule's own."""
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Globs of paths, each with what is not reported there."""
    fixable: tuple[str, ...] = (ALL,)
    """Whose fixes may be applied."""
    paths: frozenset[str] | None = None
    """The files whose findings are reported (and fixed); `None` means all. Rules know the whole wiki all the same."""


def specificity(rule: Rule, names: Iterable[str]) -> int:
    """Return how exactly one of `names` means the rule: 3 by its id, 2 by its group, 1 by `ALL`, 0 not at all."""
    exactness = {rule.id: 3, rule.group: 2, ALL: 1}
    return max((exactness.get(name, 0) for name in names), default=0)


def check_names(names: Iterable[str], rules: Mapping[str, Rule]) -> None:
    """Raise `UnknownRuleError` for the first of `names` that is neither a rule, nor a group, nor `ALL`."""
    for name in names:
        if name not in rules and name not in GROUPS and name != ALL:
            raise UnknownRuleError(name, near_names(name, rules))


def near_names(name: str, rules: Iterable[str]) -> tuple[str, ...]:
    """Return the rules and groups that look like `name`, best first."""
    return nearest(name, (*rules, *GROUPS, ALL), cutoff=65.0)


def check_policy(policy: Policy, rules: Mapping[str, Rule]) -> None:
    """Raise `UnknownRuleError` for the first name in the policy that means nothing."""
    per_file = (name for _, names in policy.per_file_ignores for name in names)
    check_names(
        (*policy.select, *policy.extend_select, *policy.ignore, *policy.severity, *per_file, *policy.fixable), rules
    )


def select_rules(policy: Policy, rules: Mapping[str, Rule]) -> tuple[Rule, ...]:
    """Return the rules that run, sorted by id. Raises `UnknownRuleError`."""
    check_policy(policy, rules)
    return tuple(rule for rule in rules.values() if _runs(rule, policy))


def _runs(rule: Rule, policy: Policy) -> bool:
    wanted = max(specificity(rule, policy.select), specificity(rule, policy.extend_select))
    if not policy.select and rule.default:
        wanted = max(wanted, 1)
    unwanted = specificity(rule, policy.ignore)
    return wanted > unwanted


def configured_severity(rule: Rule, policy: Policy) -> Severity | None:
    """Return how much the policy says that the rule's findings matter; the most exact name decides."""
    named = [name for name in (rule.id, rule.group, ALL) if name in policy.severity]
    return policy.severity[named[0]] if named else None


def ignored_in(policy: Policy, rules: Iterable[Rule]) -> Callable[[str], frozenset[str]]:
    """Return a function that gives, for a path, the ids of the rules whose findings are not reported there."""
    patterns = [
        (_glob(glob), frozenset(rule.id for rule in rules if specificity(rule, names)))
        for glob, names in policy.per_file_ignores
    ]
    known: dict[str, frozenset[str]] = {}

    def ignored(path: str) -> frozenset[str]:
        if path not in known:
            known[path] = frozenset().union(*(ids for pattern, ids in patterns if pattern(path)))
        return known[path]

    return ignored


@cache
def glob_test(globs: tuple[str, ...]) -> Callable[[str], bool]:
    """Return a test of paths against globs (see `Policy.per_file_ignores`), in which case plays no part."""
    tests = [_glob(glob.lower()) for glob in globs]

    @cache
    def matches(path: str) -> bool:
        return any(test(path.lower()) for test in tests)

    return matches


def _glob(glob: str) -> Callable[[str], bool]:
    """Return a test of paths: `*` and `?` stay in a folder, `**` crosses folders; without `/` any folder will do."""
    pieces = glob.strip("/").split("/") if "/" in glob else ["**", glob]
    if glob.endswith("/"):
        pieces.append("**")
    names = [None if piece == "**" else _name_test(piece) for piece in pieces]

    def matches(path: str) -> bool:
        parts = path.split("/")
        # reachable[i]: the pieces so far can stand for the first i parts.
        reachable = {0}
        for name in names:
            if name is None:
                reachable = set(range(min(reachable), len(parts) + 1))
            else:
                reachable = {place + 1 for place in reachable if place < len(parts) and name(parts[place])}
            if not reachable:
                return False
        return len(parts) in reachable

    return matches


def _name_test(piece: str) -> Callable[[str], bool]:
    # Atomic groups: the earliest place for a literal between stars is as good as any later one, so nothing is retried.
    literals = [re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", piece)]
    body = literals[0] + "".join(f"(?>.*?{literal})" for literal in literals[1:-1])
    body += f".*{literals[-1]}" if len(literals) > 1 else ""
    fullmatch = re.compile(body, re.DOTALL).fullmatch
    return lambda name: fullmatch(name) is not None
