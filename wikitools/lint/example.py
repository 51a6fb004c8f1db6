"""The examples in the docstrings of rules: tiny wikis that say where the rule finds something, and where it must not.

A `wiki` code block holds files. `-- path --` starts one. Under a line with findings stands a line of carets for each:
they mark what it covers (on its first line), and are followed by the beginning of its message. What no carets mark,
the rule must leave alone. `-- path, fixed --` is the file after the safe fixes of the rule, and `-- path, fixed
unsafely --` after all of them; a file without either stays as it is. `-- wikitools.toml --` may set `engine`,
`anchors`, under `[block]` the fields of the block's style, and `tracked`, the files that git tracks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FENCE = re.compile(r"^(`{3,})wiki[ \t]*$", re.MULTILINE)
_HEADER = re.compile(r"-- (?P<path>\S(?:.*?\S)?)(?P<state>, fixed(?: unsafely)?)? --")
_CARETS = re.compile(r"([ \t]*)(\^+)(?:[ \t]+(.*))?")

CONFIGURATION = "wikitools.toml"


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
    """One tiny wiki; `text` is the code block's content as written."""

    text: str
    files: Mapping[str, str]
    expected: tuple[Expected, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)
    fixed_unsafely: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


def read_examples(docs: str) -> tuple[Example, ...]:
    """Return the examples in the Markdown of a rule's docs. Raises `ValueError` when one is not well formed."""
    return tuple(read_example(text) for text in _blocks(docs))


def _blocks(docs: str) -> Iterator[str]:
    position = 0
    while (opening := _FENCE.search(docs, position)) is not None:
        closing = re.compile(rf"^`{{{len(opening[1])},}}[ \t]*$", re.MULTILINE).search(docs, opening.end())
        if closing is None:
            raise ValueError("an example's code block is not closed")
        yield docs[opening.end() + 1 : closing.start()]
        position = closing.end()


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
    return Example(text, files, tuple(expected), fixed, unsafely, _options(files.pop(CONFIGURATION, "")))


def _options(text: str) -> Mapping[str, Any]:
    import tomllib

    return tomllib.loads(text)
