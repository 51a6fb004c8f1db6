"""Path patterns, matched in bounded time: the globs of settings and the lines of `.gitignore` files.

A hostile pattern (`*a*a*a*a*b`) must not take longer than the path is long, so no star is ever tried twice: the
earliest place for what stands between two stars is as good as any later one. Regular expressions say that by atomic
groups, `(?>…)`.
"""

from __future__ import annotations

import fnmatch
import re
from functools import cache
from typing import TYPE_CHECKING

from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MOST_WILDCARDS = 1_000
"""More patterns with wildcards than these are refused in one list: each is tried on each path."""


class TooManyPatternsError(ValueError):
    """A list has more patterns with wildcards than can be tried on every path; the message counts them."""


# Globs of settings


@cache
def glob_test(globs: tuple[str, ...]) -> Callable[[str], bool]:
    """Return a test of paths against globs (see `path_test`), in which case plays no part."""
    tests = [path_test(glob.lower()) for glob in globs]

    @cache
    def matches(path: str) -> bool:
        return any(test(path.lower()) for test in tests)

    return matches


def path_test(glob: str, *, brackets: bool = False) -> Callable[[str], bool]:
    """Return a test of paths: `*` and `?` stay in a folder, `**` crosses folders; without `/` any folder will do.

    Brackets stand for themselves, as in the names of some pages, unless they are asked for.

    >>> path_test("notes/*.md")("notes/a.md"), path_test("notes/*.md")("notes/b/a.md"), path_test("*.md")("b/a.md")
    (True, False, True)
    """
    special = glob.replace("\\", "\\\\")
    if not brackets:
        special = special.replace("[", "\\[")
    pattern = special.strip("/") if "/" in special else f"**/{special}"
    if special.endswith("/"):
        pattern += "/**"
    body = _body(pattern)
    fullmatch = re.compile(_NEVER if body is None else body, re.DOTALL).fullmatch
    return lambda path: fullmatch(path) is not None


@cache
def text_test(globs: tuple[str, ...]) -> Callable[[str], bool]:
    """Return a test of texts that are no paths: `*` and `?` may be any signs, `[0-9]` is one of them; case is ignored.

    >>> text_test(("*<?*>*", "$[0-9]"))("notes/<slug>.md"), text_test(("$[0-9]",))("$x")
    (True, False)
    """
    if not globs:
        return lambda _text: False
    # One expression for all: each link is tested.
    match = re.compile("|".join(map(fnmatch.translate, globs)), re.IGNORECASE).match
    return lambda text: match(text) is not None


# Lines of ignore files


@dataclass(frozen=True, slots=True)
class _Line:
    """One pattern of an ignore file."""

    negated: bool
    folders_only: bool
    by_name: bool
    """It has no slash, so it is about the last part of a path, in any folder."""
    text: str
    """Without its marks, a leading slash included."""


class IgnoreList:
    """The patterns of one `.gitignore` file, or of one setting in its syntax, as git reads them."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Take the patterns. Raises `TooManyPatternsError`."""
        self._lines = [line for line in map(_parse, lines) if line is not None]
        # By how they are looked up; each keeps its place in the list, for the last one that fits decides.
        self._names: dict[str, list[int]] = {}
        self._paths: dict[str, list[int]] = {}
        self._ends: dict[str, list[int]] = {}
        wild_names: list[tuple[int, str]] = []
        wild_paths: list[tuple[int, str]] = []
        for at, line in enumerate(self._lines):
            special = _SPECIAL.search(line.text)
            if special is None:
                known = self._names if line.by_name else self._paths
                known.setdefault(line.text.removeprefix("/"), []).append(at)
            elif line.by_name and line.text[0] == "*" and not _SPECIAL.search(line.text, 1):
                self._ends.setdefault(line.text[1:], []).append(at)
            else:
                leading = line.text.startswith("/")
                # git compares what stands before the first wildcard by itself, and reads the pattern from there.
                body = _body(line.text[leading:], special.start() - leading)
                if body is not None:
                    (wild_names if line.by_name else wild_paths).append((at, body))
        if len(wild_names) + len(wild_paths) > MOST_WILDCARDS:
            count = f"{len(wild_names) + len(wild_paths):,}"
            raise TooManyPatternsError(f"{count} patterns with wildcards, more than the limit of {MOST_WILDCARDS:,}")
        self._every_end = tuple(self._ends)
        self._wild_names = _Wild(wild_names)
        self._wild_paths = _Wild(wild_paths)

    def __bool__(self) -> bool:
        return bool(self._lines)

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """Return whether a path, relative to the list's folder, is ignored; `None` when no pattern is about it.

        Only the path itself is looked at: what lies in an ignored folder is ignored with it, whatever this says.
        """
        if not self._lines:
            return None
        path = _as_bytes(path)
        name = path.rpartition("/")[2]
        found = [*self._names.get(name, ()), *self._paths.get(path, ())]
        if self._every_end and name.endswith(self._every_end):
            found += (at for end, places in self._ends.items() if name.endswith(end) for at in places)
        found += self._wild_names.matching(name)
        found += self._wild_paths.matching(path)
        found.sort(reverse=True)
        for at in found:
            if is_folder or not self._lines[at].folders_only:
                return not self._lines[at].negated
        return None

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Say whether a path is ignored, by itself or with a folder above it."""
        parts = path.split("/")
        above = ("/".join(parts[:end]) for end in range(1, len(parts)))
        return any(self.verdict(each, is_folder=True) for each in above) or bool(
            self.verdict(path, is_folder=is_folder)
        )


class _Wild:
    """Patterns with wildcards of one kind, each with its place in the list."""

    def __init__(self, bodies: list[tuple[int, str]]) -> None:
        self._bodies = bodies
        self._each: list[tuple[int, re.Pattern[str]]] | None = None
        # Most paths fit no pattern, which one expression finds out for all.
        self._any = re.compile("|".join(f"(?:{body})" for _at, body in bodies), re.DOTALL) if bodies else None

    def matching(self, text: str) -> Sequence[int]:
        """Return the places of the patterns that fit."""
        if self._any is None or self._any.fullmatch(text) is None:
            return ()
        if self._each is None:
            self._each = [(at, re.compile(body, re.DOTALL)) for at, body in self._bodies]
        return [at for at, pattern in self._each if pattern.fullmatch(text) is not None]


_SPECIAL = re.compile(r"[*?\[\\]")


def _as_bytes(text: str) -> str:
    """Return a text with a character for each byte of its UTF-8, for git matches bytes."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def _parse(line: str) -> _Line | None:
    """Return a line of an ignore file as a pattern; `None` for one that says nothing."""
    line = _without_blanks(_as_bytes(line).partition("\0")[0].removesuffix("\r"))
    negated = line.startswith("!")
    text = line[negated:]
    folders_only = text.endswith("/")
    text = text.removesuffix("/")
    if not text or line.startswith("#"):
        return None
    return _Line(negated, folders_only, by_name="/" not in text, text=text)


