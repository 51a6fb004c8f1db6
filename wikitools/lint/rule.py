"""What a rule is: one decorated function, whose docstring is its documentation and its tests."""

from __future__ import annotations

import importlib
import pkgutil
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from wikitools.lint.facts import KINDS
from wikitools.records import dataclass

if TYPE_CHECKING:
    from wikitools.lint.example import Example
    from wikitools.lint.facts import Element
    from wikitools.text import Fix, Span

GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "links": "links between pages",
        "anchors": "headings and other targets of links within a page",
        "citations": "citations in the text and their sources",
        "bibliography": "entries of the bibliography",
        "registries": "entries compared with registries by `wikitools bib verify`",
        "sources": 'the generated "Sources cited" block',
        "pages": "pages as files",
        "web": "web addresses, checked by `wikitools urls`",
        "suppressions": "comments that silence rules",
    }
)
"""The groups of rules and what they are about; selecting a group selects all of its rules."""


class Severity(StrEnum):
    """How much a finding matters: `ERROR` misleads readers, `WARNING` probably does, `INFO` is for editors."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Related:
    """Another location that helps to understand a finding, and what is there."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule reports about one span of text.

    `message` is one line: it states the fact, quotes the author's words and ends with the guess. `subject` is what the
    finding is about, in the author's words (a target, a citation). It stays the same when lines move: baselines and the
    proof of fixes compare it. `help` says what to do if there is no fix.
    """

    span: Span
    message: str
    subject: str = ""
    help: str = ""
    fix: Fix | None = None
    related: tuple[Related, ...] = ()
    reason: str = ""
    """The reason for programs: a kebab-case word such as those of `Reason`; "" if the rule's name says it."""
    severity: Severity | None = None
    """The severity of this finding, if it is not the rule's own; the configuration takes precedence."""


def quoted(words: str) -> str:
    """Return the author's words in quotes, on one line; long ones are shortened.

    >>> quoted("Alan\\nTuring")
    '"Alan Turing"'
    """
    shown = " ".join(words[: 2 * _LONGEST_QUOTE].split())
    return f'"{shown}"' if len(shown) <= _LONGEST_QUOTE else f'"{shown[:_LONGEST_QUOTE]}…"'


_LONGEST_QUOTE = 120


def listed(words: Sequence[str], shown: int = 3, *, more: int = 0) -> str:
    """Return the first of several words or phrases, and the number of others; `more` are others besides `words`.

    >>> listed(["a", "b", "c", "d"])
    'a, b, c and 1 more'
    """
    rest = len(words) - shown + more
    return ", ".join(words[:shown]) + (f" and {rest} more" if rest > 0 else "")


Check = Callable[..., Iterable[Finding]]
"""Gets an element of one of the kinds that its rule looks at, and the facts."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of problem to look for. `check` is called once for each element of the types in `looks_at`."""

    id: str
    group: str
    summary: str
    docs: str
    """Markdown below the summary, examples included."""
    severity: Severity
    since: str
    looks_at: tuple[type[Element], ...]
    check: Check
    needs_web: bool = False
    """Whether it needs to know what hosts answered for the addresses in the wiki."""
    needs_registries: bool = False
    """Whether it needs to know what registries say of the sources."""
    default: bool = True
    """Whether it runs without being selected."""
    counts_citations: bool = False
    """Whether it depends on which sources are cited: then repairing a citation may change what it reports."""
    counts_links: bool = False
    """Whether it depends on working links: then repairing a link may change what it reports."""
    reveals_links: bool = False
    """Whether its fixes turn text into links: problems of these links existed before, but nothing could report them."""
    needs_git: bool = False
    """Whether it needs to know which files git tracks."""
    needs_sources: bool = False
    """Whether it asks about sources, citations or bibliographies. It then runs where these are known; a rule that asks
    without saying so here is run again for that, which takes longer."""
    passes_plain_links: bool = False
    """Whether it never reports a plain link (`PlainLinks`), so that it is not called for these."""
    told_once: int = 0
    """Reports show this many or more equal findings as one, with a count; 0: they show each by itself."""
    recurring: str = ""
    """What is said instead of the repair if so many findings have equal messages; "": the repair is offered."""

    @property
    def examples(self) -> tuple[Example, ...]:
        """The tiny wikis of the docs, each a test of this rule."""
        from wikitools.lint.example import read_examples

        return read_examples(self.docs)


def rule(
    *,
    group: str,
    severity: Severity,
    since: str,
    default: bool = True,
    needs_web: bool = False,
    needs_registries: bool = False,
    counts_citations: bool = False,
    counts_links: bool = False,
    reveals_links: bool = False,
    needs_git: bool = False,
    needs_sources: bool = False,
    passes_plain_links: bool = False,
    told_once: int = 0,
    recurring: str = "",
) -> Callable[[Check], Rule]:
    """Turn a function into a rule: its name is the id, its docstring the docs, its first annotation what it checks.

    The annotation is a name in `KINDS`, or several joined by `|`. A rule reports on the file of the element that it
    checks, so that files outside PATHS can be skipped; a rule that compares pages checks `Wiki`.
    Raises `TypeError` when the function does not have this form.
    """

    def made(function: Check) -> Rule:
        name = function.__name__
        if group not in GROUPS:
            raise TypeError(f"rule {name}: there is no group {group!r}; groups are {', '.join(GROUPS)}")
        looks_at = _kinds(name, function)
        summary, _, docs = (function.__doc__ or "").strip().partition("\n")
        return Rule(
            id=name.replace("_", "-"),
            group=group,
            summary=summary,
            docs=textwrap.dedent(docs).strip("\n"),
            severity=severity,
            since=since,
            looks_at=looks_at,
            check=function,
            needs_web=needs_web,
            needs_registries=needs_registries,
            default=default,
            counts_citations=counts_citations,
            counts_links=counts_links,
            reveals_links=reveals_links,
            needs_git=needs_git,
            needs_sources=needs_sources or not _OF_SOURCES.isdisjoint(looks_at),
            passes_plain_links=passes_plain_links,
            told_once=told_once,
            recurring=recurring,
        )

    return made


_OF_SOURCES = frozenset({KINDS["Source"], KINDS["Cited"]})
"""Rules that look at these need sources."""


def _kinds(name: str, function: Check) -> tuple[type[Element], ...]:
    annotation = next(iter(function.__annotations__.values()), "")
    # Annotations stay strings (every module postpones their evaluation), so rules need no import at run time for them.
    words = [word.strip() for word in str(annotation).split("|")]
    unknown = [word for word in words if word not in KINDS]
    if unknown:
        raise TypeError(f"rule {name}: cannot look at {unknown[0]!r}; what can be looked at: {', '.join(KINDS)}")
    return tuple(KINDS[word] for word in words)


@cache
def load_rules() -> Mapping[str, Rule]:
    """Return all rules by id, sorted: those of every module of `wikitools.lint.rules`, one each.

    Raises `TypeError` when a module does not hold exactly one rule, named like the module.
    """
    package = importlib.import_module("wikitools.lint.rules")
    found: dict[str, Rule] = {}
    for module in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        members = vars(importlib.import_module(f"wikitools.lint.rules.{module}")).values()
        rules = [member for member in members if isinstance(member, Rule)]
        if [each.id for each in rules] != [module.replace("_", "-")]:
            raise TypeError(f"wikitools/lint/rules/{module}.py must hold one rule, the function {module}")
        found[rules[0].id] = rules[0]
    return MappingProxyType(dict(sorted(found.items())))
