"""The options that commands share: each is declared once, with its help and the heading it stands under."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wikitools.report.formats import FORMATS, GROUPINGS

if TYPE_CHECKING:
    FormatName = str
    Grouping = str
else:
    FormatName = Literal[tuple(FORMATS)]
    Grouping = Literal[tuple(GROUPINGS)]

RULES = "Rules"
ADOPTION = "Adoption"
FIXES = "Fixes"
FILES = "Files"
OUTPUT = "Output"
RUN = "Run"

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PATHS]...",
        help="Pages and folders to report on. Default: everything.",
        show_default=False,
    ),
]
Select = Annotated[
    list[str] | None,
    typer.Option("--select", metavar="RULES", help="Run only these: names, groups, ALL.", rich_help_panel=RULES),
]
Ignore = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="RULES", help="Do not run these.", rich_help_panel=RULES)
]
ExtendSelect = Annotated[
    list[str] | None,
    typer.Option("--extend-select", metavar="RULES", help="Run these as well.", rich_help_panel=RULES),
]
FailOn = Annotated[
    Literal["any", "warning", "error", "never"] | None,
    typer.Option(
        "--fail-on",
        help="Exit with 1 when something of this severity or worse is found. Default: warning.",
        show_default=False,
        rich_help_panel=RULES,
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        help='Do not report what this file of "wikitools baseline" knows. "": report everything.',
        rich_help_panel=ADOPTION,
    ),
]
AddIgnore = Annotated[
    str | None,
    typer.Option(
        "--add-ignore",
        metavar="[=REASON]",
        help="Write a comment for everything that is found now, so that it is silent from now on.",
        rich_help_panel=ADOPTION,
    ),
]
FilesFrom = Annotated[
    str | None,
    typer.Option(
        "--files-from",
        metavar="FILE|-",
        help="Read more PATHS from a file, or standard input: one a line, or parted by NUL.",
        rich_help_panel=FILES,
    ),
]
StdinFilename = Annotated[
    str | None,
    typer.Option(
        "--stdin-filename",
        metavar="PATH",
        help="Report on this page, whose text comes from standard input. With --fix, print it repaired.",
        rich_help_panel=FILES,
    ),
]
Executor = Annotated[
    str,
    typer.Option(
        "--executor",
        metavar="dask://HOST:PORT",
        help="Have the pages read by a Dask cluster that sees the same files.",
        show_default=False,
        rich_help_panel=RUN,
    ),
]
Watch = Annotated[
    bool,
    typer.Option("--watch", help="Check again after every save, and say what it changed.", rich_help_panel=RUN),
]
ForceExclude = Annotated[
    bool,
    typer.Option("--force-exclude", help="Say nothing about PATHS that are left out.", rich_help_panel=FILES),
]
RequireClean = Annotated[
    bool,
    typer.Option("--require-clean", help="Repair nothing while git has uncommitted changes.", rich_help_panel=FIXES),
]
Fix = Annotated[bool, typer.Option("--fix", help="Repair what can be repaired safely.", rich_help_panel=FIXES)]
UnsafeFixes = Annotated[
    bool, typer.Option("--unsafe-fixes", help="Also take repairs that guess what was meant.", rich_help_panel=FIXES)
]
Diff = Annotated[bool, typer.Option("--diff", help="Show what would change and write nothing.", rich_help_panel=FIXES)]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="PATTERN",
        help="Leave these pages out of the wiki (.gitignore syntax).",
        rich_help_panel=FILES,
    ),
]
OutputFormat = Annotated[
    FormatName | None,
    typer.Option(
        "--output-format", help="How findings are shown. Default: full.", show_default=False, rich_help_panel=OUTPUT
    ),
]
Reports = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="FORMAT=PATH",
        help="Write the findings to a file as well; may be given several times.",
        rich_help_panel=OUTPUT,
    ),
]
GroupBy = Annotated[
    Grouping | None,
    typer.Option(
        "--group-by",
        help="What the format grouped puts together. Default: page.",
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]
Hyperlinks = Annotated[
    Literal["auto", "always", "never"],
    typer.Option("--hyperlinks", help="Make places links, where the terminal can.", rich_help_panel=OUTPUT),
]
Index = Annotated[
    Literal["auto", "git", "disk"],
    typer.Option(
        "--index",
        envvar="WIKITOOLS_INDEX",
        help="Which files make up the wiki: those that git tracks, or those in the folder. auto: git's in a hook.",
        show_envvar=False,
        rich_help_panel=FILES,
    ),
]
Staged = Annotated[
    bool,
    typer.Option(
        "--staged",
        help="Check what is staged for the next commit: the staged pages, and what they break elsewhere.",
        rich_help_panel=FILES,
    ),
]
Changed = Annotated[
    bool,
    typer.Option(
        "--changed",
        help="Report on pages that changed since the main branch, and on what they break elsewhere.",
        rich_help_panel=FILES,
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="REF",
        help="With --changed: since this branch or commit parted from what is checked out.",
        show_default=False,
        rich_help_panel=FILES,
    ),
]
NewSince = Annotated[
    str | None,
    typer.Option(
        "--new-since",
        metavar="REF",
        help="Report only what this commit did not have yet.",
        show_default=False,
        rich_help_panel=FILES,
    ),
]
Statistics = Annotated[
    bool, typer.Option("--statistics", help="Count by rule instead of listing.", rich_help_panel=OUTPUT)
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Only the findings: no summary, no warnings.", rich_help_panel=OUTPUT)
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Say what is read and how long it takes.", rich_help_panel=OUTPUT)
]
Color = Annotated[
    Literal["auto", "always", "never"], typer.Option("--color", help="Colour the output.", rich_help_panel=OUTPUT)
]
NoProgress = Annotated[bool, typer.Option("--no-progress", help="No progress bar.", rich_help_panel=OUTPUT)]
Config = Annotated[
    list[str] | None,
    typer.Option(
        "--config",
        metavar="PATH|KEY=VALUE",
        help="Use this configuration file, or set one value.",
        rich_help_panel=RUN,
    ),
]
Isolated = Annotated[bool, typer.Option("--isolated", help="Look for no configuration file.", rich_help_panel=RUN)]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        metavar="N",
        envvar="WIKITOOLS_JOBS",
        help="Processes to work with. Default: one per processor.",
        show_default=False,
        show_envvar=False,
        rich_help_panel=RUN,
    ),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Read every page anew.", rich_help_panel=RUN)]
CacheDir = Annotated[
    str | None,
    typer.Option(
        "--cache-dir",
        metavar="DIR",
        envvar="WIKITOOLS_CACHE_DIR",
        help="Where the cache is. Default: .wikitools_cache in the wiki.",
        show_default=False,
        show_envvar=False,
        rich_help_panel=RUN,
    ),
]
ExitZero = Annotated[
    bool, typer.Option("--exit-zero", help="Exit with 0 even when something is found.", rich_help_panel=RUN)
]


def split(values: list[str] | None) -> list[str] | None:
    """Return the names of a repeatable option whose values are comma lists; `None` when it was not given."""
    if values is None:
        return None
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


def absolute(path: str | None) -> str | None:
    """Return a path given on the command line, which is relative to the current folder; "" and `None` stay."""
    import os

    return os.path.abspath(path) if path else path
