"""What a rule is: one decorated function, whose docstring is its documentation and its tests."""

from __future__ import annotations

import importlib
import pkgutil
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from wikitools.lint.facts import KINDS

if TYPE_CHECKING:
    from wikitools.lint.example import Example
    from wikitools.lint.facts import Facts
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
"""The groups a rule may belong to, each with what it is about; selecting a group selects all of its rules."""


class Severity(StrEnum):
    """How much a finding matters: `ERROR` misleads a reader, `WARNING` probably does, `INFO` is for the editor."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that helps to understand a finding, and what is to be seen there."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has to say about one place.

    `message` is one line: it states the fact, quotes the author's words and ends with the guess. `subject` is what the
    finding is about in the author's words (a target, a citation), stable when lines move: baselines and the proof of
    fixes compare by it. `help` is what to do where no fix can.
    """

    span: Span
    message: str
    subject: str = ""
    help: str = ""
    fix: Fix | None = None
    related: tuple[Related, ...] = ()
    reason: str = ""
    """Why, as data for programs: a kebab-case word such as those of `Reason`; "" where the rule's name says it."""
    severity: Severity | None = None
    """How much this one matters, where that is not the rule's own severity; what the configuration says goes first."""


def quoted(words: str) -> str:
    """Return the author's words in quotes, on one line; of long ones the start.

    >>> quoted("Alan\\nTuring")
    '"Alan Turing"'
    """
    shown = " ".join(words[: 2 * _LONGEST_QUOTE].split())
    return f'"{shown}"' if len(shown) <= _LONGEST_QUOTE else f'"{shown[:_LONGEST_QUOTE]}…"'


_LONGEST_QUOTE = 120


def listed(words: Sequence[str], shown: int = 3, *, more: int = 0) -> str:
    """Return the first of several words or phrases, and how many there are besides; `more` are not among the words.

    >>> listed(["a", "b", "c", "d"])
    'a, b, c and 1 more'
    """
    rest = len(words) - shown + more
    return ", ".join(words[:shown]) + (f" and {rest} more" if rest > 0 else "")


Check = Callable[[Any, "Facts"], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to look for. `looks_at` are the kinds of things `check` is called with, one call a thing."""

    id: str
    group: str
    summary: str
    docs: str
    """Markdown below the summary, examples included."""
    severity: Severity
    since: str
    looks_at: tuple[type, ...]
    check: Check
    needs_web: bool = False
    """Whether it needs to know what hosts answered for the addresses in the wiki."""
    needs_registries: bool = False
    """Whether it needs to know what registries say of the sources."""
    default: bool = True
    """Whether it runs when nobody selects it."""
    counts_citations: bool = False
    """Whether it tells which sources are cited: then repairing a citation may rightly change what it finds."""
    counts_links: bool = False
    """Whether it tells how living links are used: then repairing a link may rightly change what it finds."""
    reveals_links: bool = False
    """Whether its repairs make links of what was text: what is wrong with these was wrong before, but unseen."""
    needs_git: bool = False
    """Whether it needs to know which files git tracks."""
    passes_plain_links: bool = False
    """Whether it never says anything of a plain link (`PlainLinks`): it is not called for these."""
    told_once: int = 0
    """How many findings that say the same of one subject it takes to show only one, with a count; 0: each is shown."""

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
    passes_plain_links: bool = False,
    told_once: int = 0,
) -> Callable[[Check], Rule]:
    """Make a rule of a function: the name is its id, the docstring its docs, the first annotation what it looks at.

    The annotation is a name of `KINDS` or several joined by `|`. A rule reports on the file of the thing that it looks
    at (only then may the engine pass over files that nobody asked about); what compares pages looks at `Wiki`.
    Raises `TypeError` when the function does not have this form.
    """

    def made(function: Check) -> Rule:
        name = function.__name__
        if group not in GROUPS:
            raise TypeError(f"rule {name}: there is no group {group!r}; groups are {', '.join(GROUPS)}")
        summary, _, docs = (function.__doc__ or "").strip().partition("\n")
        return Rule(
            id=name.replace("_", "-"),
            group=group,
            summary=summary,
            docs=textwrap.dedent(docs).strip("\n"),
            severity=severity,
            since=since,
            looks_at=_kinds(name, function),
            check=function,
            needs_web=needs_web,
            needs_registries=needs_registries,
            default=default,
            counts_citations=counts_citations,
            counts_links=counts_links,
            reveals_links=reveals_links,
            needs_git=needs_git,
            passes_plain_links=passes_plain_links,
            told_once=told_once,
        )

    return made


def _kinds(name: str, function: Check) -> tuple[type, ...]:
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
