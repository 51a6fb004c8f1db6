"""Finds folders and pages with far more findings than their size explains: logs, raw texts, archives."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_LARGEST = 0.25
"""A folder with a larger share of the pages is the wiki itself."""
_DENSER = 3
"""Its pages have at least so many times as many findings as pages elsewhere."""
_NEARLY_ALL = 0.8
"""If an inner folder has this share of its findings, that one is named instead."""
_NAMED = 3
_MOST, _MUCH = 0.5, 0.2
"""The share of all findings that it must have; less is enough if its name says that it is not written for readers."""
_ASIDE = frozenset(
    {"archive", "archives", "archived", "attic", "changelog", "clippings", "draft", "drafts", "dump", "dumps", "inbox"}
    | {"log", "logs", "old", "paste", "pastes", "raw", "scratch", "scratchpad", "template", "templates", "transcripts"}
)


@dataclass(frozen=True, slots=True)
class Heavy:
    """A folder, with a slash at its end, or a page."""

    path: str
    findings: int
    pages: int

    @property
    def pattern(self) -> str:
        """The pattern in .gitignore syntax that leaves it out of the wiki."""
        # A pattern without a slash would match in any folder.
        anchored = self.path if "/" in self.path.rstrip("/") else f"/{self.path}"
        return re.sub(r"([\\*?\[\]])", r"\\\1", anchored)

    @property
    def named_aside(self) -> bool:
        """Whether its name says that it is not written for readers: a log, an archive, raw texts."""
        return _is_aside(self.path)


def find_heavy(findings: Mapping[str, int], pages: Collection[str], *, least: int) -> tuple[Heavy, ...]:
    """Return the folders and pages with at least `least` findings and most of all, on few pages.

    Up to three, largest first. `findings` are the numbers by page; `pages` are all pages, with findings or without.
    """
    total = sum(findings.values())
    if total < least:
        return ()
    held: Counter[str] = Counter()
    for path, number in findings.items():
        held.update(dict.fromkeys(_holders(path), number))
    sizes: Counter[str] = Counter(holder for path in pages for holder in _holders(path))
    found: dict[str, Heavy] = {}
    for path, number in held.items():
        size = max(sizes[path], 1)
        enough = (
            number >= least
            and number >= total * (_MUCH if _is_aside(path) else _MOST)
            and size <= len(pages) * _LARGEST
        )
        if enough and number * (len(pages) - size) >= _DENSER * (total - number) * size:
            found[path] = Heavy(path, number, size)
    chosen: list[Heavy] = []
    for each in sorted(found.values(), key=lambda heavy: (-heavy.findings, len(heavy.path), heavy.path)):
        # A folder whose name says what it is for explains more than the page with most of its findings.
        inside = [other for path, other in found.items() if path != each.path and path.startswith(each.path)]
        inside = [other for other in inside if _is_aside(other.path) or not _is_aside(each.path)]
        outer = any(each.path.startswith(other.path) for other in chosen)
        if not outer and not any(other.findings >= each.findings * _NEARLY_ALL for other in inside):
            chosen.append(each)
    return tuple(chosen[:_NAMED])


def _holders(path: str) -> Iterator[str]:
    """Yield the page itself and the folders above it, with a slash at their end."""
    yield path
    while "/" in path:
        path = path.rpartition("/")[0]
        yield f"{path}/"


def _is_aside(path: str) -> bool:
    """Say whether the name of a folder or page, without punctuation and numbers around it, is one of `_ASIDE`."""
    name = path.rstrip("/").rpartition("/")[2]
    stem = name if path.endswith("/") else name.rpartition(".")[0]
    return stem.lower().strip("_- 0123456789.") in _ASIDE


def share_of(heavy: Heavy, total: int, pages: int, thing: str) -> str:
    """Return its share in words: "3,876 of 12,053 problems, on 72 of 1,066 pages"."""
    return f"{heavy.findings:,} of {total:,} {thing}, on {heavy.pages:,} of {pages:,} pages"


def hint(findings: Mapping[str, int], pages: Collection[str]) -> str:
    """Return the sentence about what has most of the findings; "" if nothing does."""
    found = find_heavy(findings, pages, least=_WORTH_A_WORD)
    if not found:
        return ""
    first = found[0]
    words = share_of(first, sum(findings.values()), len(pages), "problems")
    # Without its name, nothing says that it is not the heart of the wiki.
    leave_out = f'; exclude = ["{visible(first.pattern)}"] leaves it out' if first.named_aside else ""
    return f"{visible(first.path)} has {words}{leave_out}."


_WORTH_A_WORD = 100
