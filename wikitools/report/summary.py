"""The last lines of a report: how many findings there are, where, and what to do about them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wikitools.lint.rule import Severity
from wikitools.records import dataclass
from wikitools.report.ansi import Style
from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wikitools.lint.run import Diagnostic

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of one run."""

    errors: int
    warnings: int
    infos: int
    affected: int
    """Pages with findings."""
    pages: int
    """Pages of the wiki."""
    suppressed: int = 0
    placeholders: int = 0
    """Links that were skipped as placeholders."""
    fixed: int = 0
    fixable: int = 0
    unsafely_fixable: int = 0
    bibliographies: tuple[str, ...] = ()
    """Those that wikitools found by itself; the others are in the configuration."""
    affected_bibliographies: int = 0
    """Bibliography files with findings."""
    absent: tuple[str, ...] = ()
    """Submodules that are not checked out."""
    known: int = 0
    """Findings that are in the baseline."""
    stale: int = 0
    """Entries of the baseline without a finding."""
    unfollowed: tuple[str, ...] = ()
    """Symbolic links that lead out of the repository."""
    unread_kinds: str = ""
    """Which files of other kinds of Markdown were not read."""

    unasked: bool = False
    """Whether it is about web addresses of which nothing is known: none was asked for, now or earlier."""

    @property
    def problems(self) -> int:
        """All findings."""
        return self.errors + self.warnings + self.infos


def summarise(
    diagnostics: Iterable[Diagnostic],
    *,
    pages: int,
    absent: Iterable[str] = (),
    suppressed: int = 0,
    placeholders: int = 0,
    fixed: int = 0,
    known: int = 0,
    stale: int = 0,
    unfollowed: Iterable[str] = (),
    unread_kinds: str = "",
    bibliographies: Iterable[str] = (),
) -> Summary:
    """Count the findings."""
    found = tuple(diagnostics)
    severities = Counter(str(each.severity) for each in found)
    affected, others = _parted(each.path for each in found)
    safeties = Counter(str(each.fix.safety) for each in found if each.fix is not None)
    return Summary(
        errors=severities["error"],
        warnings=severities["warning"],
        infos=severities["info"],
        affected=affected,
        pages=pages,
        absent=tuple(absent),
        suppressed=suppressed,
        placeholders=placeholders,
        fixed=fixed,
        fixable=safeties["safe"],
        unsafely_fixable=safeties["unsafe"],
        bibliographies=tuple(bibliographies),
        affected_bibliographies=others,
        known=known,
        stale=stale,
        unfollowed=tuple(unfollowed),
        unread_kinds=unread_kinds,
    )


_OTHER_KINDS = (".qmd", ".mdx", ".rmd", ".rmarkdown")
_PAGES = (".md", ".markdown", *_OTHER_KINDS)


def _parted(paths: Iterable[str]) -> tuple[int, int]:
    """Return the number of different pages and of bibliography files among the paths."""
    files = {path for path in paths if path}
    pages = sum(path.lower().endswith(_PAGES) for path in files)
    return pages, len(files) - pages


def places(paths: Iterable[str]) -> str:
    """Return how many files there are, by kind: "2 pages", "30 pages and 1 bibliography".

    >>> places(["a.md", "b.md", "a.md"]), places(["a.md", "x.bib", "y.bib"]), places(["x.bib"])
    ('2 pages', '1 page and 2 bibliographies', '1 bibliography')
    """
    return _told(*_parted(paths))


def _told(pages: int, bibliographies: int) -> str:
    told = [count(pages, "page")] if pages or not bibliographies else []
    if bibliographies:
        told.append(count(bibliographies, "bibliography"))
    return " and ".join(told)


def render(summary: Summary) -> str:
    """Return the summary as text, one to three lines."""
    return "".join(f"{line}\n" for line in _lines(summary))


