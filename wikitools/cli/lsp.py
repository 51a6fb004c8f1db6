"""`wikitools lsp`: the language server for editors."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from typing import Annotated

import typer

from wikitools.cli import options
from wikitools.cli.request import Request
from wikitools.cli.terminal import fail
from wikitools.project.workers import collect_as_usual

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
        )
    )
    raise typer.Exit(code)
