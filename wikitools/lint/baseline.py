"""The baseline: known findings that do not fail a run.

A baseline contains the number of findings for each page, rule and subject. It has no line numbers, so text may move.
Each entry is one line of JSON, and the lines are sorted, so that two people's changes merge.
"""

from __future__ import annotations

import json
import posixpath
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wikitools.text import line_and_column, line_starts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wikitools.lint.fix.proof import Key
    from wikitools.lint.run import Diagnostic, Outcome

VERSION = 1
"""The version of the file's format: raise it if an older wikitools would misread the file."""


class BaselineError(Exception):
    """A baseline cannot be read; the message has no file name and starts with line and column, if known."""


def render_baseline(entries: Mapping[Key, int]) -> str:
    """Return the file: a count for each page, rule and subject, one per line, sorted.

    >>> print(render_baseline({("b.md", "broken-link", "x"): 2, ("a.md", "orphan-page", ""): 1}), end="")
    {
      "version": 1,
      "findings": [
        {"page": "a.md", "rule": "orphan-page", "subject": "", "count": 1},
        {"page": "b.md", "rule": "broken-link", "subject": "x", "count": 2}
      ]
    }
    """
    rows = [
        json.dumps({"page": page, "rule": rule, "subject": subject, "count": count}, ensure_ascii=not _is_plain(key))
        for key, count in sorted(entries.items())
        for page, rule, subject in [key]
    ]
    listed = "".join(f"    {row},\n" for row in rows).removesuffix(",\n") + "\n" if rows else ""
    return f'{{\n  "version": {VERSION},\n  "findings": [\n{listed}  ]\n}}\n'


def _is_plain(key: Key) -> bool:
    """Say whether the texts need no escapes in the file: no character that an editor could take for a line break."""
    text = "".join(key)
    return text.isprintable()


_FIELDS = {"page": str, "rule": str, "subject": str, "count": int}


