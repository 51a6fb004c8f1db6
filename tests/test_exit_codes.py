"""The exit codes, as one table: every command in every situation, and every output format wherever something is shown.

A format can only matter where a report is written. What is refused before that is tried in all formats of `lint`, and
in one of the other commands.
"""

from __future__ import annotations

import shutil
import signal
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from wikitools.cli import app, lint
from wikitools.lint import run as engine
from wikitools.lint.rule import load_rules
from wikitools.project import checking, loading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BIBLIOGRAPHY = """\
@article{hubinger2019, author = {Hubinger, Evan}, title = {Risks}, year = {2019}, journal = {J},
  url = {https://example.org/risks}}
@article{shah2023, author = {Shah, Rohin}, title = {Goals}, year = {2023}, journal = {J},
  url = {https://example.org/goals}}
"""
CLEAN = {
    "wikitools.toml": 'bibliography = ["refs.bib"]\n',
    "refs.bib": BIBLIOGRAPHY,
    "main.md": "# Main\n\nSee [[other]].\n",
    "other.md": "# Other\n\nSee [[main]] (Hubinger 2019; Shah 2023).\n",
}
FINDINGS = {
    **CLEAN,
    "main.md": "# Main\n\nSee [[Othr]] and (Nobody 1999).\n\n## Sources cited\n\n<!-- wikitools:sources -->\n"
    "<!-- /wikitools:sources -->\n\n(Shah 2023)\n",
    "refs.bib": BIBLIOGRAPHY + "@article{shah2023, title = {Twice}, year = {20x3}}\n",
}


@dataclass(frozen=True)
class Command:
    """A command, how it is called when there is nothing wrong, and what it says when there are findings."""

    words: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    found: int = 0
    """The exit code on the wiki with findings."""
    clean: int = 0
    path: bool = True
    """Whether it takes paths of the wiki."""
    reads: bool = True
    """Whether it reads the wiki (or, at least, its configuration)."""
    rules: bool = False
    """Whether it runs rules."""
    configured: bool = True
    """Whether it reads the configuration."""
    formats: bool = True
    """Whether it is shown in every format; else in the first, because formats play no part (or only text has it)."""


COMMANDS = (
    Command(("lint",), found=1, rules=True),
    Command(("lint",), ("--fix",), found=1, rules=True),
    Command(("lint",), ("--diff",), found=1, rules=True, formats=False),
    Command(("lint",), ("--statistics",), found=1, rules=True, formats=False),
    Command(("lint",), ("--exit-zero",), rules=True),
    Command(("lint",), ("--fail-on", "never"), rules=True, formats=False),
    Command(("backfill",), ("--check",), found=1),
    Command(("backfill",), ("--diff",), found=1),
    Command(("backfill",)),
    Command(("cite",)),
    Command(("links",), ("main.md",), path=False),
    Command(("graph",), path=False),
    Command(("report",), ("-o", "report.html"), path=False, rules=True),
    Command(("urls",), ("--offline",), formats=False),
    Command(("bib", "check"), found=1, rules=True),
    Command(("bib", "list")),
    Command(("rename",), ("main", "Start", "--diff"), found=1, clean=1, path=False),
    Command(("baseline", "create"), path=False, rules=True),
    Command(("baseline", "update"), ("known.json", "--check"), found=1, path=False, rules=True),
    Command(("baseline", "prune"), ("known.json", "--check"), path=False, rules=True),
    Command(("baseline", "show"), ("known.json",), path=False, rules=True),
    Command(("explain",), path=False, reads=False, configured=False),
    Command(("config", "show"), reads=False),
    Command(("config", "schema"), path=False, reads=False, configured=False),
    Command(("completions",), ("bash",), path=False, reads=False, configured=False),
    Command(("init",), ("--dry-run",), configured=False),
    Command(("cache", "dir"), reads=False),
    Command(("cache", "clean"), reads=False),
)
"""Whoever adds a command adds a line; `test_every_command_is_in_the_table` asks for it."""


def _parameters(words: tuple[str, ...]) -> list[Any]:
    command: Any = app.tree()
    for word in words:
        command = command.commands[word]
    return list(command.params)


