"""`wikitools config`: shows the settings of a run and where each comes from, and the schema of the file."""

# Typer reads the annotations when the program runs, so they are not postponed here.

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from wikitools.cli import options
from wikitools.cli.help import GroupedCommand
from wikitools.cli.request import Request
from wikitools.cli.startup import find_settings
from wikitools.cli.terminal import choose_colour, fail, output_style, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.config import Key, Settings
    from wikitools.report.ansi import Style

config = typer.Typer(
    name="config",
    help="Show the settings of a run, or the schema of the configuration file.",
    short_help="Show the configuration.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@config.command(name="show", cls=GroupedCommand)
def show(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    folder: Annotated[
        str, typer.Argument(metavar="[FOLDER]", help="A folder of the wiki. Default: the current one.")
    ] = ".",
    changed: Annotated[
        bool,
        typer.Option("--changed", help="Show only settings that are not the default.", rich_help_panel=options.OUTPUT),
    ] = False,
    output_format: Annotated[
        Literal["toml", "json"],
        typer.Option("--output-format", help="Format of the settings.", rich_help_panel=options.OUTPUT),
    ] = "toml",
    color: options.Color = "auto",
    config: options.Config = None,
    isolated: options.Isolated = False,
    follow_links: options.FollowLinks = False,
) -> None:
    """Show every setting and where it comes from: file, line and column; option; variable; default.

    The output is itself a configuration file.
    """
    choose_colour(color)
    settings = find_settings(
        Request(paths=(folder,), config=tuple(config or ()), isolated=isolated, follow_links=follow_links)
    )
    running, off = _rules_of(settings)
    rows = [row for row in _rows(settings) if not (changed and row[2] == "default")]
    if output_format == "json":
        write(_as_json(settings, rows, running), exact=True)
    else:
        style = output_style()
        write(_as_toml(settings, rows, style))
        if changed:
            return
        told = f"# {len(running)} rules run; off: {', '.join(off) or 'none'}"
        write("\n" + "".join(style.paint("frame", line) + "\n" for line in _commented(told)))


@config.command(name="schema", cls=GroupedCommand)
def schema() -> None:
    """Print the JSON Schema of wikitools.toml, for editors and validators."""
    import json

    from wikitools.config import make_schema

    write(json.dumps(make_schema(), ensure_ascii=False, indent=2) + "\n", exact=True)


def _rules_of(settings: "Settings") -> tuple[list[str], list[str]]:
    """Return the ids of the rules that run, and of those that do not; ends the run if a name is unknown."""
    from wikitools.lint.policy import UnknownRuleError, select_rules
    from wikitools.lint.rule import load_rules
    from wikitools.project.prepare import policy_of

    rules = load_rules()
    try:
        running = [rule.id for rule in select_rules(policy_of(settings, None), rules)]
    except UnknownRuleError as error:
        fail(f"{settings.origin_of_rule(error.name)}: {error}", 'all rules: "wikitools explain"')
    return running, [name for name in rules if name not in set(running)]


def _commented(text: str) -> list[str]:
    """Return a text as lines of comments."""
    import textwrap

    return textwrap.wrap(text, 100, subsequent_indent="#   ", break_long_words=False, break_on_hyphens=False)


def _rows(settings: "Settings") -> "Iterator[tuple[Key, Any, str]]":
    from wikitools.config import TABLES, table_keys, top_keys

    for key in top_keys():
        if key.name not in TABLES:
            value = getattr(settings, key.name.replace("-", "_"))
            yield key, _plain(dict(value) if key.name in _TABLES else value), settings.origin(key.name)
    for table in TABLES:
        for key in table_keys(table):
            value = getattr(getattr(settings, table), key.name.removeprefix(f"{table}.").replace("-", "_"))
            yield key, _plain(value), settings.origin(key.name)


def _plain(value: Any) -> Any:
    """Return a value as data of JSON and TOML; of the settings of a host, those that differ from the default."""
    from dataclasses import fields

    from wikitools.config import HostSettings

    if isinstance(value, HostSettings):
        usual = HostSettings()
        pairs = ((each.name, getattr(value, each.name)) for each in fields(value))
        return {name: _plain(each) for name, each in pairs if each != getattr(usual, name)}
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _as_json(settings: "Settings", rows: "list[tuple[Key, Any, str]]", running: list[str]) -> str:
    from wikitools.report.json import dumps

    values = {key.name: {"value": value, "origin": origin} for key, value, origin in rows}
    data = {
        "version": 1,
        "root": str(settings.root),
        "files": [str(path) for path in settings.files],
        "settings": values,
        "rules": running,
    }
    return dumps(data, indent=2) + "\n"


_TABLES = frozenset({"severity", "per-file-ignores"})


def _as_toml(settings: "Settings", rows: "list[tuple[Key, Any, str]]", style: "Style") -> "Iterator[str]":
    from wikitools.config import TABLES
    from wikitools.report.screen import visible

    def said(text: str) -> str:
        return style.paint("frame", f"# {visible(text)}")

    yield said(f"wiki: {settings.root}") + "\n"
    yield said(f"configuration: {', '.join(map(str, settings.files)) or 'none'}") + "\n\n"
    # The settings of all files are shown together, so the result has no `extend`.
    plain = [row for row in rows if row[0].name not in {*_TABLES, "extend"} and "." not in row[0].name]
    lines = [(_assignment(key.name, value), origin) for key, value, origin in plain]
    yield from _aligned(lines, said)
    for key, value, origin in rows:
        if key.name in _TABLES:
            # An empty table would look as if nothing was set.
            header = f"[{key.name}]" if value else f"# [{key.name}]"
            yield f"\n{header}  {said(origin)}\n"
            yield from (f"{visible(_key(name))} = {visible(_toml(each))}\n" for name, each in value.items())
    for table in TABLES:
        lines = [
            (_assignment(key.name.removeprefix(f"{table}."), value), origin)
            for key, value, origin in rows
            if key.name.startswith(f"{table}.")
        ]
        if lines:
            yield f"\n[{table}]\n"
            yield from _aligned(lines, said)


_WIDEST = 50


def _aligned(lines: "list[tuple[str, str]]", said: Any) -> "Iterator[str]":
    from wikitools.report.screen import visible, width

    room = max((width(line) for line, _ in lines if width(line) <= _WIDEST), default=0)
    for line, origin in lines:
        yield f"{visible(line)}{' ' * max(room - width(line), 0)}  {said(origin)}\n"


def _assignment(name: str, value: Any) -> str:
    # TOML cannot say that a value is not set.
    return f"# {name}: not set" if value is None else f"{name} = {_toml(value)}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)


def _toml(value: Any) -> str:
    from wikitools.cli.init import toml

    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(name)} = {_toml(each)}" for name, each in value.items()) + "}"
    if isinstance(value, str):
        return toml(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