def read_baseline(text: str) -> dict[Key, int]:
    """Return the entries of a file. If there are two for the same finding, as after a merge, the larger count is used.

    Raises `BaselineError`.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise BaselineError(_not_json(text, error)) from error
    except (RecursionError, ValueError) as error:
        # Nested too deeply, or a number with thousands of digits: wikitools does not write that.
        raise BaselineError("1:1: this is not a baseline") from error
    if not isinstance(data, dict) or not isinstance(data.get("findings"), list):
        raise BaselineError('1:1: this is not a baseline: it has no list "findings"')
    if data.get("version") != VERSION:
        # Do not quote other values: any file can be named as a baseline.
        version = data["version"] if type(data.get("version")) is int else "unknown"
        raise BaselineError(f"1:1: a baseline of version {version}; this wikitools reads version {VERSION}")
    entries: dict[Key, int] = {}
    for number, entry in enumerate(data["findings"]):
        if (wrong := _wrong(entry)) is not None:
            raise BaselineError(f"{_place_of_entry(text, number)}: {wrong}")
        key = (entry["page"], entry["rule"], entry["subject"])
        entries[key] = max(entry["count"], entries.get(key, 0))
    return entries


def _not_json(text: str, error: json.JSONDecodeError) -> str:
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(("<<<<<<<", "=======", ">>>>>>>")):
            return f'{number}:1: unfinished merge: keep the lines of both sides, or run "wikitools baseline update"'
    return f"{error.lineno}:{error.colno}: {error.msg[:1].lower()}{error.msg[1:]}"


def _wrong(entry: object) -> str | None:
    """Return what is wrong with an entry; `None` if nothing is."""
    if not isinstance(entry, dict):
        return 'an entry must have "page", "rule", "subject" and "count"'
    for name, kind in _FIELDS.items():
        value = entry.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            return f'"{name}" must be {"text" if kind is str else "a whole number"}'
    return None if entry["count"] > 0 else '"count" must be at least 1'


def _place_of_entry(text: str, number: int) -> str:
    """Return line and column of an entry in a file that is JSON."""
    decoder = json.JSONDecoder()
    position = text.index("[", text.index('"findings"')) + 1
    for _ in range(number + 1):
        while text[position] in " \t\r\n,":
            position += 1
        start = position
        _, position = decoder.raw_decode(text, start)
    line, column = line_and_column(line_starts(text), start)
    return f"{line}:{column}"


# The findings of a run, compared with it


@dataclass(frozen=True, slots=True)
class Comparison:
    """The findings of a run, divided by a baseline."""

    new: tuple[Diagnostic, ...]
    """The findings that are not in the baseline, in order."""
    known: tuple[Diagnostic, ...]
    stale: Mapping[Key, int] = field(default_factory=dict)
    """Entries that the run no longer found although it looked for them, with the number of missing findings."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """Pages that were renamed since: the path in the baseline → the path now."""
    pruned: Mapping[Key, int] = field(default_factory=dict)
    """The baseline without stale entries, with the current paths of pages."""


def compare(
    outcome: Outcome,
    entries: Mapping[Key, int],
    *,
    files: Iterable[str],
    rules: Iterable[str],
    root: str,
    asked: frozenset[str] | None = None,
) -> Comparison:
    """Divide the findings of a run by a baseline, and find out which entries of the baseline are stale.

    `files` are all pages and bibliographies, `rules` all rules, `asked` the files that the run reported on (`None`:
    all). If there are more findings than the baseline counts, the last ones on the page are new. Only entries that the
    run looked for can be stale: those of other rules and pages stay as they are.
    """
    there = {shared_path(path, root) for path in files}
    diagnostics = [(each, key_of(each, root)) for each in outcome.diagnostics]
    left = Counter(dict(entries))
    new: list[tuple[Diagnostic, Key]] = []
    known: list[Diagnostic] = []
    for each, key in diagnostics:
        if left[key] > 0:
            left[key] -= 1
            known.append(each)
        else:
            new.append((each, key))
    moved = _find_moved(entries, there, (key for _, key in new))
    was = {now: before for before, now in moved.items()}
    unknown: list[Diagnostic] = []
    for each, key in new:
        page, rule, subject = key
        former = (was.get(page, page), rule, subject)
        if left[former] > 0:
            left[former] -= 1
            known.append(each)
        else:
            unknown.append(_with_count(each, entries.get(former, 0)))
    ran = frozenset(outcome.rules) - {failure.rule for failure in outcome.failures}
    exist = frozenset(rules)
    reported = None if asked is None else {shared_path(path, root) for path in asked}

    def was_looked_for(page: str, rule: str) -> bool:
        if reported is not None:
            return rule in ran and page in reported
        return rule in ran or rule not in exist or page not in there

    stale = {key: count for key, count in sorted(left.items()) if count > 0 and was_looked_for(key[0], key[1])}
    pruned: Counter[Key] = Counter()
    for (page, rule, subject), count in entries.items():
        if rest := count - stale.get((page, rule, subject), 0):
            pruned[moved.get(page, page), rule, subject] += rest
    return Comparison(
        tuple(unknown), tuple(sorted(known, key=lambda each: (each.span, each.rule))), stale, moved, pruned
    )


def _with_count(diagnostic: Diagnostic, count: int) -> Diagnostic:
    if not count:
        return diagnostic
    words = f"the baseline has {count} of these on this page; there is one more now, not necessarily this one"
    return replace(diagnostic, help=f"{diagnostic.help}; {words}" if diagnostic.help else words)


def count_findings(diagnostics: Iterable[Diagnostic], root: str) -> dict[Key, int]:
    """Return the baseline that contains all of these."""
    return dict(Counter(key_of(each, root) for each in diagnostics))


def key_of(diagnostic: Diagnostic, root: str) -> Key:
    """Return page, rule and subject, with a page outside of the root relative to it: the same on every machine."""
    return shared_path(diagnostic.path, root), diagnostic.rule, diagnostic.subject


def shared_path(path: str, root: str) -> str:
    """Return a path relative to the root, even if it is outside.

    >>> shared_path("a.md", "/org/wiki"), shared_path("/org/all.bib", "/org/wiki")
    ('a.md', '../all.bib')
    """
    return posixpath.relpath(path, root) if path.startswith("/") else path


# Renamed pages


_COMMON = 20
"""A finding that more pages than this have does not identify a page."""


def _find_moved(entries: Mapping[Key, int], there: set[str], new: Iterable[Key]) -> dict[str, str]:
    """Return which missing pages of the baseline exist under another path.

    A page that moved to another folder keeps its name; a renamed one keeps at least half of its findings, among them
    one with a subject. Only pages that are not in the baseline are candidates.
    """
    gone = _by_page(key for key in entries if key[0] not in there)
    known = {page for page, _, _ in entries}
    candidates = {page: about for page, about in _by_page(new).items() if page not in known}
    moved: dict[str, str] = {}
    named = _by_name(candidates)
    for name, pages in _by_name(gone).items():
        if len(pages) == 1 and len(named.get(name, ())) == 1 and gone[pages[0]] & candidates[named[name][0]]:
            moved[pages[0]] = named[name][0]
    holders: dict[tuple[str, str], list[str]] = {}
    for page in sorted(candidates.keys() - moved.values()):
        for about in candidates[page]:
            holders.setdefault(about, []).append(page)
    taken: set[str] = set()
    for page in sorted(gone.keys() - moved.keys()):
        votes: Counter[str] = Counter()
        for about in sorted(gone[page]):
            pages = holders.get(about, [])
            if about[1] and len(pages) <= _COMMON:
                votes.update(each for each in pages if each not in taken)
        best = max(votes, key=lambda each: (votes[each], each), default=None)
        if best is not None and 2 * len(gone[page] & candidates[best]) >= len(gone[page]):
            moved[page] = best
            taken.add(best)
    return moved


def _by_page(keys: Iterable[Key]) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for page, rule, subject in keys:
        found.setdefault(page, set()).add((rule, subject))
    return found


def _by_name(pages: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for page in sorted(pages):
        found.setdefault(posixpath.basename(page), []).append(page)
    return found


def changes(before: Mapping[Key, int], after: Mapping[Key, int]) -> tuple[int, int]:
    """Return how many findings were added to a baseline, and how many were removed."""
    return _total(_more(after, before)), _total(_more(before, after))


def _more(one: Mapping[Key, int], other: Mapping[Key, int]) -> Iterator[int]:
    return (count - other.get(key, 0) for key, count in one.items() if count > other.get(key, 0))


def _total(counts: Iterator[int]) -> int:
    return sum(counts)
