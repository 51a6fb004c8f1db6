"""`wikitools baseline`: records known findings, so that only new ones fail."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wikitools.cli import options
from wikitools.cli.help import GroupedCommand
from wikitools.cli.request import Request, reads_wiki
from wikitools.cli.startup import AskedWiki, open_wiki
from wikitools.cli.terminal import columns, fail, note, output_style, write
from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from wikitools.config import Settings
    from wikitools.lint.baseline import Comparison
    from wikitools.lint.fix.proof import Key
    from wikitools.lint.run import Outcome

baseline = typer.Typer(
    name="baseline",
    help="Record the current findings, so that lint fails only on new ones.",
    short_help="Record the current findings; lint then fails only on new ones.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

File = Annotated[
    str | None,
    typer.Argument(
        metavar="[FILE]",
        help='The baseline. Default: what the setting "baseline" names, wikitools-baseline.json next to the '
        "configuration otherwise.",
        show_default=False,
    ),
]
Urls = Annotated[
    bool, typer.Option("--urls", help="Record what urls reports as well, by the answers that it remembers.")
]
Registries = Annotated[
    bool, typer.Option("--registries", help="Record what bib verify reports as well, by the answers that it remembers.")
]
Check = Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 if something would change.")]


@baseline.command(name="create", cls=GroupedCommand)
@reads_wiki
def create(
    asked: Request,
    file: File = None,
    urls: Urls = False,
    registries: Registries = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing baseline.")] = False,
) -> None:
    """Record all findings of the wiki, each with page, rule and subject, in a new file.

    From then on, lint uses it: under its default name if it exists, under another name if the configuration names it.
    """
    wiki = open_wiki(asked)
    place = _place(wiki, file)
    _check_place(wiki, place, typed=bool(file))
    if place.exists() and not force:
        fail(f"{_shown(place)} already exists", '"wikitools baseline update" updates it, --force replaces it')
    found = _findings(wiki, urls=urls, registries=registries)
    _write(wiki, place, found)
    _say(wiki, f"Wrote {_shown(place)}: {_told(found)}.")
    if not _is_configured(wiki.settings, place):
        _say(
            wiki, f"To use it: lint --baseline {place.name}, or in the configuration: baseline = {_quoted(wiki, place)}"
        )


@baseline.command(name="update", cls=GroupedCommand)
@reads_wiki
def update(
    asked: Request, file: File = None, urls: Urls = False, registries: Registries = False, check: Check = False
) -> None:
    """Update the baseline to the current findings: add new ones, remove old ones."""
    from wikitools.lint.baseline import changes

    wiki = open_wiki(asked)
    place, entries = _existing(wiki, file, writes=not check)
    found = _findings(wiki, keep=entries, urls=urls, registries=registries)
    added, gone = changes(entries, found)
    _finish(wiki, place, found, f"{added:,} added, {gone:,} removed", changed=found != entries, check=check)


@baseline.command(name="prune", cls=GroupedCommand)
@reads_wiki
def prune(asked: Request, file: File = None, check: Check = False) -> None:
    """Remove entries that are no longer found. Nothing is added, so new findings stay visible."""
    wiki = open_wiki(asked)
    place, entries = _existing(wiki, file, writes=not check)
    compared = _compared(wiki, entries)
    gone = sum(compared.stale.values())
    moved = f", {len(compared.moved):,} of its pages renamed" if compared.moved else ""
    pruned = dict(compared.pruned)
    _finish(wiki, place, pruned, f"{gone:,} removed{moved}", changed=pruned != entries, check=check)


@baseline.command(name="show", cls=GroupedCommand)
@reads_wiki
def show(
    asked: Request,
    file: File = None,
    output_format: Annotated[
        Literal["table", "json"],
        typer.Option("--output-format", help="Format of the baseline.", rich_help_panel=options.OUTPUT),
    ] = "table",
) -> None:
    """Show the entries of the baseline by rule, and which are stale."""
    wiki = open_wiki(asked)
    place, entries = _existing(wiki, file)
    compared = _compared(wiki, entries)
    if output_format == "json":
        write(_as_json(place, entries, compared), exact=True)
    else:
        # In a pipe, nothing is cut.
        whole = wiki.request.verbose or not columns(0)
        write(_as_table(place, entries, compared, whole=whole, quiet=wiki.request.quiet))


# What lint does with it


@dataclass(frozen=True, slots=True)
class Sifted:
    """The findings of a run that are not in the baseline."""

    outcome: "Outcome"
    known: int = 0
    stale: int = 0


def without_known(wiki: AskedWiki, outcome: "Outcome") -> Sifted:
    """Return the findings that are not in the baseline, if there is one.

    A broken baseline ends the run with exit code 2.
    """
    import os
    from dataclasses import replace

    settings = wiki.settings
    place = _place(wiki, None)
    if not settings.baseline or (not os.path.lexists(place) and settings.origin("baseline") == "default"):
        return Sifted(outcome)
    if wiki.request.isolated and settings.origin("baseline") == "default":
        return Sifted(outcome)
    _check_readable(wiki, place)
    if not place.exists():
        hint = f'"wikitools baseline create {place.name}" makes it'
        fail(f"{settings.origin('baseline')}: no such baseline: {settings.baseline}", hint)
    compared = _compare(wiki, outcome, _read(wiki, place))
    new = replace(outcome, diagnostics=compared.new)
    return Sifted(new, len(compared.known), sum(compared.stale.values()))


def _compare(wiki: AskedWiki, outcome: "Outcome", entries: "Mapping[Key, int]") -> "Comparison":
    from wikitools.lint.baseline import compare
    from wikitools.lint.rule import load_rules

    facts = wiki.workspace.facts
    return compare(
        outcome,
        entries,
        files=(*facts.wiki.pages, *facts.texts),
        rules=load_rules(),
        root=wiki.settings.root.as_posix(),
        asked=wiki.asked,
    )


# Files


def _place(wiki: AskedWiki, file: str | None) -> "Path":
    """Return the path of the baseline: the given file (from the current folder), else that of the settings."""
    import os
    from pathlib import Path

    from wikitools.config import BASELINE

    if file:
        return Path(os.path.abspath(file))
    named = os.path.expanduser(wiki.settings.baseline or BASELINE)
    return Path(os.path.normpath(wiki.settings.folder / named))


def _shown(place: "Path") -> str:
    """Return the path of a baseline from the current folder."""
    from pathlib import Path

    here = Path.cwd()
    return str(place.relative_to(here) if place.is_relative_to(here) else place)


def _existing(wiki: AskedWiki, file: str | None, *, writes: bool = False) -> "tuple[Path, dict[Key, int]]":
    place = _place(wiki, file)
    if writes:
        _check_place(wiki, place, typed=bool(file))
    _check_readable(wiki, place, typed=bool(file))
    if not place.exists():
        fail(f"{_shown(place)}: no such baseline", '"wikitools baseline create" makes one')
    return place, _read(wiki, place, typed=bool(file))


_LARGEST = 100_000_000
"""The most bytes of a baseline: enough for 500,000 findings."""


def _check_readable(wiki: AskedWiki, place: "Path", *, typed: bool = False) -> None:
    """End the run with exit code 2 if the configuration names a baseline that must not be read."""
    from wikitools import files
    from wikitools.cli.startup import or_fail

    settings = wiki.settings
    anywhere = typed or "baseline" in settings.anywhere
    or_fail(
        lambda: files.locate_named(
            settings.root, str(place), _shown(place), anywhere=anywhere, follow_links=settings.follow_links
        )
    )


def _read(wiki: AskedWiki, place: "Path", *, typed: bool = False) -> "dict[Key, int]":
    from wikitools import files
    from wikitools.cli.startup import or_fail
    from wikitools.lint.baseline import BaselineError, read_baseline

    settings = wiki.settings
    text = or_fail(
        lambda: files.read_named(
            settings.root,
            str(place),
            limit=_LARGEST,
            anywhere=typed or "baseline" in settings.anywhere,
            follow_links=settings.follow_links,
        )
    )
    try:
        return read_baseline(text)
    except BaselineError as error:
        fail(f"{_shown(place)}:{error}", '"wikitools baseline create --force" makes it anew')


def _write(wiki: AskedWiki, place: "Path", entries: "Mapping[Key, int]") -> None:
    from wikitools import files
    from wikitools.lint.baseline import render_baseline

    try:
        files.make_file(str(place), [render_baseline(entries)], root=wiki.settings.root)
    except files.FileError as error:
        fail(str(error))


def _check_place(wiki: AskedWiki, place: "Path", *, typed: bool) -> None:
    """End the run with exit code 2 if no baseline may be written there, before findings are computed.

    A baseline is never written through a symbolic link. If the wiki's configuration names it, it is not written outside
    of the repository or among git's own files either, because strangers may have written the configuration.
    """
    from wikitools import files

    settings = wiki.settings
    try:
        files.refuse_links(str(place), settings.root)
    except files.FileError as error:
        fail(str(error), "delete the link, or name the file itself")
    origin = settings.origin("baseline")
    if not typed and not origin.startswith(_YOURS) and not _is_inside(wiki, place):
        fail(
            f"{origin}: {settings.baseline} leads out of the repository; not written",
            "to write it anyway, name the file on the command line",
        )


_YOURS = ("--", "WIKITOOLS_")
"""How the origins of settings begin that are not files: options and variables."""


def _is_inside(wiki: AskedWiki, place: "Path") -> bool:
    """Say whether a file is in the wiki's repository or next to its configuration, and not in git's folder."""
    import os
    from pathlib import Path

    from wikitools import files

    settings = wiki.settings
    here = Path(os.path.realpath(place.parent), place.name)
    grounds = (files.find_repository(str(settings.root)) or settings.root, settings.folder)
    return any(
        here.is_relative_to(ground) and ".git" not in (part.lower() for part in here.relative_to(ground).parts)
        for ground in map(os.path.realpath, grounds)
    )


def _is_configured(settings: "Settings", place: "Path") -> bool:
    return bool(settings.baseline) and settings.folder / settings.baseline == place


def _quoted(wiki: AskedWiki, place: "Path") -> str:
    import os

    from wikitools.cli.init import toml

    return toml(os.path.relpath(place, wiki.settings.folder).replace(os.sep, "/"))


def _finish(
    wiki: AskedWiki, place: "Path", entries: "Mapping[Key, int]", what: str, *, changed: bool, check: bool
) -> None:
    """Write the baseline, or with `check` only say how it would change; ends the run."""
    if not changed:
        _say(wiki, f"Nothing to change in {_shown(place)}: {_told(entries)}.")
    elif check:
        _say(wiki, f"Would change {_shown(place)}: {what}.")
        raise typer.Exit(1)
    else:
        _write(wiki, place, entries)
        _say(wiki, f"Wrote {_shown(place)}: {what}; now {_told(entries)}.")


def _say(wiki: AskedWiki, line: str) -> None:
    if not wiki.request.quiet:
        note(line)


# Findings


def _findings(
    wiki: AskedWiki, keep: "Mapping[Key, int] | None" = None, *, urls: bool, registries: bool
) -> "dict[Key, int]":
    """Return the findings, and those entries in `keep` whose rules could not run here.

    With `urls` and `registries` also those of `urls` and `bib verify`, by the answers that are remembered.
    """
    from wikitools.cli import ask_registries, ask_urls
    from wikitools.lint.baseline import count_findings
    from wikitools.lint.rule import load_rules

    outcome = _outcome(wiki)
    found = [*outcome.diagnostics]
    found += ask_urls.remembered_findings(wiki) if urls else ()
    found += ask_registries.remembered_findings(wiki) if registries else ()
    skipped = {each.rule for each in outcome.skipped}
    for name, rule in load_rules().items():
        if (rule.needs_web and not urls) or (rule.needs_registries and not registries):
            skipped.add(name)
    kept = {key: count for key, count in (keep or {}).items() if key[1] in skipped}
    return {**kept, **count_findings(found, wiki.settings.root.as_posix())}


def _compared(wiki: AskedWiki, entries: "Mapping[Key, int]") -> "Comparison":
    return _compare(wiki, _outcome(wiki), entries)


def _outcome(wiki: AskedWiki) -> "Outcome":
    """Return what lint finds; ends the run if a rule fails, because a baseline without its findings would be wrong."""
    from wikitools.cli.run_rules import end, find_all

    outcome = find_all(wiki)
    if outcome.failures:
        end(2, outcome)
    return outcome


def _told(entries: "Mapping[Key, int]") -> str:
    from wikitools.report.summary import count, places

    return f"{count(sum(entries.values()), 'finding')} in {places(page for page, _, _ in entries)}"


def _as_json(place: "Path", entries: "Mapping[Key, int]", compared: "Comparison") -> str:
    from wikitools.report.json import dumps

    rows = [
        {
            "page": page,
            "rule": rule,
            "subject": subject,
            "count": count,
            "stale": compared.stale.get((page, rule, subject), 0),
        }
        for (page, rule, subject), count in sorted(entries.items())
    ]
    data = {"version": 1, "file": str(place), "findings": rows, "moved": dict(compared.moved)}
    return dumps(data, indent=2) + "\n"


_LISTED = 50
"""How many entries are listed without -v."""


def _as_table(
    place: "Path", entries: "Mapping[Key, int]", compared: "Comparison", *, whole: bool, quiet: bool
) -> "Iterator[str]":
    """Yield the entries by page and, unless `quiet`, the renamed pages and the number of entries of each rule."""
    from collections import Counter

    from wikitools.report.screen import visible

    style = output_style()
    rows = sorted(entries.items()) if whole else sorted(entries.items())[:_LISTED]
    for (page, rule, subject), number in rows:
        times = f" ({number:,} times)" if number > 1 else ""
        over = compared.stale.get((page, rule, subject), 0)
        gone = style.paint("warning", " stale" if over == number else f" {over:,} stale") if over else ""
        yield f"{visible(page)}: {visible(rule)} {visible(subject)}{times}{gone}\n"
    if len(rows) < len(entries):
        yield f"and {len(entries) - len(rows):,} more; -v lists all\n"
    if quiet:
        return
    if rows:
        yield "\n"
    counts, stale, pages = Counter[str](), Counter[str](), Counter[str]()
    for (_page, rule, _subject), count in entries.items():
        counts[rule] += count
    for (_page, rule, _subject), count in compared.stale.items():
        stale[rule] += count
    pages.update(rule for _page, rule in {(page, rule) for page, rule, _ in entries})
    room = max([len(f"{number:,}") for number in counts.values()], default=0)
    names = max([len(rule) for rule in counts], default=0)
    for rule, number in sorted(counts.items(), key=lambda row: (-row[1], row[0])):
        files = f"{pages[rule]:,} {'file' if pages[rule] == 1 else 'files'}"
        gone = style.paint("warning", f", {stale[rule]:,} stale") if stale[rule] else ""
        yield f"{number:>{room},}  {visible(rule):<{names}}  in {files}{gone}\n"
    for before, now in sorted(compared.moved.items()):
        yield f"{visible(before)} is now {visible(now)}\n"
    total = sum(compared.stale.values())
    hint = f'; {total:,} stale: run "wikitools baseline prune"' if total else ""
    yield f"{_told(entries)}{hint} ({visible(_shown(place))}).\n"
