"""The layout of `--help`: plain text, with options under the headings that they are declared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand

from wikitools.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEADINGS = (
    "Arguments",
    options.RULES,
    options.FIXES,
    options.FILES,
    options.ADOPTION,
    options.NETWORK,
    options.OUTPUT,
    options.RUN,
    "Options",
)


class GroupedCommand(TyperCommand):
    """A command whose help has one list of options for each heading."""

    def get_short_help_str(self, limit: int = 0) -> str:  # click cuts at the limit; the list wraps
        """Return the first paragraph of the help, which a list of commands shows whole."""
        return " ".join((self.help or "").strip().partition("\n\n")[0].split())

    # Typer's versions disagree about whose `Context` this is: its own copy of click's, or click's.
    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the lists."""
        rows: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            if (record := parameter.get_help_record(ctx)) is not None:
                rows.setdefault(_heading(parameter), []).append(record)
        for heading in _in_order(rows):
            with formatter.section(heading):
                formatter.write_dl(rows[heading])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples: each a line to type, below a line that says what it does."""
        from wikitools.cli.examples import EXAMPLES

        name = ctx.command_path.partition(" ")[2]
        with formatter.section("Examples"):
            for example in EXAMPLES[name]:
                formatter.write(f"  # {example.does}\n  wikitools {example.typed}\n")


def _heading(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return "Arguments"
    return getattr(parameter, "rich_help_panel", None) or "Options"


def _in_order(headings: Iterable[str]) -> list[str]:
    return sorted(headings, key=_HEADINGS.index)