def _lines(summary: Summary) -> Iterator[str]:
    aside = ", ".join(
        part
        for part in (
            count(summary.pages, "page"),
            _unless_zero(summary.suppressed, "suppressed"),
            _unless_zero(summary.known, "in baseline"),
            _placeholders(summary.placeholders),
        )
        if part
    )
    fixed = f"Fixed {count(summary.fixed, 'problem')}. " if summary.fixed else ""
    if not summary.problems:
        nothing = "Nothing is left" if fixed else f"No {'new ' if summary.known else ''}problems found"
        nothing = "Nothing was checked: no address was asked for" if summary.unasked else nothing
        yield f"{fixed}{nothing} ({aside})." if summary.pages else "No problems found, for there are no pages."
    else:
        kinds = ((summary.errors, "error"), (summary.warnings, "warning"), (summary.infos, "info"))
        told = ", ".join(count(number, kind) for number, kind in kinds if number)
        where = f"{count(summary.problems, 'problem')} in {_told(summary.affected, summary.affected_bibliographies)}"
        yield f"{fixed}{'Left: ' if fixed else 'Found '}{where}: {told} ({aside})."
    if summary.fixable:
        more = f" ({summary.unsafely_fixable:,} more with --unsafe-fixes)" if summary.unsafely_fixable else ""
        yield f"{summary.fixable:,} can be repaired with --fix{more}."
    elif summary.unsafely_fixable:
        yield f"{summary.unsafely_fixable:,} can be repaired with --fix --unsafe-fixes."
    if summary.absent:
        first, further = visible(summary.absent[0]), len(summary.absent) - 1
        absent = f"{first} and {further:,} more are" if further else f"{first} is"
        yield (
            f"Links into submodules were not checked: {absent} not checked out"
            ' ("git submodule update --init", in CI "submodules: true").'
        )
    if summary.stale:
        are = "is" if summary.stale == 1 else "are"
        yield f'{summary.stale:,} in the baseline {are} stale: run "wikitools baseline prune".'
    if summary.unfollowed:
        yield unfollowed(summary.unfollowed)
    if summary.unread_kinds:
        yield summary.unread_kinds
    if summary.bibliographies:
        yield f"Bibliographies found: {_first(summary.bibliographies)}."


def unfollowed(paths: Sequence[str]) -> str:
    """Return the line about symbolic links that lead out of the repository."""
    named = _first(paths)
    if len(paths) == 1:
        return f"1 symbolic link points outside and was not followed: {named} (--follow-links follows it)."
    return f"{len(paths):,} symbolic links point outside and were not followed: {named} (--follow-links follows them)."


def unread_kinds(paths: Iterable[str]) -> str:
    """Return the line about files of other kinds of Markdown that are no pages, "" where there are none.

    >>> unread_kinds(["a.mdx", "b.mdx", "c.Rmd", "d.png"])
    '3 files (.mdx, .Rmd) are not read; "suffixes" in the configuration makes them pages.'
    """
    found = other_kinds(paths)
    if not found:
        return ""
    number = sum(found.values())
    told, makes = ("is", "it a page") if number == 1 else ("are", "them pages")
    return (
        f'{count(number, "file")} ({", ".join(found)}) {told} not read; "suffixes" in the configuration makes {makes}.'
    )


def other_kinds(paths: Iterable[str]) -> Counter[str]:
    """Return how the names of files of other kinds of Markdown end, each with the number of files."""
    return Counter(path[path.rindex(".") :] for path in paths if path.lower().endswith(_OTHER_KINDS))


def _first(paths: Sequence[str]) -> str:
    others = len(paths) - _NAMED
    return ", ".join(map(visible, paths[:_NAMED])) + (f" and {others:,} more" if others > 0 else "")


def count(number: int, thing: str) -> str:
    """Return the number with its noun: "1 page", "1,027 pages".

    >>> count(1, "page"), count(1027, "page"), count(2, "bibliography")
    ('1 page', '1,027 pages', '2 bibliographies')
    """
    if number == 1:
        return f"1 {thing}"
    return f"{number:,} {thing.removesuffix('y')}ies" if thing.endswith("y") else f"{number:,} {thing}s"


def _placeholders(number: int) -> str:
    """Return how many links were skipped, in words; "" for none.

    >>> _placeholders(1), _placeholders(2690)
    ('1 link is a placeholder', '2,690 links are placeholders')
    """
    is_one = number == 1
    return f"{count(number, 'link')} {'is a placeholder' if is_one else 'are placeholders'}" if number else ""


def _unless_zero(number: int, word: str) -> str:
    return f"{number:,} {word}" if number else ""


def rule_counts(diagnostics: Iterable[Diagnostic]) -> list[tuple[int, str, str, bool]]:
    """Return for each rule the number of findings, severity, name, and if it has fixes: errors first, then most."""
    found = tuple(diagnostics)
    counts = Counter((each.rule, str(each.severity)) for each in found)
    fixable = {each.rule for each in found if each.fix is not None}
    severities = [str(each) for each in Severity]
    rows = sorted(counts.items(), key=lambda row: (severities.index(row[0][1]), -row[1], row[0]))
    return [(number, severity, rule, rule in fixable) for (rule, severity), number in rows]


def render_statistics(diagnostics: Iterable[Diagnostic], *, style: Style | None = None) -> str:
    """Return the counts of the rules as a table."""
    paint = (style or Style()).paint
    rows = rule_counts(diagnostics)
    room = max((len(f"{number:,}") for number, *_ in rows), default=0)
    lines = [
        f"{number:>{room},}  {paint(severity, f'{severity:<7}')}  {rule}{'  (has fixes)' if fixable else ''}"
        for number, severity, rule, fixable in rows
    ]
    return "".join(f"{line}\n" for line in lines)
