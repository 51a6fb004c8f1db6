"""The examples in the docstrings of rules: tiny wikis that show what the rule reports, and what it must not report.

A `wiki` code block holds files, each after a line `-- path --`. For each finding, a line of carets follows the line of
text that it is on: the carets mark what it covers (on its first line), and its whole message stands after them. The
rule must report nothing else. `-- path, fixed --` is the file after the rule's safe fixes, `-- path, fixed unsafely --`
the file after all of its fixes; a file without either does not change. `-- wikitools.toml --` may set `engine`,
`anchors`, the fields of the block's style under `[block]`, `tracked`, the files that git tracks, and under `[web]` what
is known of addresses (see `read_status`). `-- registry.toml --` is what registries say: a table for each identifier,
empty for one that does not exist.

People never see this notation: `report/rule_pages.py` renders it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from wikitools.lint import url_status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wikitools.lint.url_status import UrlStatus

_FENCE = re.compile(r"^(`{3,})wiki[ \t]*$", re.MULTILINE)
_HEADER = re.compile(r"-- (?P<path>\S(?:.*?\S)?)(?P<state>, fixed(?: unsafely)?)? --")
_CARETS = re.compile(r"([ \t]*)(\^+)(?:[ \t]+(.*))?")

CONFIGURATION = "wikitools.toml"
REGISTRY = "registry.toml"


@dataclass(frozen=True, slots=True)
class Expected:
    """A finding that an example promises: line and columns count from 1, `end_column` is the first not marked."""

    path: str
    line: int
    column: int
    end_column: int
    message: str


@dataclass(frozen=True, slots=True)
class Example:
    """One tiny wiki."""

    files: Mapping[str, str]
    expected: tuple[Expected, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)
    fixed_unsafely: Mapping[str, str] = field(default_factory=dict)
    configuration: str = ""
    """What `wikitools.toml` holds, as written."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The same, read."""
    registry: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What registries say of each identifier (`doi:…`); empty for one that does not exist."""

    @property
    def is_quiet(self) -> bool:
        """Whether the rule reports and repairs nothing here."""
        return not (self.expected or self.fixed or self.fixed_unsafely)


class Part(NamedTuple):
    """An example of a rule's docs, and the prose before it."""

    prose: str
    example: Example | None


def read_examples(docs: str) -> tuple[Example, ...]:
    """Return the examples in the Markdown of a rule's docs. Raises `ValueError` when one is not well formed."""
    return tuple(part.example for part in split_docs(docs) if part.example is not None)


def split_docs(docs: str) -> Iterator[Part]:
    """Yield each example of a rule's docs with the prose before it; the prose after the last has no example."""
    position = 0
    while (opening := _FENCE.search(docs, position)) is not None:
        closing = re.compile(rf"^`{{{len(opening[1])},}}[ \t]*$", re.MULTILINE).search(docs, opening.end())
        if closing is None:
            raise ValueError("an example's code block is not closed")
        example = read_example(docs[opening.end() + 1 : closing.start()])
        yield Part(docs[position : opening.start()].strip("\n"), example)
        position = closing.end()
    if rest := docs[position:].strip("\n"):
        yield Part(rest, None)


def read_example(text: str) -> Example:
    """Return one example. Raises `ValueError` for text before the first file, or carets without a line above them."""
    states: dict[str, dict[str, list[str]]] = {"": {}, ", fixed": {}, ", fixed unsafely": {}}
    expected: list[Expected] = []
    lines: list[str] | None = None
    path = ""
    for line in text.splitlines():
        header = _HEADER.fullmatch(line)
        if header is not None:
            path = header["path"]
            lines = states[header["state"] or ""].setdefault(path, [])
            continue
        if lines is None:
            raise ValueError(f"an example must start with a file, not with {line!r}")
        carets = _CARETS.fullmatch(line)
        if carets is None:
            lines.append(line)
        elif lines:
            start, end = carets.span(2)
            expected.append(Expected(path, len(lines), start + 1, end + 1, (carets[3] or "").strip()))
        else:
            raise ValueError(f"no line stands above the carets {line!r}")
    files, fixed, unsafely = (
        {path: "".join(f"{line}\n" for line in lines) for path, lines in files.items()} for files in states.values()
    )
    configuration = files.pop(CONFIGURATION, "")
    registry = tomllib.loads(files.pop(REGISTRY, ""))
    return Example(files, tuple(expected), fixed, unsafely, configuration, tomllib.loads(configuration), registry)


def read_status(written: str) -> UrlStatus:
    """Return what an example says of an address.

    >>> read_status("gone: example.org answers 404")
    Gone(why='example.org answers 404', archived='')
    >>> read_status("unreachable 9 days: no such host").looks
    3
    """
    kind, _colon, what = written.partition(": ")
    match kind.split():
        case ["gone"]:
            why, _archived, copy = what.partition("; archived ")
            return url_status.Gone(why, copy)
        case ["moved", *how]:
            return url_status.Moved(what, "permanently" in how, "settled" in how, "short" in how)
        case ["unreachable", days, "days"]:
            return url_status.Unreachable(what, looks=3, days=float(days))
        case ["lacks"]:
            return url_status.NoAnchor(what)
        case ["refused"]:
            return url_status.Refused(what)
        case ["unknown"]:
            return url_status.Unknown(what)
        case ["ok"]:
            return url_status.Ok()
    raise ValueError(f"{written!r} is no status")
