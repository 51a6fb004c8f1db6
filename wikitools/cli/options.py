"""The options that commands share, each declared once with its help text and its heading."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from wikitools.records import dataclass
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
NETWORK = "Network"
OUTPUT = "Output"
RUN = "Run"


def _under(heading: str) -> Callable[..., Any]:
    """Return a function that declares options under this heading of the help."""
    return partial(typer.Option, rich_help_panel=heading)


_rules, _adoption, _fixes, _files = _under(RULES), _under(ADOPTION), _under(FIXES), _under(FILES)
_network, _output, _run = _under(NETWORK), _under(OUTPUT), _under(RUN)

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PATHS]...", help="Pages and folders to report on. Default: everything.", show_default=False
    ),
]
Select = Annotated[list[str] | None, _rules("--select", metavar="RULES", help="Run only these: names, groups, ALL.")]
Ignore = Annotated[list[str] | None, _rules("--ignore", metavar="RULES", help="Do not run these.")]
ExtendSelect = Annotated[list[str] | None, _rules("--extend-select", metavar="RULES", help="Run these as well.")]
FailOn = Annotated[
    Literal["any", "warning", "error", "never"] | None,
    _rules(
        "--fail-on",
        help="Exit with 1 if a finding has this severity or a higher one. Default: warning.",
        show_default=False,
    ),
]
MinSeverity = Annotated[
    Literal["info", "warning", "error"],
    _rules(
        "--min-severity",
        help="Report only findings with this severity or a higher one; only they count for the exit code.",
    ),
]
Baseline = Annotated[
    str | None,
    _adoption(
        "--baseline",
        metavar="FILE",
        help='Do not report findings in this file of "wikitools baseline". "" reports everything.',
    ),
]
AddIgnore = Annotated[
    str | None,
    _adoption(
        "--add-ignore",
        metavar="[=REASON]",
        help="Write a comment for each finding that silences it from now on.",
    ),
]
FilesFrom = Annotated[
    str | None,
    _files(
        "--files-from",
        metavar="FILE|-",
        help="Read more PATHS from a file or standard input: one per line, or separated by NUL.",
    ),
]
StdinFilename = Annotated[
    str | None,
    _files(
        "--stdin-filename",
        metavar="PATH",
        help="Report on this page, but read its text from standard input. With --fix, print the repaired text.",
    ),
]
Executor = Annotated[
    str,
    _run(
        "--executor",
        metavar="dask://HOST:PORT",
        help='Read the pages on a Dask cluster that sees the same files. Needs the extra "dask".',
        show_default=False,
    ),
]
Watch = Annotated[
    bool, _run("--watch", help='Check again after every save, and show what changed. Needs the extra "watch".')
]
ForceExclude = Annotated[bool, _files("--force-exclude", help="Apply excludes to PATHS as well.")]
RequireClean = Annotated[bool, _fixes("--require-clean", help="Repair nothing while git has uncommitted changes.")]
Fix = Annotated[bool, _fixes("--fix", help="Repair what can be repaired safely.")]
UnsafeFixes = Annotated[bool, _fixes("--unsafe-fixes", help="Also make repairs that guess what you meant.")]
Diff = Annotated[bool, _fixes("--diff", help="Show what would change and write nothing.")]
Exclude = Annotated[
    list[str] | None,
    _files("--exclude", metavar="PATTERN", help="Leave these pages out of the wiki (.gitignore syntax)."),
]
FollowLinks = Annotated[
    bool,
    _files(
        "--follow-links",
        help="Follow symbolic links that point outside the repository (outside the wiki if there is none).",
    ),
]
OutputFormat = Annotated[
    FormatName | None, _output("--output-format", help="Format of the findings. Default: full.", show_default=False)
]
Reports = Annotated[
    list[str] | None,
    _output(
        "--report", metavar="FORMAT=PATH", help="Write the findings to a file as well; may be given several times."
    ),
]
OutputFile = Annotated[
    str | None,
    _output(
        "--output-file",
        "-o",
        metavar="FILE",
        help="Write a report to this file too, in the format of its suffix: .sarif, .json, .jsonl, .xml, .md, .txt.",
    ),
]
GroupBy = Annotated[
    Grouping | None,
    _output("--group-by", help="What the format grouped groups by. Default: page.", show_default=False),
]
Hyperlinks = Annotated[
    Literal["auto", "always", "never"],
    _output("--hyperlinks", help="Show locations as links if the terminal supports them."),
]
Offline = Annotated[bool, _network("--offline", help="Use only remembered answers, of any age.")]
MaxTime = Annotated[
    str | None,
    _network(
        "--max-time", metavar="TIME", help="Stop after this time (90s, 10m, 1h); the next run continues with the rest."
    ),
]
Index = Annotated[
    Literal["auto", "git", "disk"],
    _files(
        "--index",
        envvar="WIKITOOLS_INDEX",
        help="Which files make up the wiki: those that git tracks, or those in the folder. auto: git's in a hook.",
        show_envvar=False,
    ),
]
Staged = Annotated[
    bool,
    _files(
        "--staged", help="Check what is staged for the next commit: the staged pages, and what they break elsewhere."
    ),
]
Changed = Annotated[
    bool,
    _files("--changed", help="Report on pages that changed since the main branch, and on what they break elsewhere."),
]
Since = Annotated[
    str | None,
    _files(
        "--since",
        metavar="REF",
        help="With --changed: pages that changed since your branch diverged from this branch or commit.",
        show_default=False,
    ),
]
NewSince = Annotated[
    str | None,
    _files(
        "--new-since", metavar="REF", help="Report only findings that this commit does not have.", show_default=False
    ),
]
ErrorOnEmpty = Annotated[
    bool,
    _files("--error-on-empty", help="Exit with 2 if there is no page to report on."),
]
ShowFiles = Annotated[bool, _files("--show-files", help="List the files that the run would report on; check nothing.")]
Statistics = Annotated[bool, _output("--statistics", help="Count the findings of each rule instead of listing them.")]
Quiet = Annotated[bool, _output("--quiet", "-q", help="Print only findings: no summary, no warnings.")]
Verbose = Annotated[
    bool, _output("--verbose", "-v", help="Show every finding, even equal ones, what is read, and how long it takes.")
]
Color = Annotated[Literal["auto", "always", "never"], _output("--color", help="Colour the output.")]
NoProgress = Annotated[bool, _output("--no-progress", help="Show no progress bar.")]
Config = Annotated[
    list[str] | None, _run("--config", metavar="PATH|KEY=VALUE", help="Use this configuration file, or set one value.")
]
Isolated = Annotated[bool, _run("--isolated", help="Ignore configuration files and variables.")]
Jobs = Annotated[
    int | None,
    _run(
        "--jobs",
        "-j",
        min=1,
        metavar="N",
        envvar="WIKITOOLS_JOBS",
        help="Number of processes. Default: one per processor.",
        show_default=False,
        show_envvar=False,
    ),
]
NoCache = Annotated[bool, _run("--no-cache", help="Read every page again instead of using the cache.")]
CacheDir = Annotated[
    str | None,
    _run(
        "--cache-dir",
        metavar="DIR",
        envvar="WIKITOOLS_CACHE_DIR",
        help="Folder of the cache. Default: wikitools in your cache folder.",
        show_default=False,
        show_envvar=False,
    ),
]
ExitZero = Annotated[bool, _run("--exit-zero", help="Exit with 0 even if there are findings.")]


@dataclass(frozen=True, slots=True)
class Reporting:
    """How findings are reported: the options of each command that reports them (`reads_wiki` declares these)."""

    output_format: OutputFormat = None
    report: Reports = None
    output_file: OutputFile = None
    group_by: GroupBy = None
    hyperlinks: Hyperlinks = "auto"
    statistics: Statistics = False
    exit_zero: ExitZero = False


def split(values: list[str] | None) -> list[str] | None:
    """Return the names of a repeatable option whose values are comma-separated lists; `None` if it was not given."""
    if values is None:
        return None
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


def absolute(path: str | None) -> str | None:
    """Return a path given on the command line, which is relative to the current folder; "" and `None` stay."""
    import os

    return os.path.abspath(path) if path else path
