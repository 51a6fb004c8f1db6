"""`wikitools lsp`: the language server for editors."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from wikitools.cli import options
from wikitools.cli.request import Request
from wikitools.cli.terminal import fail
from wikitools.project.workers import collect_as_usual

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wikitools.config import Settings
    from wikitools.lint.facts import Facts
    from wikitools.report.wanted import Wanted
    from wikitools.web.unlisted_works import Looked

NoNavigation = Annotated[
    bool,
    typer.Option(
        "--no-navigation",
        help="Leave links and headings to another server: only findings, repairs and citations.",
        rich_help_panel=options.RUN,
    ),
]


def lsp(asked: Request, no_navigation: NoNavigation = False) -> None:
    """Serve an editor: findings, repairs, citations and links while you write.

    Editors start it and talk to it over standard input and output; docs/editors.md has recipes. It needs the extra
    "lsp": pip install "wikitools-md[lsp]".
    """
    try:
        from wikitools.lsp.protocol import serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"pygls", "lsprotocol"}:
            raise
        fail("lsp needs the package pygls", 'pip install "wikitools-md[lsp]"')
    from wikitools.lsp.homes import Options

    if asked.index == "git":
        fail("lsp reads the files in the folder", "--index git is for other commands")
    collect_as_usual()
    code = serve(
        Options(
            config=asked.config,
            isolated=asked.isolated,
            follow_links=asked.follow_links,
            jobs=asked.jobs,
            cache=asked.cache,
            cache_dir=asked.cache_dir,
            settings=asked.options,
            navigation=not no_navigation,
            look_up=partial(_question, asked),
        )
    )
    raise typer.Exit(code)


def _question(
    asked: Request, settings: "Settings", facts: "Facts", groups: "Sequence[Wanted]"
) -> "Callable[[], Looked]":
    """Return what asks services about works, once the user says so."""
    from wikitools.cli.cite_lookup import question_apart

    return partial(question_apart(facts, groups), replace(asked, progress=False), settings)
