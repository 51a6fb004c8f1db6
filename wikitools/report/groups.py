"""Groups of equal findings: reports for people show each group once, with a count and the first location."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from wikitools.cite.meanings import form_of
from wikitools.lint.rule import Severity, load_rules
from wikitools.records import dataclass
from wikitools.report.screen import visible, whole
from wikitools.report.summary import count, places

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from wikitools.lint.run import Diagnostic
    from wikitools.report.report import Report

Thing = TypeVar("Thing")

_PLACES = 3
"""How many locations are named besides the first."""
_MANY, _KEPT = 50, 10
"""If a rule has more groups than this, only this many are shown and the others are counted."""
_ON_SCREEN = 15
"""If all rules together have more than `_MANY` groups, a terminal shows only this many."""
_THINGS = {"links": "link", "web": "place", "anchors": "link", "citations": "citation"}
"""What the findings of a group of rules are about."""


@dataclass(frozen=True, slots=True)
class Group:
    """One finding, or many equal ones."""

    members: tuple[Diagnostic, ...]

    @property
    def first(self) -> Diagnostic:
        """The first of the findings."""
        return self.members[0]

    @property
    def paths(self) -> frozenset[str]:
        """The files that the findings are on."""
        return frozenset(each.path for each in self.members)

    @property
    def is_many(self) -> bool:
        """Whether this is more than one finding."""
        return len(self.members) > 1

    @property
    def often(self) -> str:
        """How often, and on how many pages: "311 links on 190 pages"."""
        thing = _THINGS.get(self.first.group, "place")
        return f"{count(len(self.members), thing)} on {places(self.paths)}"

    @property
    def message(self) -> str:
        """The message, with the number of findings if there are several."""
        return f"{self.first.message} ({self.often})" if self.is_many else self.first.message

    def others(self, shown: Callable[[str], str], start: int = 1) -> str:
        """Return the locations from number `start` on, those on different pages first, and how many more there are.

        They are `whole`, so the text must be folded.
        """
        by_page = {each.path: each for each in reversed(self.members)}
        firsts = [by_page[path] for path in dict.fromkeys(each.path for each in self.members)]
        spread = (*firsts, *(each for each in self.members if by_page[each.path] is not each))
        named = [whole(place_of(each, shown)) for each in spread[start : start + _PLACES]]
        more = len(self.members) - start - len(named)
        return ", ".join(named) + (f" {whole(f'and {more:,} more')}" if more > 0 else "")


def place_of(diagnostic: Diagnostic, shown: Callable[[str], str] = str) -> str:
    """Return path, line and column of a finding, safe to print."""
    return f"{visible(shown(diagnostic.path))}:{diagnostic.line}:{diagnostic.column}"


def grouped(things: Iterable[Thing], key: Callable[[Thing], Hashable]) -> Mapping[Hashable, list[Thing]]:
    """Return the things grouped by `key`, in their order."""
    groups: dict[Hashable, list[Thing]] = {}
    for each in things:
        groups.setdefault(key(each), []).append(each)
    return groups


def find_groups(report: Report) -> Sequence[Group]:
    """Return the findings of a report in groups for people: errors first, then by the first location of each group.

    Findings of one rule with equal subject, message, help and repair are one group if there are as many as the rule
    says (`told_once`) and the user did not ask for each of them.
    """
    if report.verbose:
        return sorted((Group((each,)) for each in report.diagnostics), key=_severity)
    rules = load_rules()
    once = {each.rule: rules[each.rule].told_once for each in report.diagnostics if each.rule in rules}
    numbered = list(enumerate(report.diagnostics))
    equal = grouped(numbered, lambda each: same_said(each[1]) if once.get(each[1].rule) else each[0])
    found: list[tuple[int, Group]] = []
    for members in equal.values():
        if len(members) > 1 and len(members) >= once[members[0][1].rule]:
            found.append((members[0][0], Group(tuple(each for _number, each in members))))
        else:
            found += ((number, Group((each,))) for number, each in members)
    return [group for _number, group in sorted(found, key=lambda each: (_severity(each[1]), each[0]))]


def _severity(group: Group) -> int:
    return list(Severity).index(group.first.severity)


@dataclass(frozen=True, slots=True)
class Choice:
    """The groups that a report shows, and how many findings it only counts."""

    shown: Sequence[Group]
    counted: Mapping[str, int]
    """How many findings of each rule are not shown."""


def choose(groups: Sequence[Group], *, on_screen: bool = False) -> Choice:
    """Return all groups of the rules that have at most `_MANY`, and only the `_KEPT` largest groups of other rules.

    Fixing the largest groups first helps most, and nobody reads thousands of findings one by one. Somebody at a
    terminal (`on_screen`) reads even fewer: some of each rule.
    """
    by_rule = grouped(groups, lambda each: each.first.rule)
    # The place that each group has among those of its rule, the largest first.
    ranks = {
        id(each): rank
        for members in by_rule.values()
        for rank, each in enumerate(sorted(members, key=lambda each: -len(each.members)))
    }
    shown = [each for each in groups if ranks[id(each)] < _KEPT or len(by_rule[each.first.rule]) <= _MANY]
    if on_screen and len(groups) > _MANY:
        chosen = sorted(shown, key=lambda each: ranks[id(each)])[: max(_ON_SCREEN, len(by_rule))]
        kept = frozenset(map(id, chosen))
        shown = [each for each in shown if id(each) in kept]
    counted = Counter({rule: sum(len(each.members) for each in members) for rule, members in by_rule.items()})
    counted.subtract(Counter(each.rule for group in shown for each in group.members))
    return Choice(shown, {str(rule): number for rule, number in counted.items() if number})


def same_said(diagnostic: Diagnostic) -> Hashable:
    """Return what equal findings have in common, whatever their location; case is ignored.

    "Smith (2020)" and "(Smith, 2020)" are one citation.
    """
    fix, subject, message = diagnostic.fix, diagnostic.subject, diagnostic.message
    repair = (fix.title, fix.safety) if fix is not None else None
    if diagnostic.group == "citations" and subject:
        form = " ".join(form_of(subject))
        subject, message = form, message.replace(subject, form, 1)
    return (
        diagnostic.rule,
        diagnostic.severity,
        folded(subject),
        folded(message),
        diagnostic.help,
        repair,
    )


def folded(text: str) -> str:
    """Return a text in the form in which subjects of findings are compared."""
    return unicodedata.normalize("NFC", text).casefold()


def explain(groups: Iterable[Group], counted: Mapping[str, int], *, in_table: bool = False) -> Iterator[str]:
    """Yield a line that says how many findings were grouped, or which are only counted; `in_table`: only how many."""
    many = [group for group in groups if group.is_many]
    if counted:
        rules = ", ".join(f"{number:,} {rule}" for rule, number in counted.items())
        told = f"{count(sum(counted.values()), 'problem')}" if in_table else rules
        yield f"Not shown: {told}; -v shows each finding, --output-format concise gives each a line."
    elif many:
        total = sum(len(group.members) for group in many)
        yield f"{total:,} equal problems are shown as {count(len(many), 'group')}; -v shows each."
