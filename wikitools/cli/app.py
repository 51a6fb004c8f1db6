"""The whole command line: its commands, and how every run ends."""

# Typer reads the annotations when the program runs, so they are not postponed here.

import errno
import functools
import importlib
import os
import re
import traceback
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from wikitools import __version__, interrupts
from wikitools.cli import recording
from wikitools.cli.cleanup import at_end
from wikitools.cli.help import GroupedCommand
from wikitools.cli.request import reads_wiki
from wikitools.cli.run_rules import debugging
from wikitools.cli.spoken import SPOKEN, meant, other_way, understood
from wikitools.cli.terminal import close, complain, note, prepare, unwritable, write

_ON_WIKI = ("lint", "backfill", "cite", "rename", "links", "graph", "report", "urls", "lsp")
_COMMANDS = (*_ON_WIKI, "explain", "init", "completions")
_GROUPS = ("baseline", "bib", "cache", "config")
"""Commands that have subcommands."""


def _version(asked: bool) -> None:
    if asked:
        write(f"wikitools {__version__}\n")
        raise typer.Exit


def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; no exception ever leaves this function."""
    prepare()
    recording.begin(arguments)
    failure: Exception | None = None
    lost: OSError | None = None
    code = 2
    try:
        code = _run(arguments)
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001  # the last resort: a bug is one line, not a page
        if isinstance(error, KeyboardInterrupt) or interrupts.came():
            # Some code in between may turn the interrupt into another error.
            complain("interrupted")
            code = interrupts.exit_code()
        elif isinstance(error, OSError) and error.filename is None and error.errno in _NO_ROOM:
            # Errors about files have their names; this one comes from a stream, to which typer writes its help.
            lost = error
        else:
            failure = error
    at_end.close()
    # The end of the output is written only here.
    lost = close() or lost
    if lost is not None:
        complain(unwritable(lost))
        code = 2
    if failure is not None:
        code = _explain_failure(failure)
    close()
    recording.finish(code)
    return code


_NO_ROOM = frozenset({errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EBADF, getattr(errno, "EDQUOT", errno.ENOSPC)})


@functools.cache
def tree(*names: str) -> Any:
    """Return commands, all of them or those with these names, as typer runs them.

    Building all of them takes 15 ms, and they never change.
    """
    app = typer.Typer(
        name="wikitools",
        help='Citations, links and the "Sources cited" block of Markdown wikis: find, match, lint and regenerate.',
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
    )
    app.callback()(_main)
    for name in names or (*_COMMANDS, *_GROUPS):
        found = _find(name)
        if name in _GROUPS:
            app.add_typer(found, name=name)
        else:
            app.command(cls=GroupedCommand)(reads_wiki(found) if name in _ON_WIKI else found)
    return typer.main.get_command(app)


def _find(name: str) -> Any:
    """Return the command, or group of commands, of this name; it is in the module of that name."""
    return getattr(importlib.import_module(f"wikitools.cli.{name}"), name)


def _run(arguments: list[str]) -> int:
    arguments = understood(arguments, (*_COMMANDS, *_GROUPS))
    # A run needs one command; the others are not even imported.
    asked = arguments[:1] if arguments[:1] and arguments[0] in (*_COMMANDS, *_GROUPS) else ()
    try:
        ended = tree(*asked).main(list(_with_values(arguments)), prog_name="wikitools", standalone_mode=False)
    except typer.Abort:
        ended = _INTERRUPTED
    except _USAGE_ERROR as error:
        _explain_usage(error, arguments)
        return 2
    if ended == _INTERRUPTED:
        # Typer has caught the interrupt and prints nothing.
        raise KeyboardInterrupt
    return ended if isinstance(ended, int) else 0


_INTERRUPTED = 130
"""The exit code that typer gives to every interrupt."""


_VALUE_IS_OPTIONAL = frozenset({"--add-ignore"})


def _with_values(arguments: list[str]) -> Iterator[str]:
    """Yield the arguments, with an empty value for options whose value may be omitted: typer does not support them."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    for place, argument in enumerate(arguments):
        yield f"{argument}=" if argument in _VALUE_IS_OPTIONAL and place < end else argument


# Typer brings its own copy of click since 0.26 and needs the other one before; either way this is its usage error.
_USAGE_ERROR: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "UsageError")


def _explain_usage(error: Any, arguments: list[str]) -> None:
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        note(str(error.format_message()))
        return
    command = _command_of(arguments)
    if kind == "NoSuchOption":
        message = f"no such option: {_near_option(error, arguments, command)}"
    else:
        words = _QUOTED.sub(r'"\1"', " ".join(str(error.format_message()).split()).rstrip("."))
        words = words.replace(". Did you mean", "; did you mean").replace("not a valid int range", "not a whole number")
        if variable := _variable(error):
            words = f"{variable}: {words.partition(': ')[2]}"
        else:
            words = words[:1].lower() + words[1:]
        message = words + _near_choice(error)
        if missing := _NO_COMMAND.match(words):
            message = f'no such command "{missing[1]}"{_near_command(missing[1], command)}'
        if kind == "MissingParameter" and words.startswith("missing option"):
            message += f": wikitools {command} {error.param.opts[-1]} {error.param.metavar or 'VALUE'}"
        if "unexpected extra argument" in words:
            message += "; a name with blanks needs quotes"
    complain(message, f'see "{" ".join(("wikitools", command)).strip()} --help"')