def _without_blanks(line: str) -> str:
    """Return a line without the blanks at its end; one behind a backslash stays."""
    bare = line.rstrip(" ")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    return line[: len(bare) + 1] if backslashes % 2 else bare


# What both become


_NEVER = r"(?!)"
_STAR, _FOLDERS, _REST = "*", "**/", "**"
"""Tokens for more than one character: within a name, whole folders each with its slash, all that is left."""


def _body(pattern: str, start: int = 0) -> str | None:
    """Return a regular expression that a path must match in full; `None` when no path can.

    `start`: where matching begins, all before that being literal; two stars there count as if a slash preceded them.
    """
    tokens = list(_tokens(pattern, start))
    if None in tokens:
        return None
    # Runs of names between stars that cross folders; each run in segments between stars that do not.
    runs: list[list[str]] = [[""]]
    rest = ""
    for token in tokens:
        if token == _FOLDERS:
            runs.append([""])
        elif token == _REST:
            rest = ".*"
        elif token == _STAR:
            runs[-1].append("")
        else:
            runs[-1][-1] += token or ""
    body = ""
    for at, (fixed, *segments) in enumerate(runs):
        ends = at == len(runs) - 1 and not rest
        run = fixed + "".join(f"(?>[^/]*?{segment})" for segment in segments[: -1 if ends else None])
        if ends and segments:
            run += f"[^/]*{segments[-1]}"
        if at:
            # What must reach the end of the path may begin in any folder; what need not, in the first one that fits.
            run = f"(?:.*/)?{run}" if ends else f"(?>(?:.*?/)??{run})"
        body += run
    return body + rest


def _tokens(pattern: str, start: int) -> Iterator[str | None]:
    """Yield the parts of a pattern as git's wildmatch reads them; `None` for what can match nothing."""
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "*":
            end = at
            while pattern[end : end + 1] == "*":
                end += 1
            crosses = end - at > 1 and (at in (0, start) or pattern[at - 1] == "/")
            if crosses and end == len(pattern):
                yield _REST
            elif crosses and pattern[end] == "/":
                yield _FOLDERS
                end += 1
            else:
                yield _STAR
            at = end
        elif char == "?":
            yield "[^/]"
            at += 1
        elif char == "[":
            found = _bracket(pattern, at + 1)
            yield found[0]
            at = found[1]
        elif char == "\\":
            yield re.escape(pattern[at + 1]) if at + 1 < len(pattern) else None
            at += 2
        else:
            yield re.escape(char)
            at += 1


_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    "space": r" \t-\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


def _bracket(pattern: str, at: int) -> tuple[str | None, int]:
    """Return what the bracket expression behind `[` matches, one character but `/`, and where it ends."""
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    begin = at
    inside = ""
    previous = ""
    while at < len(pattern) and (at == begin or pattern[at] != "]"):
        char, previous, before = pattern[at], "", previous
        name_end = pattern.find("]", at + 2) if pattern.startswith("[:", at) else 0
        if name_end < 0:
            break
        if name_end > at + 2 and pattern[name_end - 1] == ":":
            if (characters := _CLASSES.get(pattern[at + 2 : name_end - 1])) is None:
                break
            inside += characters
            at = name_end + 1
            continue
        is_range = char == "-" and before != "" and pattern[at + 1 : at + 2] not in ("", "]")
        at += is_range
        if pattern[at] == "\\":
            at += 1
        char = pattern[at : at + 1]
        if is_range:
            inside += f"{re.escape(before)}-{re.escape(char)}" if before <= char else ""
        else:
            inside += re.escape(char)
            previous = char
        at += 1
    else:
        if at < len(pattern):
            some = f"[^/{inside}]" if negated else f"(?!/)[{inside}]" if inside else _NEVER
            return some, at + 1
    return None, len(pattern)
