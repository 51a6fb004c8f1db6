"""Which rules run on which pages, and with which severity, by configuration and command line."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from wikitools.globs import path_test
from wikitools.lint.rule import GROUPS
from wikitools.records import dataclass
from wikitools.wiki.resolution import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wikitools.lint.rule import Rule, Severity

ALL = "ALL"
"""The name that stands for every rule."""


class UnknownRuleError(ValueError):
    """A name is neither a rule, nor a group, nor `ALL`; `near` are similar names, best first."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        guess = f'; did you mean "{near[0]}"?' if near else ""
        super().__init__(f'no rule or group is named "{name}"{guess}')
        self.name = name
        self.near = near


@dataclass(frozen=True, slots=True)
class Policy:
    """Which rules run. Every name is a rule, a group or `ALL`.

    A more exact name wins over a less exact one (rule over group over `ALL`); at the same level `ignore` wins. With
    `ignore=("links",)` and `extend_select=("broken-wikilink",)` only that one rule of the group runs.
    """

    select: tuple[str, ...] = ()
    """The rules that run; empty means those that are on by default."""
    extend_select: tuple[str, ...] = ()
    """Additional rules that run."""
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    """Severities that differ from those of the rules."""
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Globs of paths, each with the rules that are not reported there."""
    fixable: tuple[str, ...] = (ALL,)
    """The rules whose fixes may be applied."""
    paths: frozenset[str] | None = None
    """The files whose findings are reported (and fixed); `None` means all. Rules always know the whole wiki."""


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
    """Return the rules and groups that are similar to `name`, best first."""
    return nearest(name, (*rules, *GROUPS, ALL), cutoff=65.0)


def check_policy(policy: Policy, rules: Mapping[str, Rule]) -> None:
    """Raise `UnknownRuleError` for the first unknown name in the policy."""
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
    """Return the severity of a rule under the policy; the most exact name decides."""
    named = [name for name in (rule.id, rule.group, ALL) if name in policy.severity]
    return policy.severity[named[0]] if named else None


def ignored_in(policy: Policy, rules: Iterable[Rule]) -> Callable[[str], frozenset[str]]:
    """Return a function that returns, for a path, the ids of the rules whose findings are not reported there."""
    patterns = [
        (path_test(glob), frozenset(rule.id for rule in rules if specificity(rule, names)))
        for glob, names in policy.per_file_ignores
    ]
    known: dict[str, frozenset[str]] = {}

    def ignored(path: str) -> frozenset[str]:
        if path not in known:
            known[path] = frozenset().union(*(ids for pattern, ids in patterns if pattern(path)))
        return known[path]

    return ignored