def formats(command: Command) -> list[tuple[str, ...]]:
    """Return the options for each output format that a command offers: a new format joins by itself."""
    for parameter in _parameters(command.words):
        if "--output-format" in parameter.opts:
            choices = getattr(parameter.type, "choices", None)
            if choices and command.formats:
                return [("--output-format", str(getattr(choice, "value", choice))) for choice in choices]
    return [()]


def _calls(*, shown: bool) -> Any:
    return pytest.mark.parametrize(
        ("command", "choice"),
        [
            pytest.param(command, choice, id=" ".join((*command.words, *command.arguments, *choice[1:])))
            for command in COMMANDS
            for choice in formats(command)[: None if shown or command == LINT else 1]
        ],
    )


LINT = COMMANDS[0]
every_call = _calls(shown=False)
every_report = _calls(shown=True)


def test_every_command_is_in_the_table() -> None:
    def names(group: Any, before: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()
        for name, each in group.commands.items():
            found |= names(each, (*before, name)) if hasattr(each, "commands") else {(*before, name)}
        return found

    assert names(app.tree()) - {command.words for command in COMMANDS} <= ELSEWHERE


ELSEWHERE: set[tuple[str, ...]] = {("cache", "dir"), ("cache", "clean"), ("bib", "add"), ("bib", "verify"), ("lsp",)}
"""Commands whose exit codes other tests look at, because they need more than a wiki."""


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Call = "Callable[..., Ended]"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for one wiki after the other, and their cache: to lay new ones would take most of the time."""
    return tmp_path_factory.mktemp("codes")


@pytest.fixture
def write(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, str]], Path]]:
    root = place / "wiki"
    root.mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setenv("WIKITOOLS_CACHE_DIR", str(place / "cache"))

    def written(files: dict[str, str]) -> Path:
        for name, text in files.items():
            (root / name).write_text(text)
        (root / "known.json").write_text('{"version": 1, "findings": []}\n')
        return root

    yield written
    shutil.rmtree(root)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    def called(command: Command, choice: tuple[str, ...], *more: str) -> Ended:
        code = app.run([*command.words, *command.arguments, *choice, *more])
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return called


def refused(ended: Ended, said: str) -> None:
    """Check that a run ended with 2, one line on standard error, and nothing on standard output."""
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: ")
    assert ended.err.count("\n") == 1
    assert said in ended.err


@every_report
def test_clean(write: Any, call: Call, command: Command, choice: tuple[str, ...]) -> None:
    write(CLEAN)
    ended = call(command, choice)
    assert (ended.code, "error" in ended.err) == (command.clean, False)


@every_report
def test_findings(write: Any, call: Call, command: Command, choice: tuple[str, ...]) -> None:
    write(FINDINGS)
    ended = call(command, choice)
    assert ended.code == command.found, ended


@every_call
def test_missing_path(write: Any, call: Call, command: Command, choice: tuple[str, ...]) -> None:
    write(CLEAN)
    if not command.path:
        pytest.skip("it takes no paths")
    refused(call(command, choice, "mian.md"), "mian.md: no such f")


@every_call
def test_unknown_option(write: Any, call: Call, command: Command, choice: tuple[str, ...]) -> None:
    write(CLEAN)
    ended = call(command, choice, "--hlp")
    refused(ended, "no such option: --hlp; did you mean")
    assert f'see "wikitools {" ".join(command.words)} --help"' in ended.err


@every_call
@pytest.mark.parametrize(
    "mistake",
    [
        ('engin = "obsidian"\n', 'wikitools.toml:1:1: unknown key "engin"; did you mean "engine"?'),
        ('engine = "obsidan"\n', 'wikitools.toml:1:1: "engine" must be one of'),
        ("engine = \n", "wikitools.toml:1:10: invalid value"),
        ('required-version = ">=999"\n', "wikitools.toml:1:1: this configuration is for wikitools >=999"),
        ('extend = "no.toml"\n', 'wikitools.toml:1:1: "extend": '),
    ],
)
def test_bad_configuration(
    write: Any, call: Call, command: Command, choice: tuple[str, ...], mistake: tuple[str, str]
) -> None:
    line, said = mistake
    write({**CLEAN, "wikitools.toml": line})
    if not command.configured:
        assert call(command, choice).code == command.clean
        return
    refused(call(command, choice), said)


@every_call
def test_unknown_rule(write: Any, call: Call, command: Command, choice: tuple[str, ...]) -> None:
    write({**CLEAN, "wikitools.toml": 'bibliography = ["refs.bib"]\nignore = ["brokn-wikilink"]\n'})
    # `bib check` selects its own group, which drops the file's `ignore`.
    if (command.rules and command.words != ("bib", "check")) or command.words in {("backfill",), ("config", "show")}:
        said = 'wikitools.toml:2:11: no rule or group is named "brokn-wikilink"; did you mean "broken-wikilink"?'
        refused(call(command, choice), said)
    else:
        assert call(command, choice).code == command.clean


@every_call
def test_unreadable_bibliography(write: Any, call: Call, command: Command, choice: tuple[str, ...]) -> None:
    write({**CLEAN, "wikitools.toml": 'bibliography = ["no.bib"]\n'})
    if command.reads and command.configured:
        refused(call(command, choice), "no.bib: no such bibliography")


@every_call
def test_no_pages(write: Any, call: Call, command: Command, choice: tuple[str, ...]) -> None:
    write({"wikitools.toml": ""})
    ended = call(command, choice)
    if command.words in {("rename",), ("links",)}:
        # They are about a page, and there is no page.
        assert (ended.code, ended.out) == (2, "")
        return
    assert ended.code == 0, ended
    if command.reads and command.configured:
        assert "warning: no pages" in ended.err


@every_report
def test_a_rule_that_fails(  # noqa: PLR0917  # fixtures; nobody passes them by position
    write: Any,
    call: Call,
    command: Command,
    choice: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A bug in one rule: what the others found is reported, the bug is one line, and nothing passes for clean."""
    write(CLEAN)
    if not command.rules:
        pytest.skip("it runs no rules")

    def fails(*_: Any) -> Any:
        raise RuntimeError("boom")

    # What these rules found is in the cache.
    monkeypatch.setenv("WIKITOOLS_CACHE_DIR", str(tmp_path))
    rules = {name: replace(rule, check=fails) for name, rule in load_rules().items()}
    for module in (engine, __import__("wikitools.lint.fix.fixing", fromlist=["x"])):
        monkeypatch.setattr(module, "load_rules", lambda: rules)
    ended = call(command, choice)
    assert ended.code == 2
    assert "failed" in ended.err
    assert "please report it" in ended.err
    assert "Traceback" not in ended.err + ended.out


def _replace_reading(monkeypatch: pytest.MonkeyPatch, reading: Any) -> None:
    """Replace the function with which each command starts to read the wiki by `reading`."""
    monkeypatch.setattr(checking, "check", reading)
    monkeypatch.setattr(checking, "open_workspace", reading)
    monkeypatch.setattr(loading, "load_wiki", reading)


@every_call
def test_an_internal_error(
    write: Any, call: Call, command: Command, choice: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(CLEAN)
    if not command.reads:
        pytest.skip("it does not read the wiki")

    def fails(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("boom")

    _replace_reading(monkeypatch, fails)
    refused(call(command, choice), "a bug in wikitools")


@every_call
def test_interrupted(
    write: Any, call: Call, command: Command, choice: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write(FINDINGS)
    if not command.reads:
        pytest.skip("it does not read the wiki")
    before = contents(root)

    def interrupts(*_: Any, **__: Any) -> Any:
        signal.raise_signal(signal.SIGINT)

    _replace_reading(monkeypatch, interrupts)
    ended = call(command, choice)
    assert (ended.code, ended.out, ended.err) == (130, "", "error: interrupted\n")
    assert contents(root) == before


def contents(root: Path) -> dict[str, str]:
    """Return the texts of the wiki's files."""
    return {path.name: path.read_text() for path in root.iterdir()}


def test_the_code_depends_on_severity_alone() -> None:
    for fail_on, codes in {"any": (1, 1, 1), "warning": (1, 1, 0), "error": (1, 0, 0), "never": (0, 0, 0)}.items():
        for severity, code in zip(("error", "warning", "info"), codes, strict=True):
            found: Any = (type("Found", (), {"severity": severity})(),)
            assert lint.exit_code(found, fail_on) == code
