"""The options that commands share: each is declared once, with its help and the heading it stands under."""

from typing import Annotated, Literal

import typer

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
