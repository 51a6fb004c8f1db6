"""The examples in the help of each command: they are typed here as a reader would."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from wikitools.cli.app import tree
from wikitools.cli.examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Call

BIBLIOGRAPHY = """\
@article{hubinger2019, author = {Hubinger, Evan}, title = {Risks}, year = {2019}}
@article{shah2023, author = {Shah, Rohin}, title = {Goals}, year = {2023}}
"""
PAGES = {
    "kelp.md": "# Kelp\n\nIt grows (Hubinger 2019).\n\n## Growth\n\nFast.\n",
    "notes/kelp.md": "# Notes on kelp\n\nSee [[kelp#Growth]], (Shah 2023) and (Nobody 2020).\n",
    "page.md": "# Page\n\n[[notes/kelp]], (Hubinger 2019), [[Gone]].\n",
    "references.bib": BIBLIOGRAPHY,
}
ELSEWHERE = ("urls", "bib add", "bib verify", "lsp", "cite --ambiguous --fix", "report -o report.html --")
"""What asks the web, a terminal or an editor, or needs a report or a look-up of another day; here it is only parsed."""


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, each in group.commands.items():
        if hasattr(each, "commands"):
            yield from commands(each, f"{before}{name} ")
        else:
            yield before + name, each


COMMANDS = dict(commands(tree()))
TYPED = [(name, example.typed) for name, examples in EXAMPLES.items() for example in examples]


def test_each_command_has_examples() -> None:
    assert EXAMPLES.keys() == COMMANDS.keys()
    assert all(EXAMPLES.values())


@pytest.mark.parametrize(("name", "typed"), TYPED)
def test_an_example_is_understood(name: str, typed: str) -> None:
    assert typed == name or typed.startswith(f"{name} ")
    assert len(f"  wikitools {typed}") <= 80
    COMMANDS[name].make_context(name, shlex.split(typed)[len(name.split()) :])


@pytest.mark.parametrize("typed", [typed for _name, typed in TYPED if not typed.startswith(ELSEWHERE)])
def test_an_example_runs(typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    for name, text in PAGES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    if "--new-since" in typed:
        if shutil.which("git") is None:
            pytest.skip("needs git")
        for arguments in ("init -q -b main", "add -A", "-c user.name=A -c user.email=a@b commit -qm x"):
            subprocess.run(("git", *arguments.split()), check=True)
    if typed.startswith(("baseline", "config")) and typed != "baseline create":
        call("baseline", "create")
    if typed.startswith("rename"):
        (tmp_path / ("kelp.md" if "notes" in typed else "notes/kelp.md")).unlink()
    code, out, err = call(*shlex.split(typed))
    assert (code, err.count("error: ")) in ((0, 0), (1, 0)), err
    assert out or err


def test_help_ends_with_the_examples(call: Call) -> None:
    _code, out, _err = call("cite", "--help")
    assert out.endswith(
        '\n  # what one citation means, and where it stands\n  wikitools cite "Hubinger 2019"\n'
        "  # the works that the bibliography lacks\n  wikitools cite --unmatched\n"
        "  # settle citations that fit several sources\n  wikitools cite --ambiguous --fix\n"
    )
