"""Names for findings that stay the same when lines move, so that a Git host recognises them."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from wikitools.lint.run import Diagnostic


def fingerprints(diagnostics: Iterable[Diagnostic], *, placed: Callable[[str], str] = str) -> Iterator[str]:
    """Yield a hexadecimal name for each finding, made from path, rule, subject, and its number among equal findings.

    No two findings of a run have the same name. `placed` returns the path that is used.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    for each in diagnostics:
        seen[each.key] += 1
        parts = (placed(each.path), each.rule, each.subject, str(seen[each.key]))
        yield hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


_WINDOW = 100
_POWERS = tuple(pow(37, _WINDOW - 1 - place, 1 << 64) for place in range(_WINDOW))
_LINE_END = re.compile(r"\r\n|\r")
_BLANKS = str.maketrans("", "", " \t")
_BEYOND = re.compile("[\U00010000-\U0010ffff]")


def _surrogates(match: re.Match[str]) -> str:
    """Return a character outside of the Basic Multilingual Plane as its two UTF-16 units."""
    high, low = divmod(ord(match[0]) - 0x10000, 0x400)
    return chr(0xD800 + high) + chr(0xDC00 + low)


def line_hashes(text: str, wanted: Collection[int]) -> Mapping[int, str]:
    """Return GitHub's `primaryLocationLineHash` of the lines (from 1) of a text that are wanted.

    The algorithm of `fingerprints.ts` in github/codeql-action, which code scanning uses for reports without hashes: a
    polynomial (factor 37, modulo 2**64) over the first 100 UTF-16 units from the start of the line on, blanks and tabs
    left out and line ends taken as LF; U+FFFF and zeros follow the text. The number after the colon says how many lines
    down to this one have the same hash.
    """
    units = _LINE_END.sub("\n", text).translate(_BLANKS) + "\uffff"
    units = _BEYOND.sub(_surrogates, units)
    units += "\0" * _WINDOW
    found: dict[int, str] = {}
    seen: Counter[str] = Counter()
    start, last = 0, max(wanted, default=0)
    for line in range(1, last + 1):
        window = units[start : start + _WINDOW]
        seen[window] += 1
        if line in wanted:
            value = sum(ord(unit) * power for unit, power in zip(window, _POWERS, strict=True)) % (1 << 64)
            found[line] = f"{value:x}:{seen[window]}"
        start = units.find("\n", start) + 1
        if start == 0:
            break
    return found
