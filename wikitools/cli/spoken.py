"""Names of commands and options in other programs, which people may try first."""

from __future__ import annotations

_COMMANDS = {"check": "lint", "completion": "completions"}
"""The names of other programs for commands."""


def understood(arguments: list[str], commands: tuple[str, ...]) -> list[str]:
    """Return the arguments with the names that wikitools has.

    >>> understood(["check", "wiki"], ("lint",)), understood(["help", "lint"], ("lint",)), understood(["-V"], ())
    (['lint', 'wiki'], ['lint', '--help'], ['--version'])
    """
    match arguments:
        case ["help", *rest] if all(not each.startswith("-") for each in rest):
            return [*(_COMMANDS.get(each, each) for each in rest), "--help"]
        case ["-V" | "version"]:
            return ["--version"]
        case [first, *rest] if first in _COMMANDS and first not in commands:
            return [_COMMANDS[first], *rest]
    return arguments


_MEANT = {
    "--severity": "--min-severity reports only findings as severe as that; [severity] in wikitools.toml sets a rule's",
    "--format": "--output-format sets the format of the findings",
    "--json": "--output-format json",
    "--sarif": "--output-format sarif, or -o FILE.sarif",
    "--disable": "--ignore turns rules off",
    "--enable": "--extend-select runs more rules",
    "--write": "--fix writes repairs",
    "--check": "lint only reports; --diff shows what --fix would change",
    "--ignore-path": "--exclude excludes files",
    "--recursive": "the whole wiki is always read",
}


def meant(option: str) -> str:
    """Return what to use instead of another program's option; "" if it is unknown."""
    return _MEANT.get(option, "")
