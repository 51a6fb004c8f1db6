"""Where findings go: standard output in one format, files in others, and GitHub's job summary."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from wikitools import files
from wikitools.cli.terminal import columns, complain, fail, output_style, warn, write
from wikitools.records import dataclass
from wikitools.report.formats import COUNTING, FORMATS, renderer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wikitools.cli.options import Reporting
    from wikitools.cli.startup import AskedWiki
    from wikitools.report.report import Report

_STDOUT = "-"


@dataclass(frozen=True, slots=True)
class Output:
    """The options for the output of findings."""

    stdout: str = "full"
    """The format on standard output."""
    files: tuple[tuple[str, str], ...] = ()
    """Further reports: format and path."""
    group_by: str = "page"
    statistics: bool = False
    hyperlinks: str = "auto"


def plan(reporting: Reporting, *, diff: bool = False, by_host: bool = False) -> Output:
    """Return what the options ask for; ends the run with exit code 2 if that is impossible.

    With `by_host`, findings are grouped by host unless the options ask for something else.
    """
    output_format, group_by, statistics = reporting.output_format, reporting.group_by, reporting.statistics
    reports = [*(reporting.report or ()), *(_by_suffix(each) for each in (reporting.output_file,) if each)]
    asked = [_asked(each) for each in reports]
    if asked and diff:
        fail("--report has nothing to write with --diff", "a patch is not a report")
    _check_places(asked)
    piped = [name for name, path in asked if path == _STDOUT]
    if piped and output_format is not None:
        fail(f"--report {piped[0]}=-: standard output is already used by --output-format {output_format}")
    stdout = output_format or next(iter(piped), "grouped" if group_by or by_host else "full")
    to_files = tuple((name, path) for name, path in asked if path != _STDOUT)
    names = (stdout, *(name for name, _ in to_files))
    if group_by and "grouped" not in names:
        fail(f"--group-by {group_by} is for the format grouped", f"not for {', '.join(names)}")
    uncounted = [name for name in names if statistics and name not in COUNTING]
    if uncounted:
        fail(f"--statistics is not for the format {uncounted[0]}", f"for {', '.join(sorted(COUNTING))}")
    return Output(stdout, to_files, group_by or ("host" if by_host else "page"), statistics, reporting.hyperlinks)


_SUFFIXES = {suffix: name for name, each in FORMATS.items() for suffix in each.suffixes}
"""The format of a file, by its suffix."""


def _by_suffix(path: str) -> str:
    """Return the report that `-o PATH` asks for, as `--report` writes it."""
    name = next((name for suffix, name in _SUFFIXES.items() if path.lower().endswith(suffix)), "")
    if not name:
        way = f"--output-format {path} sets the format" if path in FORMATS else "--report FORMAT=PATH takes any name"
        if path.lower().endswith((".html", ".htm")):
            way = f'"wikitools report -o {path}" writes a report in HTML'
        fail(f"-o {path}: no format has this suffix ({', '.join(_SUFFIXES)})", way)
    return f"{name}={path}"


def _asked(report: str) -> tuple[str, str]:
    name, equals, path = report.partition("=")
    if not equals or not path:
        fail(f"--report {report}: write FORMAT=PATH", f"formats: {', '.join(FORMATS)}")
    if name not in FORMATS:
        from wikitools.wiki.resolution import nearest

        near = nearest(name, tuple(FORMATS), limit=1, cutoff=60.0)
        guess = f'; did you mean "{near[0]}"?' if near else ""
        fail(f'--report {report}: no format is named "{name}"{guess}', f"formats: {', '.join(FORMATS)}")
    return name, path


def _check_places(reports: Sequence[tuple[str, str]]) -> None:
    taken: dict[str, str] = {}
    for name, path in reports:
        place = path if path == _STDOUT else files.resolve(path)
        if place in taken:
            where = "standard output" if path == _STDOUT else path
            fail(f"--report {name}={path}: {where} is already used by --report {taken[place]}")
        taken[place] = f"{name}={path}"
        if path == _STDOUT:
            continue
        if os.path.isdir(place):
            fail(f"--report {name}={path}: {path} is a folder")
        if not os.path.isdir(os.path.dirname(place)):
            fail(f"--report {name}={path}: there is no folder {os.path.dirname(path)}")


def check_overwriting(output: Output, wiki: AskedWiki) -> None:
    """End the run with exit code 2 if a report would overwrite a file of the wiki or be written through a link."""
    from wikitools.report.markdown import MARK

    places = {}
    for name, path in output.files:
        try:
            files.refuse_links(path, wiki.settings.root)
        except files.FileError as error:
            fail(f"--report {name}={error}", "delete the link, or name the file itself")
        places[files.resolve(path)] = f"{name}={path}"
    if not places:
        return
    inventory = wiki.workspace.inventory
    for path in (*inventory.pages, *inventory.bibliographies):
        place = files.resolve(os.path.join(wiki.settings.root, path))
        if place in places and not wiki.workspace.text_of(path).startswith(MARK):
            fail(f"--report {places[place]}: that is a file of the wiki; not overwritten")


def _located(report: Report, wiki: AskedWiki) -> Report:
    """Return the report with its paths as people, Git hosts and terminals need them."""
    root = os.fspath(wiki.settings.root)
    return replace(report, data_of=wiki.data_of, shown=wiki.shown, placed=_placer(root), address=_addresser(root))


def _placer(root: str) -> Callable[[str], str]:
    """Return a function that makes paths relative to the repository; without one, to the current folder or the wiki."""
    here = os.getcwd()
    base = files.find_repository(root) or (here if _is_below(root, here) else root)
    prefix = os.path.relpath(root, base).replace(os.sep, "/")

    def placed(path: str) -> str:
        if os.path.isabs(path):
            inside = _is_below(path, base)
            return os.path.relpath(path, base).replace(os.sep, "/") if inside else path.replace(os.sep, "/")
        return path if prefix == "." else f"{prefix}/{path}"

    return placed


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _addresser(root: str) -> Callable[[str], str]:
    def address(path: str) -> str:
        place = os.path.join(root, path).replace(os.sep, "/")
        return f"file://{quote(place.encode('utf-8', 'surrogateescape'), safe='/')}"

    return address


def write_reports(output: Output, report: Report, wiki: AskedWiki) -> bool:
    """Write the report to all outputs; return false, after an error message, if a file could not be written.

    Files are written first, so that they are complete even if the reader of standard output stops.
    """
    report = replace(_located(report, wiki), group_by=output.group_by, statistics=output.statistics)
    whole = True
    for name, path in output.files:
        try:
            files.make_file(path, renderer(name)(report), root=wiki.settings.root)
        except files.FileError as error:
            complain(f"--report {name}={error}")
            whole = False
    if "github" in (output.stdout, *(name for name, _ in output.files)):
        _summarise_job(report)
    kind = FORMATS[output.stdout]
    if kind.for_people:
        wide = columns(otherwise=0)
        report = replace(
            report,
            style=output_style(output.hyperlinks),
            columns=wide or report.columns,
            fold=0 if output.stdout == "concise" else wide,
        )
    write(renderer(output.stdout)(report), exact=not kind.for_people)
    return whole


def _summarise_job(report: Report) -> None:
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    from wikitools.report.github import SUMMARY_SIZE
    from wikitools.report.markdown import render

    # The limit is that of the file, to which other programs of the same step may have written already.
    room = SUMMARY_SIZE - files.size_of(path)
    try:
        files.append(path, "".join(_bounded(render(report, limit=room), room)))
    except files.FileError as error:
        warn(f"no job summary: {error}")


def _bounded(pieces: Iterator[str], room: int) -> Iterator[str]:
    """Yield the pieces as long as there is room."""
    for piece in pieces:
        room -= len(piece.encode("utf-8", "backslashreplace"))
        if room < 0:
            return
        yield piece
