"""Names of commands and options in other programs, which people may try first."""

from __future__ import annotations

_COMMANDS = {"check": "lint", "completion": "completions"}
"""The names of other programs for commands."""

SPOKEN = (*_COMMANDS, "help", "version")
"""Words that are understood in place of a command, besides the commands themselves."""

_OTHER_WAYS = {
    "fix": "lint --fix makes repairs",
    "format": "lint --fix makes repairs; wikitools formats nothing",
    "unmatched": "cite --unmatched lists the works that the bibliography lacks",
    "sources": "backfill writes the lists of sources, bib list shows the bibliography",
    "watch": "lint --watch checks after every save",
    "serve": "lsp is the server for editors, report writes a page for browsers",
    "html": "report -o FILE.html writes a page for browsers",
    "add": "bib add adds works",
    "ignore": "lint --add-ignore writes comments that silence what is found",
    "search": "cite and links say what a citation or a link means",
    "baseline add": "baseline update adds the current findings",
    "baseline list": "baseline show lists the entries",
    "baseline remove": "baseline prune removes what is no longer found",
    "bib fix": "bib verify --fix repairs entries",
    "bib import": "bib add adds works",
    "bib find": 'cite "NAME YEAR" says which sources fit',
    "config get": "config show prints each setting",
    "config list": "config show prints each setting",
    "config set": "edit wikitools.toml, or give --config KEY=VALUE to one run",
    "config init": "init writes a configuration",
}
"""What does the job of commands that other programs have."""


def other_way(command: str) -> str:
    """Return what to type instead of a command that does not exist: "fix", "config set"; "" if that is unknown."""
    from wikitools.config.keys import top_keys

    if command in {f"config {key.name}" for key in top_keys()}:
        return _OTHER_WAYS["config get"]
    return _OTHER_WAYS.get(command, "")


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
    "-f": "--output-format sets the format of the findings",
    "--output": "--output-format sets the format, -o FILE writes to a file",
    "--out": "--output-file or -o",
    "graph -o": "the graph is printed; > FILE writes it to a file",
    "--engine": "--config engine=NAME sets it for one run",
    "init --engine": "init tries them all; wikitools.toml, which it writes, has the line to change",
    "--timeout": "--config web.timeout=SECONDS sets it for one run",
    "lsp --port": "the server speaks on standard input and output",
    "--no-color": "--color never",
    "--json": "--output-format json",
    "--sarif": "--output-format sarif, or -o FILE.sarif",
    "--disable": "--ignore turns rules off",
    "--enable": "--extend-select runs more rules",
    "--write": "--fix writes repairs",
    "--check": "lint only reports; --diff shows what --fix would change",
    "--ignore-path": "--exclude excludes files",
    "--dry-run": "--diff shows what would be written",
    "--dryrun": "--dry-run writes nothing",
    "--recursive": "the whole wiki is always read",
}


def meant(option: str, command: str = "") -> str:
    """Return what to use instead of another program's option, perhaps only at this command; "" if it is unknown."""
    return _MEANT.get(f"{command} {option}") or _MEANT.get(option, "")