def _near_option(error: Any, arguments: list[str], command: str) -> str:
    """Return the option that does not exist, and which one was probably meant, here or at another command."""
    option = error.option_name
    own = set(_options(error.ctx.command)) if error.ctx is not None else set()
    if not option.startswith("--"):
        # One dash begins letters that are each an option: "-fix".
        option = next((each for each in arguments if each.startswith(option) and f"-{each}" in own), option)
        if f"-{option}" in own:
            return f"{option}; did you mean -{option}?"
    known = meant(option, command)
    if known and (not known.startswith("--") or not own or known.split()[0] in own):
        return f"{option}; {known}"
    others = [name for name, each in _all_commands(tree()) if option in _options(each)]
    # Those of the same group first: "bib verify --fix" for "bib check --fix".
    group = command.partition(" ")[0]
    others.sort(key=lambda name: name.partition(" ")[0] != group)
    later = next((each for each in arguments if each in (*_COMMANDS, *_GROUPS)), "")
    if others and not command and later:
        return f"{option}; options come after the command: wikitools {later} {option} …"
    if others and option not in own:
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        return f"{option}; it belongs to {', '.join(others[:_NAMED])}{more}"
    return str(option) + _did_you_mean(option, error.possibilities, 70.0)


_NAMED = 3
"""How many commands a message names."""


def _options(command: Any) -> Iterator[str]:
    for parameter in command.params:
        yield from (each for each in (*parameter.opts, *parameter.secondary_opts) if each.startswith("-"))


def _all_commands(group: Any, start: str = "") -> Iterator[tuple[str, Any]]:
    for name, each in group.commands.items():
        if hasattr(each, "commands"):
            yield from _all_commands(each, f"{start}{name} ")
        else:
            yield f"{start}{name}", each


_NO_COMMAND = re.compile(r'no such command "(.*?)"')


def _near_command(word: str, group: str) -> str:
    """Return which command was probably meant, or what does its job; `group` is "" for a command of its own."""
    if known := other_way(f"{group} {word}".strip()):
        return f"; {known}"
    if not group and os.path.lexists(word):
        return f'; "wikitools lint {word}" checks it'
    names = [each.name for each in _find(group).registered_commands] if group else (*_COMMANDS, *_GROUPS, *SPOKEN)
    return _did_you_mean(word, names, cutoff=60.0, quote='"')


# Typer quotes arguments and its own names in a way that no other message of wikitools does.
_QUOTED = re.compile(r"'([^']*)'")


def _variable(error: Any) -> str:
    """Return the environment variable with the wrong value; "" if the value is from the command line."""
    name = getattr(getattr(error, "param", None), "envvar", None)
    if not isinstance(name, str) or getattr(error, "ctx", None) is None:
        return ""
    source = error.ctx.get_parameter_source(error.param.name)
    return name if getattr(source, "name", "") == "ENVIRONMENT" else ""


def _near_choice(error: Any) -> str:
    """Return which of an option's choices was probably meant; "" if the error is about something else."""
    choices = getattr(getattr(getattr(error, "param", None), "type", None), "choices", ())
    written = re.match(r"'(.*)' is not one of ", str(getattr(error, "message", "")))
    return _did_you_mean(written[1], choices, cutoff=60.0, quote='"') if written and choices else ""


def _command_of(arguments: list[str]) -> str:
    """Return the command in the arguments, with its group: "lint", "bib list"; "" if there is none."""
    name = next((each for each in arguments[:1] if each in _COMMANDS or each in _GROUPS), "")
    known = {each.name for each in _find(name).registered_commands} if name in _GROUPS else set()
    return " ".join((name, *(each for each in arguments[1:2] if each in known)))


def _did_you_mean(word: str, known: Any, cutoff: float = 0.0, quote: str = "") -> str:
    from rapidfuzz.distance import OSA

    from wikitools.wiki.resolution import nearest

    # Two letters swapped are one slip, and it is seldom the first letter: "lnit" is "lint", not "init".
    found = sorted(
        nearest(word, tuple(known or ()), cutoff=cutoff),
        key=lambda each: (OSA.distance(word, each), each[0] != word[0]),
    )
    return f"; did you mean {quote}{found[0]}{quote}?" if found else ""


def _explain_failure(error: Exception) -> int:
    """Print why a run failed: a file, or the machine lacks something, or else wikitools has a bug."""
    from wikitools.files import FileError
    from wikitools.project.workers import WorkerError

    if isinstance(error, FileError):
        complain(str(error), error.hint)
        return 2
    if isinstance(error, WorkerError):
        complain(str(error))
        return 2
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in _TOO_LITTLE):
        complain(f"the machine has too little for this run: {str(error) or 'memory'}", "--jobs 1 needs less")
        return 2
    return _bug(error)


_TOO_LITTLE = frozenset({errno.ENOMEM, errno.EMFILE, errno.ENFILE})


def _bug(error: Exception) -> int:
    if debugging():
        note("".join(traceback.format_exception(error)).rstrip())
    else:
        place = traceback.extract_tb(error.__traceback__)[-1]
        words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        where = f"{place.filename.rpartition('/')[2]}:{place.lineno}"
        hint = "please report it; WIKITOOLS_DEBUG=1 shows the traceback"
        complain(f"a bug in wikitools {__version__}: {words} ({where})", hint)
    return 2
